using Klp.Base;
using Klp.Kernel;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpPlanKernels : KlpTask
{
    // A folder given on the command line (dotnet build -o) is a global property, which no evaluation can change: the inner builds get one each from here.
    private static readonly string[] Folders = ["OutputPath", "OutDir", "IntermediateOutputPath", "PublishDir"];

    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var globals = BuildEngine is IBuildEngine6 engine ? engine.GetGlobalProperties() : new Dictionary<string, string>();
        var planned = KernelList.Plan(new KernelListRequest
        {
            ProjectFile = ProjectFile,
            Names = Names,
            Store = Store,
            Root = SystemRoot,
            Own = [.. KernelTargets.Select(k => new OwnKernel(k.ItemSpec, FullPath(k.GetMetadata("BuildDirectory")).TrimEnd('/'), k.GetMetadata("Architecture"), k.GetMetadata("CrossPrefix")))],
            Conditions = globals.ContainsKey("TargetKernels") || globals.ContainsKey("TargetKernel") ? [] : [.. ConditionedItems.Select(i => new KernelCondition($"{i.GetMetadata("Type")} {i.ItemSpec}", i.GetMetadata("Kernels")))],
        }, diagnostics);

        FindingsPlace = Findings.NewPlace(FullPath(FindingsStem));
        InnerBuilds = [.. planned.Select((kernel, i) => InnerBuild(kernel, i == 0, globals))];
    }

    private ITaskItem InnerBuild(PlannedKernel kernel, bool isFirst, IReadOnlyDictionary<string, string> globals)
    {
        var properties = new List<string> { "TargetKernel=" + kernel.Name, "_KlpFindingsPlace=" + FindingsPlace };
        if (isFirst)
        {
            properties.Add("_KlpIsFirstKernel=true");
        }

        if (kernel.Own is { } own)
        {
            properties.Add("_KlpIsOwnKernel=true");
            properties.Add("KlpKernelBuildDirectory=" + own.BuildDirectory);
            properties.Add("_KlpWantedArchitecture=" + own.Architecture);
            if (own.CrossPrefix.Length > 0)
            {
                properties.Add("KlpCrossPrefix=" + own.CrossPrefix);
            }
        }

        var folder = kernel.Release.Length == 0 ? kernel.Name : kernel.Release;
        properties.AddRange(Folders.Where(globals.ContainsKey).Select(f => $"{f}={globals[f].TrimEnd('/')}/{folder}/"));
        return OutputItem.Create(ProjectFile, ("AdditionalProperties", string.Join(';', properties)), ("Name", kernel.Name), ("Release", kernel.Release));
    }
}
