using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>
/// After each change exactly the expected stages run, and the module is byte-equal to a clean build of the same state. Real builds, read back from their binary logs.
/// </summary>
public sealed class IncrementalTests : IDisposable
{
    private const string Second = "#include \"shared.h\"\nint klp_second(void);\nint klp_second(void)\n{\n\treturn SHARED_VALUE;\n}\n";

    private readonly SdkProject _project = Create();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Nothing_changed_nothing_runs()
    {
        var before = Stamps();

        Expect([], []);

        Assert.Equal(before, Stamps());
    }

    [Fact]
    public void A_touched_source_runs_nothing()
    {
        File.SetLastWriteTimeUtc(Source("fix.c"), DateTime.UtcNow.AddDays(1));
        Expect([], []);
        File.SetLastWriteTimeUtc(Source("fix.c"), DateTime.UnixEpoch.AddYears(20));
        Expect([], []);
    }

    [Fact]
    public void An_edit_compiles_that_source_alone_and_its_revert_too()
    {
        var text = File.ReadAllText(Source("second.c"));
        File.WriteAllText(Source("second.c"), text.Replace("return", "return 1 +", StringComparison.Ordinal));
        Expect(["second.c"], ["MergeObjects", "PatchTables", "Modpost", "LinkModule", "KlpConvert", "VerifyModule"]);
        File.WriteAllText(Source("second.c"), text);
        Expect(["second.c"], ["MergeObjects", "PatchTables", "Modpost", "LinkModule", "KlpConvert", "VerifyModule"]);
    }

    [Fact]
    public void A_header_compiles_what_includes_it()
    {
        File.WriteAllText(Source("shared.h"), "#define SHARED_VALUE 43\n");
        Expect(["second.c"], ["MergeObjects", "PatchTables", "Modpost", "LinkModule", "KlpConvert", "VerifyModule"]);
    }

    [Fact]
    public void A_header_that_moves_is_found_again_and_one_that_is_gone_is_an_error()
    {
        File.Delete(Source("shared.h"));
        Assert.NotEqual(0, _project.Build().ExitCode);
        _project.Write("inc/shared.h", "#define SHARED_VALUE 42\n");
        Assert.Equal(["second.c"], Compiled(_project.Build("-p:KlpCompilerOptions=-Iinc").Succeeded()).Where(c => c == "second.c"));
    }

    [Fact]
    public void An_option_on_the_command_line_compiles_everything_and_objects_that_come_out_equal_end_it_there()
    {
        Expect(["fix.c", "second.c"], [], "-p:DefineConstants=KLP_TEST");
        Expect(["fix.c", "second.c"], ["MergeObjects", "PatchTables", "Modpost", "LinkModule", "KlpConvert", "VerifyModule"], "-p:KlpCompilerOptions=-O1");
    }

    [Fact]
    public void A_property_of_the_record_runs_from_Modpost_on()
    {
        Expect([], ["Modpost", "LinkModule", "KlpConvert", "VerifyModule"], "-p:Version=1.2");
        Expect([], ["LinkModule", "KlpConvert", "VerifyModule"], "-p:Version=1.2", "-p:DebugSymbols=false");
    }

