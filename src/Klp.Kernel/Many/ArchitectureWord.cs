using Klp.Base;

namespace Klp.Kernel;

/// <summary>What people call an architecture, in the kernel's own word (SRCARCH).</summary>
public static class ArchitectureWord
{
    /// <returns><c>x86</c>, <c>arm64</c>, <c>powerpc</c>, <c>s390</c>; null for a word nobody knows.</returns>
    public static string? SourceArchitecture(string word) => word switch
    {
        "x86" or "x86_64" or "amd64" => "x86",
        "arm64" or "aarch64" => "arm64",
        "powerpc" or "ppc64le" or "ppc64el" => "powerpc",
        "s390" or "s390x" => "s390",
        _ => null,
    };

    /// <summary>KLP0036 where a tree is for another architecture than the project says, or the project says none that is known.</summary>
    public static void Check(string wanted, string sourceArchitecture, string buildDirectory, string projectFile, DiagnosticBag diagnostics)
    {
        if (wanted.Length == 0 || SourceArchitecture(wanted) == sourceArchitecture)
        {
            return;
        }

        diagnostics.Error("KLP0036", projectFile, SourceArchitecture(wanted) is null
                ? $"KernelTarget says Architecture {wanted}, which is none that can be built for."
                : $"KernelTarget says Architecture {wanted}, but {buildDirectory} is a tree for {sourceArchitecture}.",
            "Correct Architecture (x86_64, arm64, ppc64le, s390x) or leave it out; the tree knows its own.");
    }
}
