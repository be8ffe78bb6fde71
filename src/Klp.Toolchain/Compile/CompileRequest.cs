using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>What to compile and how. All paths are absolute.</summary>
public sealed record CompileRequest
{
    public required KernelProfile Profile { get; init; }

    public required IReadOnlyList<CompileSource> Sources { get; init; }

    /// <summary>How many sources of the project are for other kernels than this one.</summary>
    public int SourcesForOtherKernels { get; init; }

    /// <summary>The module's name; <c>-</c> and <c>,</c> become <c>_</c> as in kbuild.</summary>
    public required string ModuleName { get; init; }

    /// <summary>Objects go here, in the sources' folders relative to the project; this task owns the folder.</summary>
    public required string ObjectDirectory { get; init; }

    /// <summary>The compiler runs here; sources and include folders are given to it relative to this folder, so that no path of this machine gets into the object.</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>The form of <c>$PATH</c>: assembler, linker and launcher are found there.</summary>
    public required string SearchPath { get; init; }

    public IReadOnlyList<string> IncludeDirectories { get; init; } = [];

    /// <summary><c>NAME</c> or <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Defines { get; init; } = [];

    /// <summary>Behind the kernel's flags.</summary>
    public IReadOnlyList<string> ExtraOptions { get; init; } = [];

    /// <summary>Words in front of the compiler: <c>ccache</c>. Not a part of the fingerprint: a launcher makes the same object.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];

    /// <summary>Variables for launcher and compiler (<c>HOME</c>, <c>CCACHE_DIR</c>, <c>DISTCC_HOSTS</c>, <c>TMPDIR</c>); PATH and LC_ALL are set by us.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Compilers at once; 0: as many as the machine has processors.</summary>
    public int MaximumParallelism { get; init; }

    /// <summary>Compilers at once over all compiles that share it; null for no such limit.</summary>
    public SemaphoreSlim? Slots { get; init; }

    /// <summary>Called when compilers are about to be started; what it returns is disposed of when all have ended.</summary>
    public Func<IDisposable>? WhileCompiling { get; init; }

    /// <summary>Folder with <c>klp/patch.h</c> and <c>klp/relocs.h</c>; searched last.</summary>
    public string? SdkIncludeDirectory { get; init; }

    /// <summary>Same bytes from any folder: prefix maps for everything that could bring a path into the object.</summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>Compiler warnings are errors, also those of objects that are up to date.</summary>
    public bool TreatWarningsAsErrors { get; init; }

    /// <summary>
    /// Something else to do while compilers work: called on a thread of its own when the first one runs, not at all where none has to. It must end soon after its token says that
    /// the compilers are done; <see cref="Compiler.Compile"/> waits for it.
    /// </summary>
    public Action<CancellationToken>? Meanwhile { get; init; }

    /// <summary>Where the stage remembers what it did; default: <c>compile.state</c> in the object folder.</summary>
    public string StateFile { get => field ?? Path.Combine(ObjectDirectory, "compile.state"); init; }
}