    [Fact]
    public void A_new_source_a_removed_one_and_a_renamed_one()
    {
        _project.Write("third.c", "int klp_third;\n");
        Expect(["third.c"], ["MergeObjects", "PatchTables", "Modpost", "LinkModule", "KlpConvert", "VerifyModule"]);
        File.Move(Source("third.c"), Source("fourth.c"));
        Expect(["fourth.c"], null);
        File.Delete(Source("fourth.c"));
        Expect([], ["MergeObjects", "PatchTables", "Modpost", "LinkModule", "KlpConvert", "VerifyModule"]);
        Assert.DoesNotContain(_project.Files(), f => f.Contains("third", StringComparison.Ordinal) || f.Contains("fourth", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bin/{0}/fix.ko")]
    [InlineData("obj/{0}/fix.ko", "KlpConvert")]
    [InlineData("obj/{0}/fix.tmp.ko", "LinkModule")]
    [InlineData("obj/{0}/fix.mod.o", "Modpost")]
    [InlineData("obj/{0}/fix.tables.o", "PatchTables")]
    [InlineData("obj/{0}/fix.o", "MergeObjects")]
    [InlineData("obj/{0}/objects/fix.o", "fix.c")]
    public void A_deleted_or_damaged_file_is_made_again(string file, params string[] again)
    {
        var path = Source(string.Format(System.Globalization.CultureInfo.InvariantCulture, file, Kernels.BySeries("6.1").Release));
        File.Delete(path);
        Expect([.. again.Where(a => a.EndsWith(".c", StringComparison.Ordinal))], [.. again.Where(a => !a.EndsWith(".c", StringComparison.Ordinal))]);

        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x55;
        File.WriteAllBytes(path, bytes);
        Expect([.. again.Where(a => a.EndsWith(".c", StringComparison.Ordinal))], [.. again.Where(a => !a.EndsWith(".c", StringComparison.Ordinal))]);
    }

    [Fact]
    public void A_damaged_record_costs_a_stage_and_nothing_else()
    {
        foreach (var state in Directory.GetFiles(Source("obj"), "*.state", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(state);
            bytes[bytes.Length / 2] ^= 0x55;
            File.WriteAllBytes(state, bytes);
        }

        Expect(null, null);
    }

    [Fact]
    public void Another_kernel_does_not_disturb_the_first_ones_files()
    {
        _project.Build("-p:TargetKernel=" + Kernels.BySeries("6.12").Release).Succeeded();
        Expect([], []);
    }

    [Fact]
    public void A_project_that_moved_is_still_equal_to_a_clean_build()
    {
        var elsewhere = Path.Combine(_project.Root, "moved");
        Directory.Move(_project.Folder, elsewhere);
        var result = _project.Dotnet(elsewhere, ["build"]);
        Assert.True(result.ExitCode == 0, result.StandardOutput);

        using var clean = Create();

        Assert.Equal(File.ReadAllBytes(clean.Module()), File.ReadAllBytes(Path.Combine(elsewhere, Path.GetRelativePath(_project.Folder, _project.Module()))));
    }

    /// <summary>Builds, compares what ran, and compares the module with a clean build of the same state. Null: whatever ran.</summary>
    private void Expect(string[]? compiled, string[]? stages, params string[] arguments)
    {
        var build = _project.Build(arguments).Succeeded();
        if (compiled is not null)
        {
            Assert.Equal(compiled, Compiled(build));
        }

        if (stages is not null)
        {
            Assert.Equal(stages, Stages(build));
        }

        using var clean = Copy();
        clean.Build(arguments).Succeeded();
        Assert.True(File.ReadAllBytes(clean.Module()).AsSpan().SequenceEqual(File.ReadAllBytes(_project.Module())), "The module differs from a clean build of the same state.");
    }

    private static string[] Compiled(SdkBuild build) =>
        [.. build.Messages.Where(m => m.StartsWith("Compiling ", StringComparison.Ordinal)).Select(m => m.Split(' ')[1].TrimEnd(':')).Order(StringComparer.Ordinal)];

    private static string[] Stages(SdkBuild build)
    {
        string[] names = ["MergeObjects", "PatchTables", "Modpost", "LinkModule", "KlpConvert", "VerifyModule"];
        return [.. names.Where(n => build.Messages.Any(m => m.StartsWith(n + ": ", StringComparison.Ordinal) && !m.EndsWith(": up to date", StringComparison.Ordinal)))];
    }

    // Records may take a second look at files that were young when they were written.
    private Dictionary<string, DateTime> Stamps() => _project.Files().Where(f => !f.EndsWith(".state", StringComparison.Ordinal)).ToDictionary(f => f, f => File.GetLastWriteTimeUtc(Source(f)));

    private string Source(string name) => Path.Combine(_project.Folder, name);

    private static SdkProject Create()
    {
        var project = SdkProject.Patch();
        project.Write("second.c", Second);
        project.Write("shared.h", "#define SHARED_VALUE 42\n");
        project.Build().Succeeded();
        return project;
    }

    private SdkProject Copy()
    {
        var copy = SdkProject.Patch();
        File.Delete(Path.Combine(copy.Folder, "fix.c"));
        foreach (var file in Directory.EnumerateFiles(_project.Folder))
        {
            File.Copy(file, Path.Combine(copy.Folder, Path.GetFileName(file)), overwrite: true);
        }

        return copy;
    }
}
