using Klp.Base;

namespace Klp.Build.Tasks;

/// <summary>
/// Removes one kernel's files of one project. The <c>obj</c> folder goes as a whole only where it is certain to be ours alone: it is called after the
/// kernel, holds our record and nobody else's, and is neither the project's folder nor one above it.
/// </summary>
internal static class Cleaner
{
    public static void Clean(string folder, string recordFile, string projectName, string projectDirectory, DiagnosticBag diagnostics)
    {
        var (release, files) = OutputRecord.Read(recordFile, projectDirectory);
        var said = new DiagnosticBag();
        foreach (var file in files)
        {
            Delete(file, said);
            DeleteLeftovers(file, said);
            RemoveEmpty(Path.GetDirectoryName(file)!, projectDirectory, release, projectName, "publish");
        }

        var isOurs = IsOurs(folder, release, recordFile, projectDirectory);
        foreach (var entry in Entries(folder, isOurs ? "*" : projectName + ".*", said).Where(e => e != recordFile))
        {
            if (isOurs && Directory.Exists(entry))
            {
                Try(entry, () => Directory.Delete(entry, recursive: true), said);
            }
            else
            {
                Delete(entry, said);
            }
        }

        // What could not be removed is the next Clean's to find.
        if (!said.HasErrors)
        {
            Delete(recordFile, said);
        }

        diagnostics.AddRange(said);
        RemoveEmpty(folder, projectDirectory, release, projectName);
    }

    /// <summary>
    /// Removes a folder and those above it while they are empty. Below the project all of them, but not the project's own; elsewhere only those with one of
    /// <paramref name="names"/>, which the build made.
    /// </summary>
    public static void RemoveEmpty(string folder, string projectDirectory, params string[] names)
    {
        try
        {
            for (var current = folder.TrimEnd('/'); MayRemove(current) && (!Directory.Exists(current) || !Directory.EnumerateFileSystemEntries(current).Any()); current = Path.GetDirectoryName(current)!)
            {
                if (Directory.Exists(current))
                {
                    Directory.Delete(current);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody just put something in it, or owns it: then it stays.
        }

        bool MayRemove(string path) => path.StartsWith(projectDirectory + "/", StringComparison.Ordinal) || names.Contains(Path.GetFileName(path));
    }

    private static bool IsOurs(string folder, string release, string recordFile, string projectDirectory) =>
        Path.GetFileName(folder) == release
        && !(projectDirectory + "/").StartsWith(folder + "/", StringComparison.Ordinal)
        && Entries(folder, "*" + OutputRecord.Extension, []).All(f => f == recordFile);

    // What a killed build leaves beside the file it was writing (SafeFile.TemporaryName).
    private static void DeleteLeftovers(string file, DiagnosticBag diagnostics)
    {
        foreach (var leftover in Entries(Path.GetDirectoryName(file)!, Path.GetFileName(file) + ".*.tmp", diagnostics))
        {
            Delete(leftover, diagnostics);
        }
    }

    private static string[] Entries(string folder, string pattern, DiagnosticBag diagnostics)
    {
        string[] found = [];
        Try(folder, () => found = Directory.GetFileSystemEntries(folder, pattern), diagnostics);
        return found;
    }

    // A folder in a file's place is somebody else's.
    private static void Delete(string file, DiagnosticBag diagnostics)
    {
        if (!Directory.Exists(file))
        {
            Try(file, () => File.Delete(file), diagnostics);
        }
    }

    private static void Try(string path, Action action, DiagnosticBag diagnostics)
    {
        try
        {
            action();
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = e is UnauthorizedAccessException ? "permission denied." : e.Message;
            diagnostics.Error("KLP0027", path, $"This cannot be removed: {reason}", "Make its folder writable for this user, or remove it yourself; then clean again.");
        }
    }
}
