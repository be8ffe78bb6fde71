namespace Klp.TestKit;

/// <summary>Which run of the tests this is: the ordinary one, or the whole one (<c>eng/test.sh --all</c>, <c>KLP_ALL=1</c>), which has what takes long.</summary>
public static class Tier
{
    private static readonly Lock s_lock = new();

    /// <summary>True in the whole run.</summary>
    public static bool IsWhole { get; } = Environment.GetEnvironmentVariable("KLP_ALL") == "1";

    /// <summary>Where the ordinary run notes what it left out, a line each; <c>eng/test.sh</c> prints it at the end.</summary>
    public static string LeftOutFile => Repository.Combine("artifacts", "test-results", "left-out.txt");

    /// <summary>Whether this run has <paramref name="what"/>; where not, that is noted.</summary>
    public static bool Includes(string what)
    {
        if (!IsWhole)
        {
            lock (s_lock)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(LeftOutFile)!);
                File.AppendAllText(LeftOutFile, what + "\n");
            }
        }

        return IsWhole;
    }
}
