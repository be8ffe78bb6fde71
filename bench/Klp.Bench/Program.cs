// Measures builds of patches against kbuild, interleaved, or (symbols) indexing and conversion, and writes one table per run.
using System.CommandLine;
using System.Globalization;
using Klp.Bench;
using Klp.TestKit;
using Spectre.Console;

var rounds = new Option<int>("--rounds") { Description = "How often each command is timed; the table shows medians.", DefaultValueFactory = _ => 11 };
var kernel = new Option<string?>("--kernel") { Description = "A release of the kernel store; default: the newest 6.1." };
var group = new Option<string>("--group") { Description = "Only groups whose name holds this text.", DefaultValueFactory = _ => "" };
var packages = new Option<string>("--packages") { Description = "Folder with the packed SDK.", DefaultValueFactory = _ => Repository.Combine("artifacts", "packages") };
var output = new Option<string?>("--output") { Description = "Where the table goes; default: bench/results/<kernel>.md, with a group <kernel>-<group>.md." };
var root = new RootCommand("Times dotnet build against kbuild.") { rounds, kernel, group, packages, output };
var symbolsRounds = new Option<int>("--rounds") { Description = rounds.Description, DefaultValueFactory = _ => 11 };
var symbolsKernel = new Option<string?>("--kernel") { Description = kernel.Description };
var symbolsOutput = new Option<string?>("--output") { Description = "Where the table goes; default: bench/results/<kernel>-symbols.md." };
var tool = new Option<string>("--tool") { Description = "The tool that is timed.", DefaultValueFactory = _ => Repository.Combine("artifacts", "sdks", "Klp.Build.Sdk", "tools", "net10.0", "klp.dll") };
var symbols = new Command("symbols", "Times symbol indexes and conversion, in the libraries and as whole processes.") { symbolsRounds, symbolsKernel, symbolsOutput, tool };
symbols.SetAction((parsed, _) => SymbolsReport.RunAsync(
    parsed.GetValue(symbolsRounds), Named(parsed.GetValue(symbolsKernel)), parsed.GetValue(tool)!, CleanEnvironment.Create(("KLP_KERNEL_STORE", Kernels.Store)), parsed.GetValue(symbolsOutput)));
root.Subcommands.Add(symbols);
var storeRounds = new Option<int>("--rounds") { Description = rounds.Description, DefaultValueFactory = _ => 5 };
var storeFiles = new Option<string>("--files") { Description = "Folder with the packages of one or more kernels.", DefaultValueFactory = _ => Path.Combine(Path.GetDirectoryName(Kernels.Store)!, "debs") };
var storeOutput = new Option<string?>("--output") { Description = "Where the table goes; default: bench/results/store.md." };
var store = new Command("store", "Times klp kernel add from package files on disk, and tells what an entry takes.") { storeRounds, storeFiles, storeOutput, tool };
store.SetAction((parsed, _) => StoreBench.RunAsync(
    parsed.GetValue(storeRounds), Path.GetFullPath(parsed.GetValue(storeFiles)!), parsed.GetValue(tool)!, CleanEnvironment.Create(), parsed.GetValue(storeOutput)));
root.Subcommands.Add(store);
root.SetAction((parsed, _) => RunAsync(parsed.GetValue(rounds), parsed.GetValue(kernel), parsed.GetValue(group)!, parsed.GetValue(packages)!, parsed.GetValue(output)));
return await root.Parse(args).InvokeAsync();

static TestKernel Named(string? release) => release is null ? Kernels.BySeries("6.1") : Kernels.ByRelease(release);

