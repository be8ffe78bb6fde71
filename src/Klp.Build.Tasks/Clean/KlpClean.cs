using Klp.Base;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpClean : KlpTask
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var root = FullPath(BaseIntermediateOutputPath);
        var folders = Directory.Exists(root) ? Directory.GetDirectories(root) : [];
        foreach (var folder in folders.Append(FullPath(IntermediateOutputPath).TrimEnd('/')).Distinct(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            var record = OutputRecord.PathOf(folder, ProjectName);
            if (File.Exists(record))
            {
                Cleaner.Clean(folder, record, ProjectName, ProjectDirectory, diagnostics);
            }
        }

        Cleaner.RemoveEmpty(root, ProjectDirectory);
    }
}
