using Klp.Base;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpMergeWarnings : KlpTask
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var kernels = InnerBuilds.Select(b => b.GetMetadata("Release")).ToArray();
        diagnostics.AddRange(SharedWarnings.Merge(Findings.Take(FindingsPlace, kernels), kernels.Length));
    }
}
