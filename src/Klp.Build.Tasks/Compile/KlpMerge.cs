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
        var profile = Profile;
        var request = new MergeRequest
        {
            Profile = profile,
            Objects = [.. Objects.Select(o => FullPath(o.ItemSpec))],
            OutputFile = FullPath(OutputFile),
            SearchPath = SearchPath,
            ProjectDirectory = ProjectDirectory,
        };
        var said = new DiagnosticBag();
        ObjectMerger.Merge(request, said, why => Log.LogMessage(MessageImportance.Low, "MergeObjects: {0}", why), cancellation);
        var before = diagnostics.Count;
        if (said.HasErrors)
        {
            PatchTables.CheckModuleLines(request.Objects.Where(File.Exists).Select(o => ElfFiles.Read(o, [])).OfType<ElfFile>(), diagnostics);
        }

        // Two module lines are also two functions of one name; once is enough.
        var told = diagnostics.Count > before;
        diagnostics.AddRange(said.Where(d => !(told && d.Id == "KLP0115" && (d.Message.StartsWith("'init_module'", StringComparison.Ordinal) || d.Message.StartsWith("'cleanup_module'", StringComparison.Ordinal)))));
    }
}
