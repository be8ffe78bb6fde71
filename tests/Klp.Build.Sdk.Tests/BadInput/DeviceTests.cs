using System.Text.RegularExpressions;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>No space left, on a device that really has none: a tmpfs in a namespace of the test's own. And folders that may not be written.</summary>
public sealed partial class DeviceTests
{
    /// <summary>Too small for the compiler's dependency file, for its object, for a stage behind it.</summary>
    [Theory]
    [InlineData("16k")]
    [InlineData("160k")]
    [InlineData("640k")]
    public void A_full_device_for_objects_is_told_as_such_and_with_room_the_same_build_goes_on(string size)
    {
        using var project = Project("obj", out var empty);
        project.Wrapper = SmallerWorld.SmallDevice(size, Path.Combine(project.Folder, "obj"), empty, more: "64m");

        var result = project.Dotnet("build", "-tl:off", "-clp:NoSummary");

        var text = result.StandardOutput + result.StandardError;
        Assert.Contains("THEN: 1-0", text, StringComparison.Ordinal);
        var errors = text.Split('\n').Where(l => l.Contains(": error ", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(errors);
        Assert.All(errors, e => Assert.Contains(": error KLP0010: ", e, StringComparison.Ordinal));
        Assert.Contains("no space is left on the device. Free some space", errors[0], StringComparison.Ordinal);
        Assert.Contains("/obj/", errors[0], StringComparison.Ordinal);
        Assert.All(Left(text).Keys, f => Assert.DoesNotContain(".tmp", Path.GetFileName(f).Replace(".tmp.ko", "", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.True(File.Exists(project.Module()), text);
    }

    [Fact]
    public void A_full_device_for_modules_keeps_the_old_module()
    {
        using var project = Project("bin", out var old);
        project.Build().Succeeded();
        Directory.Move(Path.GetDirectoryName(project.Module())!, Path.Combine(old, Path.GetFileName(Path.GetDirectoryName(project.Module())!)));
        var module = Assert.Single(Directory.GetFiles(old, "*", SearchOption.AllDirectories));
        var size = (new FileInfo(module).Length / 1024) + 40;
        project.Write("fix.c", SdkProject.PatchSource.Replace("patched by", "patched once more by", StringComparison.Ordinal));
        project.Wrapper = SmallerWorld.SmallDevice($"{size}k", Path.Combine(project.Folder, "bin"), old);

        var build = project.Build();

        var error = Refusal.One(project, build, "KLP0010", "no space is left on the device", "nothing was lost");
        Assert.Equal(project.Module(), error.File);
        var left = Assert.Single(Left(build.Output));
        Assert.Equal(Path.GetRelativePath(old, module), left.Key);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(module))), left.Value);
    }

    [Fact]
    public void A_full_device_for_the_cache_costs_a_warning()
    {
        using var project = Project("cache", out var empty);
        project.Environment["XDG_CACHE_HOME"] = Path.Combine(project.Folder, "cache");
        project.Wrapper = SmallerWorld.SmallDevice("16k", Path.Combine(project.Folder, "cache"), empty);

        var build = project.Build().Succeeded();

        Assert.Equal(["KLP0121"], build.Warnings.Select(w => w.Code).Distinct());
        Assert.Contains("KlpCacheDirectory", build.Warnings[0].Text, StringComparison.Ordinal);
        Assert.True(File.Exists(project.Module()), build.Output);
    }

    [Fact]
    public void Folders_that_may_not_be_written_are_named_with_the_property_that_moves_them()
    {
        using var project = SdkProject.Patch();
        project.Build().Succeeded();
        var module = File.ReadAllBytes(project.Module());
        project.Write("fix.c", SdkProject.PatchSource.Replace("patched by", "patched once more by", StringComparison.Ordinal));
        var folder = Path.GetDirectoryName(project.Module())!;
        project.Wrapper = SmallerWorld.Unprivileged;
        SmallerWorld.Mode(folder, "0555");

        var error = Refusal.One(project, project.Build(), "KLP0010", "permission denied", "OutputPath");

        Assert.Equal(project.Module(), error.File);
        Assert.Equal(module, File.ReadAllBytes(project.Module()));
        SmallerWorld.Mode(folder, "0755");

        // A project in a place that is only read: the message names what moves both folders, and it does.
        using var other = SdkProject.Patch();
        other.Wrapper = SmallerWorld.Unprivileged;
        SmallerWorld.Mode(other.Folder, "0555");
        Refusal.One(other, other.Build(), "KLP0010", "permission denied", "IntermediateOutputPath");
        other.Build($"-p:OutputPath={other.Root}/o/", $"-p:IntermediateOutputPath={other.Root}/i/", "-p:GenerateCompileCommands=false").Succeeded();
        SmallerWorld.Mode(other.Folder, "0755");
    }

    [Fact]
    public void What_cannot_be_removed_is_named_and_the_next_clean_still_knows_of_it()
    {
        using var project = SdkProject.Patch();
        var before = project.Files();
        project.Build().Succeeded();
        var module = File.ReadAllBytes(project.Module());
        project.Wrapper = SmallerWorld.Unprivileged;
        var folder = Path.GetDirectoryName(project.Module())!;
        SmallerWorld.Mode(folder, "0555");

        var error = Refusal.One(project, project.Run("clean"), "KLP0027", "This cannot be removed: permission denied.", "Make its folder writable for this user", "then clean again");

        Assert.Equal(project.Module(), error.File);
        Assert.Equal(module, File.ReadAllBytes(project.Module()));
        SmallerWorld.Mode(folder, "0755");
        project.Run("clean").Succeeded();
        Assert.Equal(before, project.Files());
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void Something_else_in_the_modules_place_is_named()
    {
        using var project = SdkProject.Patch();
        Directory.CreateDirectory(project.Module());
        Refusal.One(project, project.Build(), "KLP0010", "a folder has this name", "Move that folder away");
        Directory.Delete(Path.Combine(project.Folder, "bin"), recursive: true);
        project.Write("bin", "x");
        Refusal.One(project, project.Build(), "KLP0010", Path.Combine(project.Folder, "bin") + " is a file, where a folder is needed", "OutputPath");
    }

    /// <summary>A project with an empty folder to mount on, and another for its content.</summary>
    private static SdkProject Project(string folder, out string content)
    {
        var project = SdkProject.Patch();
        Directory.CreateDirectory(Path.Combine(project.Folder, folder));
        content = Path.Combine(project.Root, "content");
        Directory.CreateDirectory(content);
        return project;
    }

    private static Dictionary<string, string> Left(string output)
    {
        var at = output.IndexOf(SmallerWorld.Left, StringComparison.Ordinal);
        Assert.True(at >= 0, output);
        return LeftFile().Matches(output[at..]).ToDictionary(m => m.Groups[2].Value, m => m.Groups[1].Value);
    }

    [GeneratedRegex(@"^([0-9a-f]{64})  \./(.+)$", RegexOptions.Multiline)]
    private static partial Regex LeftFile();
}
