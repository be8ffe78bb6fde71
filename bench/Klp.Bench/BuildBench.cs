namespace Klp.Bench;

/// <summary>
/// Builds against kbuild: every command once per round, round after round, so that both sides see the same noise of the machine.
/// </summary>
internal sealed class BuildBench(Stopwatches stopwatches, Workspace workspace, string kernelBuildDirectory, IReadOnlyDictionary<string, string> server)
{
    private static readonly IReadOnlyDictionary<string, string> Alone = new Dictionary<string, string>();

    public IEnumerable<Measurement> Measurements()
    {
        foreach (var state in new[] { "no-op", "clean", "edit" })
        {
            yield return Kbuild($"one patch, {state}", state, many: false);
            yield return Klp($"one patch, {state}", "dotnet build", state, "plain", Alone, "p1");
            yield return Klp($"one patch, {state}", "dotnet build, MSBuild server", state, "server", server, "p1");
        }

        foreach (var state in new[] { "no-op", "clean", "edit" })
        {
            var group = $"{workspace.Patches} patches, {state}";
            yield return Kbuild(group, state, many: true);
            foreach (var file in new[] { "all.slnx", "all.proj" })
            {
                yield return Klp(group, $"{file}", state, "plain", Alone, file);
                yield return Klp(group, $"{file} -m:1", state, "plain", Alone, file, "-m:1");
                yield return Klp(group, $"{file}, MSBuild server", state, "server", server, file);
            }
        }
    }

    private Measurement Kbuild(string group, string state, bool many)
    {
        var directory = workspace.Kbuild(many);
        string[] make = ["-s", "-j2", "-C", kernelBuildDirectory, $"M={directory}"];
        return new Measurement(group, "kbuild (make -j2)", true, async round =>
        {
            switch (state)
            {
                case "clean":
                    await stopwatches.SecondsAsync(directory, "make", [.. make, "clean"]);
                    break;
                case "edit":
                    await stopwatches.SecondsAsync(directory, "make", [.. make, "modules"]);
                    Workspace.EditKbuild(directory, round);
                    break;
                default:
                    await stopwatches.SecondsAsync(directory, "make", [.. make, "modules"]);
                    break;
            }
        }, () => stopwatches.SecondsAsync(directory, "make", [.. make, "modules"]));
    }

    private Measurement Klp(string group, string name, string state, string builder, IReadOnlyDictionary<string, string> extra, string what, params string[] options)
    {
        var directory = workspace.Klp(builder);
        string[] build = ["build", what, "-v:q", "-nologo", .. options];
        return new Measurement(group, name, false, async round =>
        {
            if (state == "clean")
            {
                Workspace.Clean(directory);
                return;
            }

            await stopwatches.SecondsAsync(directory, "dotnet", build, extra);
            if (state == "edit")
            {
                Workspace.Edit(directory, round);
            }
        }, () => stopwatches.SecondsAsync(directory, "dotnet", build, extra));
    }
}
