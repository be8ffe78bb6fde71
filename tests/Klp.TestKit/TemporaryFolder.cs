namespace Klp.TestKit;

/// <summary>A folder of its own for one test, gone with it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly string _outer = Directory.CreateTempSubdirectory("klp-test-").FullName;

    /// <param name="name">The folder's own name, for tests of paths with spaces, <c>;</c>, <c>%</c> or non-ASCII letters.</param>
    public TemporaryFolder(string name = "t")
    {
        Path = System.IO.Path.Combine(_outer, name);
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    /// <summary>Absolute path of something in the folder.</summary>
    public string Combine(params IEnumerable<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a text file and returns its absolute path.</summary>
    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>Writes bytes and returns the file's absolute path.</summary>
    public string Write(string name, byte[] content)
    {
        var path = Combine(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_outer, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A leftover in the temporary folder harms nobody.
        }
    }
}
