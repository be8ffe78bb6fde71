namespace Klp.TestKit;

/// <summary>A fresh folder that is deleted with everything in it when the test ends.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <param name="name">A part of the folder's name, for tests of paths with spaces, <c>;</c>, <c>%</c> or non-ASCII letters.</param>
    public TemporaryFolder(string name = "t")
    {
        Path = System.IO.Path.Combine(Directory.CreateTempSubdirectory("klp-").FullName, name);
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    /// <summary>Absolute path of something in the folder.</summary>
    public string Combine(params IEnumerable<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a text file, creating its folders; returns its absolute path.</summary>
    public string Write(string name, string text)
    {
        var path = Combine(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(System.IO.Path.GetDirectoryName(Path)!, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A child that still writes is the test's own failure to report; a leftover in the temp folder is not.
        }
    }
}
