namespace Klp.Toolchain;

/// <summary>How paths are written on the compiler's command line. Pure.</summary>
internal static class ProjectPaths
{
    /// <summary>
    /// A path as the compiler gets it: relative to the project where the two share a folder, because then a project that moves as a whole compiles to the same bytes.
    /// </summary>
    public static string ForCompiler(string path, string projectDirectory)
    {
        path = Path.GetFullPath(path, projectDirectory);
        var project = projectDirectory.TrimEnd('/') + "/";
        if (path.StartsWith(project, StringComparison.Ordinal))
        {
            return path[project.Length..] is { Length: > 0 } inside ? inside : ".";
        }

        if (path == projectDirectory.TrimEnd('/'))
        {
            return ".";
        }

        // Sharing only the root is sharing nothing.
        var shared = path.Split('/', 3)[1] == projectDirectory.Split('/', 3)[1];
        return shared ? Path.GetRelativePath(projectDirectory, path) : path;
    }

    /// <summary>A name that the compiler takes for a file: a leading <c>-</c> would make it an option, <c>@</c> a file of options.</summary>
    public static string Operand(string path) => path.StartsWith('-') || path.StartsWith('@') ? "./" + path : path;

    /// <summary>The object of a source: the same place below the object folder, <c>..</c> written as <c>__</c>, as CMake does.</summary>
    public static string ObjectFile(string source, string projectDirectory, string objectDirectory)
    {
        var relative = ForCompiler(source, projectDirectory).TrimStart('/');
        var parts = relative.Split('/').Select(p => p == ".." ? "__" : p).ToArray();
        parts[^1] = Path.GetFileNameWithoutExtension(parts[^1]) + ".o";
        return Path.Combine(objectDirectory, Path.Combine(parts));
    }

    /// <summary>A name as kbuild writes it into KBUILD_BASENAME and KBUILD_MODNAME.</summary>
    public static string KbuildName(string name) => name.Replace('-', '_').Replace(',', '_');
}
