using Klp.Base;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpMerge : KernelStage
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (Profile(diagnostics) is not { } profile)
        {
            return;
        }

        var request = new MergeRequest
        {
            Profile = profile,
            Objects = [.. Objects.Select(o => FullPath(o.ItemSpec))],
            OutputFile = FullPath(OutputFile),
            SearchPath = SearchPath,
        };
        ObjectMerger.MergeAsync(request, diagnostics, why => Log.LogMessage(MessageImportance.Low, "MergeObjects: {0}", why), cancellation).GetAwaiter().GetResult();
    }
}
