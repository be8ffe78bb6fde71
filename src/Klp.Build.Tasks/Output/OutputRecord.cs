using Klp.Base;

namespace Klp.Build.Tasks;

/// <summary>
/// The list of files a project wrote outside its <c>obj</c> folder, kept in it (<c>&lt;project&gt;.files</c>): what Clean removes, even after the
/// project's paths have changed. First line: the kernel's release; then one path a line, relative to the project where it lies below it.
/// </summary>
internal static class OutputRecord
{
    public const string Extension = ".files";

    public static string PathOf(string objectsDirectory, string projectName) => Path.Combine(objectsDirectory, projectName + Extension);

    /// <summary>Adds files to the record, before they are written: a build that is killed is cleaned all the same.</summary>
    public static void Add(string recordFile, string release, string projectDirectory, IEnumerable<string> files, DiagnosticBag diagnostics)
    {
        var known = Read(recordFile, projectDirectory);
        var all = known.Files.Concat(files.Where(f => f.Length > 0)).Distinct(StringComparer.Ordinal).Select(f => Path.GetRelativePath(projectDirectory, f));
        SafeFile.WriteText(recordFile, string.Join('\n', all.Order(StringComparer.Ordinal).Prepend(release)) + "\n", diagnostics);
    }

    /// <summary>The release and the absolute paths in a record; a missing or unreadable one is empty.</summary>
    public static (string Release, IReadOnlyList<string> Files) Read(string recordFile, string projectDirectory)
    {
        try
        {
            var lines = File.ReadAllLines(recordFile);
            return lines.Length == 0 ? ("", []) : (lines[0], [.. lines.Skip(1).Where(l => l.Length > 0).Select(l => Path.GetFullPath(l, projectDirectory))]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ("", []);
        }
    }
}
