using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>Which kernel tree to ask, and with which tools.</summary>
public sealed record ProbeRequest
{
    /// <summary>Absolute path of the build tree, or of a link to it.</summary>
    public required string BuildDirectory { get; init; }

    /// <summary>The user's cache (<c>KlpCacheDirectory</c>); profiles go into its folder <c>profiles</c>. Null: nothing is cached.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>The form of <c>$PATH</c>: make, the compiler and the linker are found there.</summary>
    public required string SearchPath { get; init; }

    /// <summary>For files that do not outlive the probe; a path without blanks and without <c>: % # $</c>.</summary>
    public string TemporaryDirectory { get; init; } = "/tmp";

    /// <summary>Null: the family the kernel was built with.</summary>
    public CompilerFamily? Toolchain { get; init; }

    /// <summary>Name or absolute path of the compiler; null: what the kernel's Makefile says.</summary>
    public string? CompilerPath { get; init; }

    /// <summary>Name or absolute path of the linker; null: what the kernel's Makefile says.</summary>
    public string? LinkerPath { get; init; }

    /// <summary>CROSS_COMPILE, such as <c>aarch64-linux-gnu-</c>; null: what the kernel's Makefile says, and for a kernel of another machine what is here.</summary>
    public string? CrossPrefix { get; init; }

    /// <summary>ARCH in kbuild's words (<c>x86</c>, <c>arm64</c>, <c>powerpc</c>, <c>s390</c>); null: what the tree's configuration says.</summary>
    public string? Architecture { get; init; }

    public CompilerVersionCheck CompilerVersionCheck { get; init; }

    /// <summary>False for a module that is no livepatch, which a kernel without livepatching takes too.</summary>
    public bool ForLivepatch { get; init; } = true;

    /// <summary>Used instead of the tree's <c>Module.symvers</c>.</summary>
    public string? SymversFile { get; init; }

    /// <summary>Something else to do while the kernel is asked: called on another thread, not at all where the answer is cached, and waited for. What it throws is not said.</summary>
    public Action? Meanwhile { get; init; }
}
