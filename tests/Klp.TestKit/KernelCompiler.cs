using System.Collections.Concurrent;
using Klp.Base;
using Klp.Elf;

namespace Klp.TestKit;

/// <summary>
/// Compiles module sources against a real kernel's headers with the flags that its own kbuild uses, which are asked for once per kernel (<c>make V=1</c>).
/// clang gets the same words without those it does not know.
/// </summary>
public sealed class KernelCompiler
{
    private static readonly ConcurrentDictionary<string, Lazy<KernelCompiler>> Known = new();

    /// <summary>Words of gcc that clang refuses, or that its gcc-shaped use makes wrong.</summary>
    private static readonly string[] GccOnly =
    [
        "-mfunction-return=", "-fconserve-stack", "-mrecord-mcount", "-ftrivial-auto-var-init", "-mindirect-branch", "-fno-allow-store-data-races", "-mpreferred-stack-boundary",
        "-falign-jumps", "-fno-var-tracking", "-Wimplicit-fallthrough=", "-mharden-sls", "-fmin-function-alignment", "-fpatchable-function-entry", "-pg",
    ];

    private const string FolderMark = "compilers run in ";

    private readonly IReadOnlyList<string> _flags;
    private readonly ConcurrentDictionary<string, Lazy<byte[]>> _objects = new();

    private KernelCompiler(string workingDirectory, IReadOnlyList<string> flags, string objtool) =>
        (WorkingDirectory, _flags, Objtool) = (workingDirectory, flags, objtool);

    /// <summary>The folder the flags' relative paths count from.</summary>
    public string WorkingDirectory { get; }

    /// <summary>objtool and its words as kbuild calls it for a module of one source, without the object; empty where the kernel uses none.</summary>
    public string Objtool { get; }

    public static KernelCompiler For(TestKernel kernel) => Known.GetOrAdd(kernel.Release, _ => new Lazy<KernelCompiler>(() => Ask(kernel))).Value;

    /// <summary>Compiles to success and returns the object's file in <paramref name="folder"/>; the source's text is written there.</summary>
    public string Compile(TemporaryFolder folder, string name, string source, string compiler = "gcc", params string[] more) =>
        TryCompile(folder, name, source, out var output, compiler, more) is { ExitCode: 0 } ? output
            : throw new InvalidOperationException(TryCompile(folder, name, source, out _, compiler, more).StandardError);

    /// <summary>Compiles; what the compiler says of it is the result.</summary>
    public ProcessResult TryCompile(TemporaryFolder folder, string name, string source, out string output, string compiler = "gcc", params string[] more)
    {
        var input = folder.Write(name, source);
        output = Path.ChangeExtension(input, ".o");
        var flags = compiler.Contains("clang", StringComparison.Ordinal)
            ? [.. _flags.Where(f => !Array.Exists(GccOnly, g => f.StartsWith(g, StringComparison.Ordinal))), "-Qunused-arguments", "-Wno-unknown-warning-option", "-Wno-gnu"]
            : _flags;
        var identity = Path.GetFileNameWithoutExtension(name).Replace('-', '_');
        return CCompiler.TryRun(compiler, WorkingDirectory,
            [.. flags, "-I" + Repository.Combine("sdk", "Klp.Build.Sdk", "include"), "-DMODULE", $"-DKBUILD_BASENAME=\"{identity}\"", $"-DKBUILD_MODNAME=\"{identity}\"",
                $"-D__KBUILD_MODNAME=kmod_{identity}", .. more, "-c", "-o", output, input]);
    }

    /// <summary>Compiles to success and reads the object; the same text with the same words is compiled once in a test run.</summary>
    public ElfFile CompileElf(string source, string compiler = "gcc", params string[] more)
    {
        byte[] Make()
        {
            using var folder = new TemporaryFolder();
            return File.ReadAllBytes(Compile(folder, "patch.c", source, compiler, more));
        }

        return CCompiler.Read(_objects.GetOrAdd(string.Join('\0', [source, compiler, .. more]), _ => new Lazy<byte[]>(Make)).Value);
    }

    /// <summary>Merges objects as kbuild does for a module of several sources, runs the kernel's objtool, and returns the merged object's file.</summary>
    public string MergeAndCheck(TemporaryFolder folder, params string[] objects)
    {
        var merged = Path.Combine(folder.Path, "merged.o");
        CCompiler.Run("ld", WorkingDirectory, ["-m", "elf_x86_64", "-r", "-o", merged, .. objects]);
        var words = Objtool.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        CCompiler.Run("env", WorkingDirectory, ["SRCARCH=x86", .. words, merged]);
        return merged;
    }

    private static KernelCompiler Ask(TestKernel kernel)
    {
        using var folder = new TemporaryFolder();
        // The folder in which make runs compilers is asked of make itself: whether it says "Entering directory" depends on its version.
        folder.Write("Kbuild", $"obj-m := probe.o\n$(info {FolderMark}$(CURDIR))\n");
        folder.Write("probe.c", "#include <linux/module.h>\nMODULE_LICENSE(\"GPL\");\n");
        var log = CCompiler.Run("make", folder.Path, ["-C", kernel.BuildDirectory, "M=" + folder.Path, "V=1", .. kernel.MakeArguments, "probe.o"]);
        var line = log.Split('\n').FirstOrDefault(l => l.Contains("-c -o", StringComparison.Ordinal) && l.Contains("probe.c", StringComparison.Ordinal))
            ?? throw new InvalidOperationException("kbuild said no compiler line:\n" + log);
        var directory = log.Split('\n').LastOrDefault(l => l.StartsWith(FolderMark, StringComparison.Ordinal))?[FolderMark.Length..]
            ?? throw new InvalidOperationException("kbuild said no folder:\n" + log);
        var commands = line.Split(';', StringSplitOptions.TrimEntries);
        var words = commands[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .TakeWhile(w => w != "-c")
            .Where(w => !w.StartsWith("-Wp,", StringComparison.Ordinal) && !w.StartsWith("-DKBUILD_", StringComparison.Ordinal) && !w.StartsWith("-D__KBUILD", StringComparison.Ordinal) && w != "-DMODULE");
        var objtool = commands.Skip(1).FirstOrDefault(c => c.Contains("objtool", StringComparison.Ordinal)) ?? "";
        return new KernelCompiler(directory, words.ToList(), objtool.Split(" " + folder.Path)[0]);
    }
}
