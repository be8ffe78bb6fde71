using System.Text.RegularExpressions;
using System.Xml.Linq;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>The three pages in docs/ are complete, and say nothing that the targets do not have.</summary>
public sealed partial class PublicNameTests
{
    private static readonly XDocument[] Files =
        [.. new[] { "Sdk", "targets" }.SelectMany(f => Directory.EnumerateFiles(Repository.Combine("sdk", "Klp.Build.Sdk", f))).Select(f => XDocument.Load(f))];

    private static readonly string Text = string.Join('\n', Files.Select(f => f.ToString()));

    [Fact]
    public void Every_property_is_documented_and_every_documented_one_is_there()
    {
        var set = Files.SelectMany(f => f.Descendants("PropertyGroup").Elements()).Select(e => e.Name.LocalName);
        var read = PropertyReference().Matches(Text).Select(m => m.Groups[1].Value).Where(n => n.StartsWith("Klp", StringComparison.Ordinal));
        // KlpBuildSdkVersion stands in the file that the layout writes.
        var known = Public(set.Concat(read).Append("KlpBuildSdkVersion"));
        var mentioned = PropertyReference().Matches(Text).Select(m => m.Groups[1].Value).Concat(known).ToHashSet();

        var documented = Documented("properties.md");

        Assert.Equal([], known.Except(documented).Order());
        // The engine reads this one; the SDK has nothing to do for it.
        Assert.Equal([], documented.Except(mentioned).Except(["ContinuousIntegrationBuild"]).Order());
    }

    [Fact]
    public void Every_item_is_documented_and_every_documented_one_is_there()
    {
        var known = Public(Files.SelectMany(f => f.Descendants("ItemGroup").Elements()).Select(e => e.Name.LocalName).Concat(ItemReference().Matches(Text).Select(m => m.Groups[1].Value)));

        var documented = Documented("items.md");

        Assert.Equal([], known.Except(documented).Order());
        Assert.Equal([], documented.Except(known).Order());
    }

    [Fact]
    public void Every_target_and_task_is_documented_and_every_documented_one_is_there()
    {
        var targets = Files.SelectMany(f => f.Descendants("Target")).Select(t => t.Attribute("Name")!.Value);
        var tasks = Files.SelectMany(f => f.Descendants("UsingTask")).Select(t => t.Attribute("TaskName")!.Value.Split('.')[^1]);
        var known = Public(targets.Concat(tasks));

        var documented = Documented("targets.md");

        Assert.Equal([], known.Except(documented).Order());
        Assert.Equal([], documented.Except(known).Order());
    }

    [Fact]
    public void Every_name_of_the_design_is_there_but_those_it_reserves()
    {
        string[] names =
        [
            "TargetKernel", "TargetKernels", "KlpKernelBuildDirectory", "KlpKernelImageFile", "KlpKernelModulesDirectory", "KlpModuleSymversFile", "KlpSystemMapFile", "KlpKernelRules",
            "KlpKernelStore", "KlpCacheDirectory", "KlpKernelRelease", "KlpKernelArchitecture", "KlpToolchain", "KlpCompilerPath", "KlpLinkerPath", "KlpCrossPrefix", "KlpCompilerOptions",
            "KlpCompilerLauncher", "KlpCompilerVersionCheck", "KlpMaxParallelism", "DefineConstants", "TargetName", "TargetExt", "TargetPath", "OutputPath", "IntermediateOutputPath",
            "UseArtifactsOutput", "ArtifactsPath", "Version", "DebugSymbols", "Deterministic", "TreatWarningsAsErrors", "WarningsAsErrors", "NoWarn", "EnableDefaultItems",
            "EnableDefaultCompileItems", "EnableKlpVerify", "GenerateCompileCommands", "KlpShowCommand", "KlpQemuPath", "KlpQemuOptions", "KlpGuestMemory", "KlpGuestTimeout",
            "UsingKlpBuildSdk", "IsOuterBuild", "Compile", "IncludeDirectory", "Watch", "KlpObject", "KlpSymbolHint", "KlpExtraSymvers", "ModuleInfo", "KlpTest", "KlpModule", "FileWrites",
            "EmbedInBinlog", "KernelTarget", "BuildDependsOn", "CoreBuildDependsOn", "CustomBeforeKlpTargets", "CustomAfterKlpTargets",
        ];

        Assert.All(names, n => Assert.Matches($@"\b{n}\b", Text));
    }

    [Fact]
    public void The_SDKs_two_files_are_tables_of_contents_and_no_topic_file_is_long()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.Combine("sdk", "Klp.Build.Sdk", "Sdk")))
        {
            Assert.All(XDocument.Load(file).Root!.Descendants(), e => Assert.Contains(e.Name.LocalName, new[] { "Import", "ImportGroup" }));
        }

        foreach (var file in Directory.EnumerateFiles(Repository.Combine("sdk", "Klp.Build.Sdk", "targets")))
        {
            var lines = File.ReadAllLines(file);
            Assert.True(lines.Length <= 110, file);
            Assert.True(lines[1].TrimStart().StartsWith("<!--", StringComparison.Ordinal), $"{file} does not open with why it exists.");
        }
    }

    private static HashSet<string> Public(IEnumerable<string> names) => names.Where(n => !n.StartsWith('_')).ToHashSet(StringComparer.Ordinal);

    /// <summary>Names in backticks in the first column of the page's tables, and the tasks in the second.</summary>
    private static HashSet<string> Documented(string page) =>
        File.ReadLines(Repository.Combine("docs", page)).Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(l => Name().Matches(page == "targets.md" ? string.Join('|', l.Split('|')[1..3]) : l.Split('|')[1]).Select(m => m.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"\$\((\w+)")]
    private static partial Regex PropertyReference();

    [GeneratedRegex(@"@\((\w+)")]
    private static partial Regex ItemReference();

    [GeneratedRegex(@"(?<![\w:-])`([A-Za-z]\w+)`")]
    private static partial Regex Name();
}
