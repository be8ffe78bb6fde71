using Klp.Base;
using Klp.Kernel;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpResolveKernel : KernelTask
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var kernel = KernelFacts;
        foreach (var variable in IgnoredEnvironment)
        {
            Log.LogMessage(MessageImportance.Low, "{0}", IgnoredVariable.Explain(variable));
        }

        var request = new KernelRequest
        {
            ProjectFile = ProjectFile,
            Name = TargetKernel.Trim(),
            NamedDirectory = NamedDirectory,
            Release = kernel.Release,
            BuildDirectory = kernel.BuildDirectory,
            Store = Store,
            Root = SystemRoot,
        };
        request.Check(diagnostics);
        ModuleName.Check(TargetName, ProjectFile, diagnostics);
        if (!diagnostics.HasErrors)
        {
            OutputRecord.Add(FullPath(RecordFile), kernel.Release, ProjectDirectory, OutputFiles.Select(FullPath), diagnostics);
            Log.LogMessage(NameSource is "default" or "only" ? MessageImportance.High : MessageImportance.Low, "Kernel {0} ({1}), tree {2}", kernel.Release, NameSource, kernel.BuildDirectory);
        }
    }
}
