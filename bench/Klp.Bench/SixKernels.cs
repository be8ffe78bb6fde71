using Klp.TestKit;

namespace Klp.Bench;

/// <summary>
/// One patch for six kernels, two series in the three flavours Debian builds, against kbuild run for each, two at a time. A no-op of kbuild is a look at every
/// prerequisite of the module in each tree; ours is a look at what was recorded.
/// </summary>
internal sealed class SixKernels
{
    private readonly Stopwatches _stopwatches;
    private readonly IReadOnlyDictionary<string, string> _server;
    private readonly IReadOnlyList<TestKernel> _kernels;
    private readonly Workspace _workspace;
    private readonly string _make;

    public SixKernels(Stopwatches stopwatches, Workspace workspace, IReadOnlyDictionary<string, string> server)
    {
        (_stopwatches, _workspace, _server) = (stopwatches, workspace, server);
        _kernels = [.. new[] { "6.1", "6.12" }.SelectMany(series => new[] { Kernels.BySeries(series), Flavour(series, "cloud"), Flavour(series, "rt") })];
        workspace.AddKernels([.. _kernels.Select(k => k.Release)]);

        // Two at a time, as a script that knows the number of processors would do it.
        var targets = string.Join('\n', _kernels.Select(k => $"{Path.GetFullPath(k.BuildDirectory)} {workspace.KbuildOf(k.Release)}"));
        File.WriteAllText(Path.Combine(workspace.KbuildOf(""), "kernels"), targets + "\n");
        _make = "xargs -n 2 -P 2 sh -c 'make -s -C \"$0\" M=\"$1\" \"$TARGET\"' <kernels";
    }

    public static IReadOnlyList<string> Groups { get; } = ["one patch for six kernels, no-op", "one patch for six kernels, clean", "one patch for six kernels, edit"];

    public IEnumerable<Measurement> Measurements()
    {
        foreach (var group in Groups)
        {
            var state = group.Split(' ')[^1];
            yield return new Measurement(group, "kbuild, two at a time", true, round => PrepareKbuild(state, round), () => Make("modules"));
            yield return Klp(group, "dotnet build", state, "plain", new Dictionary<string, string>());
            yield return Klp(group, "dotnet build, MSBuild server", state, "server", _server);
        }
    }

    private static TestKernel Flavour(string series, string flavour) =>
        Kernels.Flavours.LastOrDefault(k => k.Series == series && k.Release.Contains($"-{flavour}-", StringComparison.Ordinal))
        ?? throw new InvalidOperationException($"There is no {flavour} kernel of {series} in {Kernels.Store}: klp kernel add {series} --flavour {flavour}");

    private Task<double> Make(string target) => _stopwatches.SecondsAsync(_workspace.KbuildOf(""), "sh", ["-c", _make], new Dictionary<string, string> { ["TARGET"] = target });

    private async Task PrepareKbuild(string state, int round)
    {
        await Make(state == "clean" ? "clean" : "modules");
        if (state == "edit")
        {
            foreach (var kernel in _kernels)
            {
                Workspace.EditKbuild(_workspace.KbuildOf(kernel.Release), round);
            }
        }
    }

    private Measurement Klp(string group, string name, string state, string builder, IReadOnlyDictionary<string, string> extra)
    {
        var directory = Path.Combine(_workspace.Klp(builder), Workspace.SixFolder);
        Task<double> Build() => _stopwatches.SecondsAsync(directory, "dotnet", ["build", "-v:q", "-nologo"], extra);
        return new Measurement(group, name, false, async round =>
        {
            if (state == "clean")
            {
                Workspace.CleanOne(directory);
                return;
            }

            await Build();
            if (state == "edit")
            {
                Workspace.EditKbuild(directory, round);
            }
        }, Build);
    }
}
