using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// Everything a build needs to know of one kernel and one toolchain: what kbuild itself answered when asked once, and the template object's facts.
/// Made by the probe (Klp.Toolchain), cached per user; immutable.
/// </summary>
/// <remarks>All paths are absolute. Words are argv words, without shell quoting.</remarks>
public sealed record KernelProfile
{
    /// <summary>Stands in flags where kbuild would write the folder of the module (M=).</summary>
    public const string ModuleDirectoryPlaceholder = "@KLP_MODULE_DIRECTORY@";

    /// <summary>UTS_RELEASE of the tree.</summary>
    public required string Release { get; init; }

    /// <summary>SRCARCH as kbuild says it: <c>x86</c>, <c>arm64</c>, <c>powerpc</c>, <c>s390</c>.</summary>
    public required string SourceArchitecture { get; init; }

    public required ElfMachine Machine { get; init; }

    public required ByteOrder ByteOrder { get; init; }

    /// <summary>The build tree (objtree).</summary>
    public required string BuildDirectory { get; init; }

    /// <summary>The kernel's sources (srctree); the same as <see cref="BuildDirectory"/> where both are one.</summary>
    public required string SourceTree { get; init; }

    /// <summary>The folder kbuild runs tools in; objtool and recordmcount run here. Flags hold absolute paths and need no folder.</summary>
    public required string WorkingDirectory { get; init; }

    public required CompilerFamily CompilerFamily { get; init; }

    /// <summary>Absolute path of the C compiler.</summary>
    public required string CompilerPath { get; init; }

    /// <summary>First line of <c>cc --version</c>.</summary>
    public required string CompilerVersion { get; init; }

    public required string LinkerPath { get; init; }

    /// <summary>
    /// The kernel's flags for a module's C file, without dependency-file options, without KBUILD_BASENAME and the like and without a plain -Werror.
    /// Where kbuild would name the module's own folder there is <see cref="ModuleDirectoryPlaceholder"/>.
    /// </summary>
    public required IReadOnlyList<string> CompilerFlags { get; init; }

    /// <summary>The same for <c>.S</c> files.</summary>
    public required IReadOnlyList<string> AssemblerFlags { get; init; }

    /// <summary>Words for the <c>ld -r</c> that merges a module's objects.</summary>
    public required IReadOnlyList<string> MergeFlags { get; init; }

    /// <summary>
    /// Words of kbuild's module link that bring code into the module: an object of the kernel's (s390 expoline.o, POWER crtsavres.o), or ld's own register save routines
    /// (POWER <c>--save-restore-funcs</c>). Where there are any, a module of one source is merged with them too.
    /// </summary>
    public IReadOnlyList<string> MergeWords { get; init; } = [];

    /// <summary>How <c>__KBUILD_MODNAME</c> is written: null where the kernel has none, else a prefix (<c>kmod_</c> or nothing).</summary>
    public string? KbuildModnamePrefix { get; init; }

    /// <summary>kbuild names the module to the assembler too (since 6.12 or so).</summary>
    public bool AssemblerKnowsModuleName { get; init; }

    /// <summary>kbuild works in the module's own folder and names its files relative to it (since 6.13), not by whole paths.</summary>
    public bool WorksInModuleFolder { get; init; }

    /// <summary>objtool and its arguments; null where the kernel uses none.</summary>
    public string? ObjtoolPath { get; init; }

    public IReadOnlyList<string> ObjtoolArguments { get; init; } = [];

    /// <summary>objtool runs on the merged object (IBT, LTO, KLP_BUILD), not on each.</summary>
    public bool DelayObjtool { get; init; }

    /// <summary>recordmcount to run on each object; null where the compiler records.</summary>
    public string? RecordMcountPath { get; init; }

    /// <summary>Environment for kernel tools (objtool reads SRCARCH); from a whitelist, so that no secret reaches the cache.</summary>
    public required IReadOnlyDictionary<string, string> ToolEnvironment { get; init; }

    /// <summary><c>scripts/module.lds</c> of this kernel, as text.</summary>
    public required string ModuleLinkerScript { get; init; }

    /// <summary>CONFIG_ values of the tree, names without the prefix.</summary>
    public required IReadOnlyDictionary<string, string> Config { get; init; }

    public required ModuleTemplate Template { get; init; }

    /// <summary>The headers the template object was compiled from, absolute: most of what any source of a module reads.</summary>
    public IReadOnlyList<string> TemplateHeaders { get; init; } = [];

    /// <summary>The list of exported symbols that belongs to this kernel.</summary>
    public required string SymversFile { get; init; }

    /// <summary>Warnings the probe had (another compiler version), to be said again on each build that uses the cached profile.</summary>
    public IReadOnlyList<Klp.Base.Diagnostic> Warnings { get; init; } = [];

    /// <summary>Digest of everything above that changes code, and of the compiler's, linker's and objtool's bytes; a part of every fingerprint.</summary>
    public required string Digest { get; init; }

    /// <summary>Where the profile is cached; null where it is not.</summary>
    public string? CacheFile { get; init; }

    /// <summary>A compiled patch that builds may rehearse on; null or not there: they do not.</summary>
    public string? RehearsalFile => CacheFile is null ? null : RehearsalFileOf(CacheFile);

    public static string RehearsalFileOf(string cacheFile) => Path.ChangeExtension(cacheFile, ".rehearsal.o");

    public bool IsConfigured(string option) => Config.TryGetValue(option, out var value) && value is ("y" or "m");
}
