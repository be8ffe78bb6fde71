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

        // A condition would take any other word for false: EnableKlpVerify=yes would switch the checks off.
        foreach (var pair in Switches.Select(s => s.Split('=', 2)).Where(p => p.Length == 2 && p[1].Trim().Length > 0 && !bool.TryParse(p[1], out _)))
        {
            diagnostics.Error("KLP0029", ProjectFile, $"{pair[0]} is '{pair[1]}', which means nothing.", "Use one of: true, false.");
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
