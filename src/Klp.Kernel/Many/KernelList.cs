using Klp.Base;

namespace Klp.Kernel;

/// <summary>Makes inner builds of <c>TargetKernels</c>: one for each kernel, however often and by whatever names the list has it.</summary>
public static class KernelList
{
    /// <summary>
    /// The kernels, in the order of their first mention. A name that is nothing stays in the list: its inner build says what is here instead, and the others are built.
    /// </summary>
    public static IReadOnlyList<PlannedKernel> Plan(KernelListRequest request, DiagnosticBag diagnostics)
    {
        foreach (var own in request.Own)
        {
            Check(own, request, diagnostics);
        }

        var planned = new List<PlannedKernel>();
        foreach (var name in request.Names.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var own = request.Own.FirstOrDefault(o => o.Name == name);
            var release = own is null ? KernelName.Release(name, request.Store, request.Root) : KernelName.ReleaseOfTree(own.BuildDirectory);
            var key = release.Length == 0 ? name : release;
            if (!planned.Exists(p => (p.Release.Length == 0 ? p.Name : p.Release) == key))
            {
                planned.Add(new PlannedKernel(name, release, own));
            }
        }

        foreach (var condition in request.Conditions)
        {
            Check(condition, planned, request.ProjectFile, diagnostics);
        }

        return planned;
    }

    // One name for two kernels would mean one in TargetKernel, where items are not known yet, and the other in TargetKernels.
    private static void Check(OwnKernel own, KernelListRequest request, DiagnosticBag diagnostics)
    {
        if (KernelName.IsTaken(own.Name, request.Store, request.Root) is { } by)
        {
            diagnostics.Error("KLP0034", request.ProjectFile, $"KernelTarget {own.Name} has the name of a kernel that is here already: {by}.", "Give the item another name.");
        }

        if (own.BuildDirectory.Length == 0)
        {
            diagnostics.Error("KLP0035", request.ProjectFile, $"KernelTarget {own.Name} has no BuildDirectory, so nothing says which kernel it is.", "Add the tree: <KernelTarget Include=\"" + own.Name + "\" BuildDirectory=\"../linux\" />");
        }
    }

    private static void Check(KernelCondition condition, List<PlannedKernel> planned, string projectFile, DiagnosticBag diagnostics)
    {
        var releases = planned.Select(p => p.Release).Where(r => r.Length > 0).ToArray();
        foreach (var word in KernelPattern.MatchingNone(condition.Patterns, releases))
        {
            diagnostics.Warning("KLP0033", new SourcePlace(projectFile), $"{condition.Item}: the wildcard '{word}' in Kernels matches no kernel of TargetKernels.",
                "Kernels holds wildcards over releases, * for any characters and ? for one.", [.. releases.Select(r => "TargetKernels has " + r)]);
        }
    }
}
