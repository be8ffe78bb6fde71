using Klp.Base;

namespace Klp.Store;

/// <summary>The programs of a kernel's build (fixdep, modpost, objtool …) in an entry: whether they start on this machine, and wrappers where they do not.</summary>
internal static class BuildTools
{
    /// <summary>The programs below a folder that need a loader, each once, links not followed.</summary>
    public static IReadOnlyList<string> Find(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*", options).Where(f => (File.GetUnixFileMode(f) & UnixFileMode.UserExecute) != 0 && Read(f) is { Interpreter: not null }).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>Whether every program starts here: the loader is asked to resolve it, as ldd does, without running it.</summary>
    public static async Task<bool> StartAsync(IReadOnlyList<string> programs, CancellationToken cancellation)
    {
        foreach (var program in programs)
        {
            var environment = new Dictionary<string, string> { ["LD_TRACE_LOADED_OBJECTS"] = "1", ["LD_WARN"] = "1", ["LC_ALL"] = "C" };
            var request = new ProcessRequest(program, [], "/", environment) { Timeout = TimeSpan.FromSeconds(20) };
            // What cannot be started at all (no such loader, another architecture) is an answer, not an error.
            var result = await ProcessRunner.RunAsync(request, [], cancellation).ConfigureAwait(false);
            if (result is not { ExitCode: 0 } || (result.StandardOutput + result.StandardError).Contains("not found", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Puts a wrapper in place of each program: it starts the program through the loader and libraries of <paramref name="libraries"/>, which lie in the
    /// same entry. False with KLP0279 where a library is missing.
    /// </summary>
    /// <param name="available">Folder with unpacked library packages.</param>
    /// <param name="libraries">Gets those that are needed.</param>
    public static bool Wrap(IReadOnlyList<string> programs, string available, string libraries, DiagnosticBag diagnostics)
    {
        var names = Directory.EnumerateFiles(available, "*.so*", SearchOption.AllDirectories).ToLookup(f => Path.GetFileName(f), StringComparer.Ordinal);
        Directory.CreateDirectory(libraries);
        var left = new Stack<string>(programs);
        var placed = new HashSet<string>(StringComparer.Ordinal);
        while (left.TryPop(out var file))
        {
            var program = Read(file)!;
            foreach (var name in program.Needed.Append(program.Interpreter is { } loader ? Path.GetFileName(loader) : null).OfType<string>().Where(placed.Add))
            {
                if (names[name].Select(f => RealPath.Of(f)).FirstOrDefault(f => f.StartsWith(available + "/", StringComparison.Ordinal) && Read(f) is not null) is not { } found)
                {
                    ReportMissing(file, name, diagnostics);
                    return false;
                }

                var copy = Path.Combine(libraries, name);
                File.Copy(found, copy, overwrite: true);
                File.SetUnixFileMode(copy, EntryLayout.ExecutableMode);
                left.Push(copy);
            }
        }

        foreach (var program in programs)
        {
            WriteWrapper(program, Path.GetFileName(Read(program)!.Interpreter!), libraries);
        }

        return true;
    }

    public static void ReportMissing(string program, string library, DiagnosticBag diagnostics) =>
        diagnostics.Error(
            "KLP0279", program, $"This build tool does not start on this machine, and {library}, which it needs, is not at hand.",
            "Give the packages of its libraries (libc6, libelf1 …) with the kernel's, build on a machine with the kernel's own distribution, or choose an older kernel.");

    /// <summary>
    /// Debian's modpost and objtool start another program beside the path they were called by; --argv0 keeps that path. The wrapper finds its
    /// libraries from where it lies itself, also when called through a link.
    /// </summary>
    private static void WriteWrapper(string program, string loader, string libraries)
    {
        var folder = Path.GetDirectoryName(program)!;
        var name = Path.GetFileName(program);
        File.Move(program, program + ".elf");
        File.WriteAllText(program, $$"""
            #!/bin/sh
            # Starts {{name}}.elf with the C library of its own distribution release.
            p=$0
            while [ -L "$p" ]; do
              l=$(readlink "$p")
              case $l in /*) p=$l ;; *) p=${p%/*}/$l ;; esac
            done
            case $p in */*) d=${p%/*} ;; *) d=. ;; esac
            l=$d/{{Path.GetRelativePath(folder, libraries)}}
            exec "$l/{{loader}}" --library-path "$l" --argv0 "$0" "$d/{{name}}.elf" "$@"

            """);
        File.SetUnixFileMode(program, EntryLayout.ExecutableMode);
    }

    private static ProgramFile? Read(string file)
    {
        using var stream = File.OpenRead(file);
        Span<byte> start = stackalloc byte[4];
        return stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && Klp.Elf.ElfFile.IsElf(start) ? ProgramFile.Read(File.ReadAllBytes(file)) : null;
    }
}
