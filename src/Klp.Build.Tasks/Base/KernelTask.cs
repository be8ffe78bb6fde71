using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>
/// A task that works for one kernel. Where it runs for one of several (TargetKernels), its warnings are left for the outer build, which says once what is the
/// same on several kernels; errors are said at once, since a build that is killed must not lose them.
/// </summary>
public abstract class KernelTask : KlpTask
{
    private KernelItem? _item;

    /// <summary><c>@(_KlpKernel)</c>: what evaluation found, with the project's overrides.</summary>
    [Required]
    public ITaskItem? Kernel { get; set; }

    private protected KernelItem KernelFacts => _item ??= new KernelItem(Kernel!);

    private protected LoaderRules? Rules(DiagnosticBag diagnostics) => LoaderRulesOverride.Apply(LoaderRules.For(KernelFacts.Release), KernelFacts.Rules, ProjectFile, diagnostics);

    private protected SymbolSources SymbolSources()
    {
        var image = KernelFacts.ImageFile;
        var isElf = image is not null && FileKind.IsElf(image);
        return new SymbolSources
        {
            ImageFile = isElf ? null : image,
            VmlinuxFile = isElf ? image : null,
            SystemMapFile = KernelFacts.SystemMapFile,
            ModulesDirectory = KernelFacts.ModulesDirectory,
            Release = KernelFacts.Release,
        };
    }

    private protected sealed override IEnumerable<Diagnostic> LeaveToOuterBuild(DiagnosticBag diagnostics)
    {
        if (KernelFacts.FindingsPlace is not { } place)
        {
            return diagnostics;
        }

        var quiet = KernelFacts.WarningsAsMessages.Split([';', ',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var left = diagnostics.Where(d => d.Severity == Severity.Warning && !IsError(d) && !quiet.Contains(d.Id, StringComparer.OrdinalIgnoreCase)).ToArray();
        if (left.Length == 0 || !Findings.Leave(place, KernelFacts.Release, left, []))
        {
            return diagnostics;
        }

        foreach (var diagnostic in left)
        {
            Log.LogMessage(MessageImportance.Low, "For the outer build: {0}", diagnostic);
        }

        return diagnostics.Where(d => !left.Contains(d));
    }

    // TreatWarningsAsErrors and its family: then this kernel's build fails, here and now.
    private bool IsError(Diagnostic diagnostic) => BuildEngine is IBuildEngine8 engine && engine.ShouldTreatWarningAsError(diagnostic.Id);
}
