using Klp.Base;
using Klp.Elf;
using Klp.Modpost;
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
        var said = new DiagnosticBag();
        ObjectMerger.Merge(request, said, why => Log.LogMessage(MessageImportance.Low, "MergeObjects: {0}", why), cancellation);
        if (said.HasErrors)
        {
            PatchTables.CheckModuleLines(request.Objects.Where(File.Exists).Select(o => ElfFiles.Read(o, [])).OfType<ElfFile>(), diagnostics);
        }

        diagnostics.AddRange(said);
    }
}
