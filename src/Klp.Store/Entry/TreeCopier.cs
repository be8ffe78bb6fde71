using Klp.Base;

namespace Klp.Store;

/// <summary>
/// Copies what building a module needs out of a kernel tree: one that was built in place, one with its objects elsewhere (O=), or a distribution's
/// headers whose sources and tools are in other folders. They become one plain tree. Keys are left behind.
/// </summary>
internal sealed class TreeCopier(string build, string source, string kbuildArchitecture, string to)
{
    // Parts of kbuild's own that a module's link or its checks take from the architecture's folder, though they are objects.
    private static readonly string[] KeptObjects = ["crtsavres.o", "expoline.o", "asm-offsets.s", "bounds.s"];

    private static readonly string[] LeftOutFolders = [".git", "Documentation", "dts", "selftests", "testing", "certs"];

    /// <summary>The folder whose Makefile the tree's own includes, or the tree itself; null where the Makefile includes one that is not there.</summary>
    public static string? SourceOf(string build, out string vanished)
    {
        vanished = "";
        var makefile = new FileInfo(Path.Combine(build, "Makefile"));
        if (makefile is { Exists: true, Length: < 4096 } && SpecialFile.IsRegular(makefile.FullName))
        {
            foreach (var line in File.ReadLines(makefile.FullName).Where(l => l.StartsWith("include ", StringComparison.Ordinal) && l.TrimEnd().EndsWith("/Makefile", StringComparison.Ordinal)))
            {
                var included = line["include ".Length..].Trim().Replace("$(dir $(lastword $(MAKEFILE_LIST)))", build + "/", StringComparison.Ordinal).Replace("$(klp_sources)", Path.GetDirectoryName(build), StringComparison.Ordinal);
                var folder = Path.GetDirectoryName(Path.GetFullPath(included, build))!;
                if (File.Exists(Path.Combine(folder, "Makefile")))
                {
                    return RealPath.Of(folder);
                }

                vanished = included.Contains('$', StringComparison.Ordinal) ? vanished : Path.Combine(folder, "Makefile");
            }
        }

        return vanished.Length > 0 ? null : RealPath.Of(build);
    }

    public void Copy(CancellationToken cancellation)
    {
        // The built half last: where both have a file, its is the one that counts, but for the Makefile that only points to the sources.
        foreach (var from in new[] { source, build }.Distinct())
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var file in Directory.EnumerateFiles(from).Select(f => Path.GetFileName(f)!).Where(IsTopFile).Where(f => f != "Makefile" || from == source))
            {
                CopyFile(Path.Combine(from, file), Path.Combine(to, file));
            }

            foreach (var folder in new[] { "include", "scripts", "arch/" + kbuildArchitecture, "arch/arm/include" })
            {
                CopyFolder(Path.Combine(from, folder), Path.Combine(to, folder), folder.StartsWith("arch", StringComparison.Ordinal) ? IsArchitectureFile : IsScript, cancellation);
            }

            foreach (var tool in new[] { "tools/objtool", "tools/bpf/resolve_btfids" })
            {
                CopyFolder(Path.Combine(from, tool), Path.Combine(to, tool), f => IsProgram(f), cancellation);
            }
        }
    }

    private static bool IsTopFile(string name) => name is "Makefile" or "Kbuild" or "Kconfig" or ".config" or ".kernelvariables" or "Module.symvers" or "System.map" || name.StartsWith("localversion", StringComparison.Ordinal);

    private static bool IsScript(string path) => Path.GetExtension(path) is not (".o" or ".cmd" or ".d" or ".a" or ".ko");

    private static bool IsArchitectureFile(string path)
    {
        var name = Path.GetFileName(path);
        return path.Contains("/include/", StringComparison.Ordinal) ? IsScript(path)
            : name.StartsWith("Makefile", StringComparison.Ordinal) || name.StartsWith("Kconfig", StringComparison.Ordinal) || name.StartsWith("Kbuild", StringComparison.Ordinal)
            || Path.GetExtension(name) is ".lds" or ".sh" or ".pl" or ".tbl" or ".awk" || KeptObjects.Contains(name) || (path.Contains("/tools/", StringComparison.Ordinal) && IsScript(path));
    }

    private static bool IsProgram(string path) => (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0 && Path.GetExtension(path) is "" or ".real-x86" or ".real-powerpc" or ".elf";

    private static void CopyFolder(string from, string to, Func<string, bool> wanted, CancellationToken cancellation)
    {
        if (!Directory.Exists(from))
        {
            return;
        }

        foreach (var item in new DirectoryInfo(RealPath.Of(from)).EnumerateFileSystemInfos())
        {
            cancellation.ThrowIfCancellationRequested();
            var place = Path.Combine(to, item.Name);
            // Links to folders below the top lead sideways into the sources (scripts/dtc/include-prefixes).
            if (item is DirectoryInfo && item.LinkTarget is null && !LeftOutFolders.Contains(item.Name))
            {
                CopyFolder(item.FullName, place, wanted, cancellation);
            }
            else if (item is FileInfo && SpecialFile.IsRegular(item.FullName) && wanted(item.FullName))
            {
                CopyFile(item.FullName, place);
            }
        }
    }

    /// <summary>Pipes, devices and links that lead nowhere are passed over.</summary>
    internal static void CopyFile(string from, string to)
    {
        if (!SpecialFile.IsRegular(from))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var executable = (File.GetUnixFileMode(from) & UnixFileMode.UserExecute) != 0;
        File.Delete(to);
        File.Copy(RealPath.Of(from), to);
        File.SetUnixFileMode(to, executable ? EntryLayout.ExecutableMode : EntryLayout.FileMode);
    }
}
