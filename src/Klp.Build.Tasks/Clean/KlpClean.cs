using Klp.Base;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpClean : KlpTask
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var root = FullPath(BaseIntermediateOutputPath);
        var own = FullPath(IntermediateOutputPath).TrimEnd('/');
        // Of several kernels, whose folders lie elsewhere by command line, they lie one level deeper.
        foreach (var folder in Folders(root).Append(own).Concat(Folders(own)).Distinct(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            var record = OutputRecord.PathOf(folder, ProjectName);
            if (File.Exists(record))
            {
                Cleaner.Clean(folder, record, ProjectName, ProjectDirectory, diagnostics);
            }
        }

        if (Directory.Exists(root))
        {
            Leftovers.RemoveOf(Path.Combine(root, ProjectName + ".findings"));
        }

        Cleaner.RemoveEmpty(root, ProjectDirectory);
    }

    private static string[] Folders(string path) => Directory.Exists(path) ? Directory.GetDirectories(path) : [];
}