static async Task<int> RunAsync(int rounds, string? release, string group, string packages, string? output)
{
    var kernel = Named(release);
    using var workspace = new Workspace(packages, kernel.Release, patches: 8);
    var environment = UserShell(workspace.Packages);
    var stopwatches = new Stopwatches(environment, environment["PATH"]);
    var server = new MsbuildServer();
    try
    {
        var bench = new BuildBench(stopwatches, workspace, kernel.BuildDirectory, server.Environment);
        // Looked for only where they are measured: not everybody has six kernels.
        var six = SixKernels.Groups.Any(g => g.Contains(group, StringComparison.Ordinal)) ? new SixKernels(stopwatches, workspace, server.Environment).Measurements() : [];
        var rows = bench.Measurements().Concat(six).Where(m => m.Group.Contains(group, StringComparison.Ordinal)).Select(m => (Measurement: m, Series: new Series(m.Name, []))).ToList();

        // One round that does not count: it fills caches, unpacks the SDK's package and starts the server.
        for (var round = 0; round <= rounds; round++)
        {
            AnsiConsole.WriteLine(round == 0 ? "warming up" : $"round {round} of {rounds}");
            foreach (var (measurement, series) in rows)
            {
                var seconds = await TimedAsync(measurement, round);
                if (round > 0)
                {
                    series.Seconds.Add(seconds);
                }
            }

            if (round == 0 && rows.Exists(r => r.Measurement.Name.Contains("server", StringComparison.Ordinal)) && server.Resident().Count == 0)
            {
                throw new InvalidOperationException("No MSBuild server stayed: its rows would measure something else.");
            }
        }

        var probe = await ColdProbeAsync(stopwatches, workspace, Math.Min(rounds, 5));
        Workspace.Clean(workspace.Klp("plain"));
        var memory = await stopwatches.PeakMebibytesAsync(workspace.Klp("plain"), "dotnet", ["build", "p1", "-v:q", "-nologo"]);
        var text = Report.Table(rows, $"Linux {kernel.Release}, {rounds} rounds, {Environment.ProcessorCount} cores")
            + string.Create(CultureInfo.InvariantCulture, $"\nCold probe of a kernel (what a first build costs more than a clean one): {probe:0.00} s. Peak memory of the build's own process, clean build: {memory:0} MiB.\n");
        var file = output ?? Repository.Combine("bench", "results", string.Join('-', new[] { kernel.Release }.Concat(group.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))) + ".md");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await File.WriteAllTextAsync(file, text);
        AnsiConsole.WriteLine(text);
        return 0;
    }
    finally
    {
        server.End();
    }
}

// Once more where MSBuild lost the result: that is no failure of a build. A second time in a row ends the measurement.
static async Task<double> TimedAsync(Measurement measurement, int round)
{
    try
    {
        return await PreparedAsync(measurement, round);
    }
    catch (LostResultException lost)
    {
        AnsiConsole.WriteLine(lost.Message);
        return await PreparedAsync(measurement, round);
    }
}

// Between two builds a user edits, for seconds. What the last one's processes still do (resident nodes compile their hot code again, the disk is written) is not the next one's.
static async Task<double> PreparedAsync(Measurement measurement, int round)
{
    await measurement.Prepare(round);
    await Task.Delay(TimeSpan.FromSeconds(1));
    return await measurement.Run();
}

// A user's default shell: build nodes may stay, the server only where it is asked for.
static Dictionary<string, string> UserShell(string packages)
{
    var environment = CleanEnvironment.Create(("NUGET_PACKAGES", packages), ("KLP_KERNEL_STORE", Kernels.Store));
    environment.Remove("MSBUILDDISABLENODEREUSE");
    environment.Remove("DOTNET_CLI_USE_MSBUILD_SERVER");
    return environment;
}

static async Task<double> ColdProbeAsync(Stopwatches stopwatches, Workspace workspace, int rounds)
{
    var (cold, warm) = (new Series("cold", []), new Series("warm", []));
    for (var round = 0; round < rounds; round++)
    {
        var cache = Path.Combine(workspace.Packages, $"cache{round}");
        foreach (var series in new[] { cold, warm })
        {
            Workspace.Clean(workspace.Klp("plain"));
            series.Seconds.Add(await stopwatches.SecondsAsync(workspace.Klp("plain"), "dotnet", ["build", "p1", "-v:q", "-nologo", $"-p:KlpCacheDirectory={cache}"]));
        }
    }

    return cold.Median - warm.Median;
}
