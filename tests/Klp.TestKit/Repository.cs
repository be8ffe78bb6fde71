namespace Klp.TestKit;

/// <summary>Where the repository under test is: the folder above the test's assembly that holds <c>Klp.Build.sln</c>.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    public static string Combine(params IEnumerable<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Klp.Build.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"Klp.Build.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
