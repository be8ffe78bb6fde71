using Klp.TestKit;
using Microsoft.Build.Logging.StructuredLogger;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>What every build that fails owes its user: a code, a place that is the user's, a cure, no stack trace, and nothing lost or half-written.</summary>
internal static class Refusal
{
    /// <summary>The one error of a build that must fail with this code and these words in its text.</summary>
    public static AbstractDiagnostic One(SdkProject project, SdkBuild build, string code, params string[] words)
    {
        var errors = All(project, build);
        Assert.True(errors.Count == 1, build.Output);
        return Check(errors[0], build, code, words);
    }

    /// <summary>Every error of a build that must fail, held to the manners that hold for all.</summary>
    public static IReadOnlyList<AbstractDiagnostic> All(SdkProject project, SdkBuild build)
    {
        Assert.True(build.ExitCode != 0, build.Output);
        Assert.NotEmpty(build.Errors);
        foreach (var error in build.Errors.Concat(build.Warnings))
        {
            Assert.NotEqual("KLP0900", error.Code);
            Assert.False(error.Code.StartsWith("MSB", StringComparison.Ordinal), build.Output);
            Assert.True(Path.IsPathRooted(error.File), $"No place: {error}");
            Assert.DoesNotContain("/targets/Klp.", error.File, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error.Text, StringComparison.Ordinal);
        }

        NothingHalfWritten(project);
        return build.Errors;
    }

    /// <summary>The error of this code whose text has these words.</summary>
    public static AbstractDiagnostic Check(AbstractDiagnostic error, SdkBuild build, string code, params string[] words)
    {
        Assert.True(error.Code == code, $"Expected {code}:\n{build.Output}");
        foreach (var word in words)
        {
            Assert.Contains(word, error.Text, StringComparison.Ordinal);
        }

        return error;
    }

    /// <summary>The single error at a line of a file.</summary>
    public static AbstractDiagnostic At(this IEnumerable<AbstractDiagnostic> errors, string file, int line) =>
        Assert.Single(errors, e => Path.GetFileName(e.File) == file && e.LineNumber == line);

    public static void NothingHalfWritten(SdkProject project) => Assert.DoesNotContain(project.Files(), f => f.EndsWith(".tmp", StringComparison.Ordinal) || f.EndsWith(".tmp.d", StringComparison.Ordinal));
}
