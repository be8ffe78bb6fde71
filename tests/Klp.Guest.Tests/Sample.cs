using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Klp.Base;
using Klp.Guest;
using Klp.Kernel;
using Klp.TestKit;

namespace Klp.Guest.Tests;

/// <summary>What a sample's <c>expected.json</c> says of it: what to load, what to run, and what must come out before, with and after the patch.</summary>
public sealed record Sample
{
    /// <summary>The sample's folder and project name.</summary>
    [JsonIgnore]
    public string Name { get; init; } = "";

    /// <summary>The name, and what is special about this run of the sample.</summary>
    [JsonIgnore]
    public string Title => Order is null ? Name : $"{Name}, {Order}";

    [JsonIgnore]
    public string? Order { get; init; }

    /// <summary>The sample, and where it patches modules that come late, the same with them loaded first: then they work unpatched before it.</summary>
    [JsonIgnore]
    public IEnumerable<Sample> Orders =>
        LoadAfter.Length == 0 ? [this] : [this, this with { Order = "target first", LoadBefore = [.. LoadBefore, .. LoadAfter], LoadAfter = [], Before = After }];

    /// <summary>Wildcards over the release, separated by <c>;</c>; the sample is for the kernels that match.</summary>
    [JsonPropertyName("kernels")]
    public required string Kernels { get; init; }

    [JsonPropertyName("loadBefore")]
    public required string[] LoadBefore { get; init; }

    [JsonPropertyName("loadAfter")]
    public required string[] LoadAfter { get; init; }

    [JsonPropertyName("command")]
    public required string Command { get; init; }

    /// <summary>Regular expressions for what the command prints.</summary>
    [JsonPropertyName("before")]
    public required string Before { get; init; }

    [JsonPropertyName("with")]
    public required string With { get; init; }

    [JsonPropertyName("after")]
    public required string After { get; init; }

    /// <summary>Lines that the kernel's log must have while the patch is there, in this order.</summary>
    [JsonPropertyName("log")]
    public string[] Log { get; init; } = [];

    /// <summary>Every sample that says what to expect; a project without does not (one that shall not build).</summary>
    public static IReadOnlyList<Sample> All { get; } = In(Repository.Combine("samples"));

    /// <summary>The same of another folder.</summary>
    public static IReadOnlyList<Sample> In(string folder) => Directory.GetFiles(folder, "expected.json", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal).Select(Read).ToArray();

    public bool IsFor(TestKernel kernel) =>
        Kernels.Split(';').Any(k => Regex.IsMatch(kernel.Release, "^" + Regex.Escape(k.Trim()).Replace("\\*", ".*") + "$"));

    /// <summary>The run that proves it, with the built module.</summary>
    public PatchRunRequest Run(TestKernel kernel, string moduleFile, GuestRequest guest, DiagnosticBag diagnostics)
    {
        var modules = KernelModules.Open(kernel.ModulesDirectory, diagnostics);
        IReadOnlyList<GuestModule> Load(string[] names) => names.SelectMany(n => TargetModules.Closure(n, modules, diagnostics) ?? []).ToArray();
        return new PatchRunRequest
        {
            Module = new GuestModule(ObjectName.Normalise(moduleFile), File.ReadAllBytes(moduleFile)),
            ModuleFile = moduleFile,
            Guest = guest,
            ShowCommand = Command,
            LoadBefore = Load(LoadBefore),
            LoadAfter = Load(LoadAfter),
        };
    }

    /// <summary>What is wrong with the results, one line each; empty where everything is as it should be.</summary>
    public IReadOnlyList<string> Judge(PatchRunRequest request, GuestResult boot, IReadOnlyList<GuestStepResult> steps)
    {
        var diagnostics = new DiagnosticBag();
        PatchRun.Judge(request, boot, steps, diagnostics);
        var wrong = diagnostics.Select(d => d.ToString()).ToList();
        foreach (var (step, expected) in ((string, string)[])[(PatchRun.Before, Before), (PatchRun.With, With), (PatchRun.After, After)])
        {
            var result = steps.Single(s => s.Step.Name == step);
            if (!result.Ran || !Regex.IsMatch(result.Text, expected))
            {
                wrong.Add($"{step}: {(result.Ran ? $"'{result.Text}' does not match /{expected}/" : "did not run")}");
            }
        }

        var log = steps.SelectMany(s => s.KernelLog).Select(l => l.Text).ToList();
        var at = 0;
        foreach (var expected in Log)
        {
            var found = log.FindIndex(at, l => Regex.IsMatch(l, expected));
            if (found < 0)
            {
                wrong.Add($"the kernel's log has no line /{expected}/ where it should:\n    " + string.Join("\n    ", log));
                break;
            }

            at = found + 1;
        }

        return wrong;
    }

    private static Sample Read(string file) =>
        JsonSerializer.Deserialize<Sample>(File.ReadAllText(file))! with { Name = Path.GetFileName(Path.GetDirectoryName(file)!) };
}
