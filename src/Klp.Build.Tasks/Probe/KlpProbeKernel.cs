using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpProbeKernel : KernelTask
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var kernel = KernelFacts;
        var facts = new SharedFacts(BuildEngine4, ProjectDirectory);
        if (ProjectChoices.Probe(kernel, SearchPath, ProjectFile, FullPath, diagnostics) is not { } request
            || facts.Probed(request, () => KernelProbe.GetAsync(request with { Meanwhile = IndexSymbols }, diagnostics, cancellation).GetAwaiter().GetResult(), diagnostics) is not { } profile)
        {
            return;
        }

        Architecture = profile.SourceArchitecture;
        ArchitectureWord.Check(kernel.WantedArchitecture, profile.SourceArchitecture, kernel.BuildDirectory, ProjectFile, diagnostics);
        // A cache that cannot be written costs the next build a probe; this one's stages find the profile by any name.
        ProfileFile = profile.CacheFile is { } file && File.Exists(file) ? file : "not cached: " + profile.Digest;
        facts.Remember(ProfileFile, profile);
        Log.LogMessage(MessageImportance.Low, "Kernel {0}, {1}, {2}", profile.Release, profile.SourceArchitecture, profile.CompilerVersion);
    }

    // A kernel that nobody has asked yet mostly has no index of its symbols either; making one takes about as long.
    private void IndexSymbols()
    {
        var ignored = new DiagnosticBag();
        if (Rules(ignored) is { } rules)
        {
            SymbolIndex.Open(SymbolSources(), FullPath(KernelFacts.CacheDirectory), rules, ignored, Cancellation);
        }
    }
}
