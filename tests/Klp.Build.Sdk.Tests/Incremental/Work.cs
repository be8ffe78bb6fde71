using System.Text.RegularExpressions;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.Incremental;

/// <summary>What a build really did, from its binary log: the sources that were compiled and the stages that did not find their output up to date.</summary>
internal static partial class Work
{
    public const string AfterMerge = "PatchTables Modpost LinkModule KlpConvert VerifyModule Copy";

    public const string AfterCompile = "MergeObjects " + AfterMerge;

    public const string None = "";

    private static readonly string[] s_stages = ["PatchTables", "Modpost", "LinkModule", "KlpConvert", "VerifyModule"];

    /// <summary>Sources in the order of their names, then stages in the order they ran, with one blank between.</summary>
    public static string Of(SdkBuild build)
    {
        var messages = build.Messages;
        var sources = messages.Select(m => Compiling().Match(m)).Where(m => m.Success).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal);
        var stages = messages.Select(m => Stage().Match(m)).Where(m => m.Success).ToList();

        // Each stage says that it ran or that it need not: a log without its word would prove nothing.
        Assert.Equal(s_stages, stages.Select(m => m.Groups[1].Value).Where(n => n != "MergeObjects"));
        return string.Join(' ', sources.Concat(stages.Where(m => m.Groups[2].Value != "up to date").Select(m => m.Groups[1].Value)));
    }

    [GeneratedRegex("^Compiling (.+?): ")]
    private static partial Regex Compiling();

    [GeneratedRegex("^(MergeObjects|PatchTables|Modpost|LinkModule|KlpConvert|VerifyModule): (.*)$")]
    private static partial Regex Stage();
}
