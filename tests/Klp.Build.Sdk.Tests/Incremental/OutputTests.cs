using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.Incremental;

/// <summary>Outputs, intermediate files and records that are gone, damaged or moved: the stage that made them makes them again, and nothing else runs.</summary>
public sealed class OutputTests(Workbench bench) : IClassFixture<Workbench>
{
    private static readonly string s_both = Workbench.Everything("a.c", "b.c");

    [Fact]
    public void A_module_that_is_gone_or_damaged_is_there_again()
    {
        bench.Settle();

        File.Delete(bench.Project.Module());
        bench.Step("Copy");
        Truncate(bench.Project.Module());
        bench.Step("Copy");
    }

    [Fact]
    public void A_damaged_intermediate_file_is_made_again_by_its_own_stage()
    {
        bench.Settle();

        Damage("objects/a.o");
        bench.Step("a.c");
        Truncate(InObjects("objects/b.o"));
        bench.Step("b.c");
        File.Delete(InObjects("objects/a.o"));
        bench.Step("a.c");
        var stages = new[] { ("fix.o", "MergeObjects"), ("fix.tables.o", "PatchTables"), ("fix.mod.o", "Modpost"), ("fix.tmp.ko", "LinkModule"), ("fix.ko", "KlpConvert"), ("fix.ko.verified", "VerifyModule") };
        foreach (var (file, stage) in stages)
        {
            Truncate(InObjects(file));
            bench.Step(stage);
        }

        foreach (var (file, _) in stages)
        {
            File.Delete(InObjects(file));
        }

        bench.Step(string.Join(' ', stages.Select(s => s.Item2)));

        // Bytes alone count: a file of another time is the same file, be it of tomorrow.
        File.SetLastWriteTimeUtc(InObjects("objects/a.o"), DateTime.UtcNow.AddDays(1));
        File.SetLastWriteTimeUtc(InObjects("fix.tmp.ko"), DateTime.UtcNow.AddYears(-20));
        bench.Step(Work.None);
    }

    [Fact]
    public void A_record_that_is_gone_or_damaged_costs_its_stage_one_run()
    {
        bench.Settle();

        foreach (var (file, stage) in new[] { ("objects/compile.state", "a.c b.c"), ("fix.o.state", "MergeObjects"), ("fix.tables.o.state", "PatchTables"), ("fix.mod.o.state", "Modpost") })
        {
            Damage(file);
            bench.Step(stage);
        }

        // All the others at once, in each way a file can be wrong.
        File.Delete(InObjects("fix.tmp.ko.state"));
        Truncate(InObjects("fix.ko.state"));
        File.WriteAllText(InObjects("fix.ko.verified.state"), "");
        Damage("fix.files");
        bench.Step("LinkModule KlpConvert VerifyModule");
    }

    [Fact]
    public void A_folder_that_is_renamed_is_built_again_to_the_same_bytes()
    {
        bench.Settle();

        bench.Move("elsewhere/and a longer name");

        // Records name files by their absolute paths, and a copy of the tree must not believe the original's files.
        bench.Step(s_both[..s_both.LastIndexOf(' ')]);
        bench.Step(Work.None);
    }

    [Fact]
    public void A_source_folder_that_cannot_be_written_is_built_into_folders_elsewhere()
    {
        using var project = SdkProject.Patch();
        var outside = Path.Combine(project.Root, "outside");
        project.Write("Directory.Build.props", $"""
            <Project><PropertyGroup>
              <BaseIntermediateOutputPath>{outside}/obj/</BaseIntermediateOutputPath><BaseOutputPath>{outside}/bin/</BaseOutputPath>
              <GenerateCompileCommands>false</GenerateCompileCommands>
            </PropertyGroup></Project>
            """);
        File.SetUnixFileMode(project.Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            var before = Seen(project);
            Assert.Contains("fix.c", Work.Of(project.Build().Succeeded()), StringComparison.Ordinal);
            Assert.Equal(Work.None, Work.Of(project.Build().Succeeded()));
            Assert.True(File.Exists(Path.Combine(outside, "bin", bench.Kernel.Release, "fix.ko")));

            // Root may write where the mode says no, so the folder is compared as well: nothing in it was made, changed or replaced.
            Assert.Equal(before, Seen(project));
            project.Run("clean").Succeeded();
            Assert.Equal(before, Seen(project));
            Assert.Empty(Directory.EnumerateFiles(outside, "*", SearchOption.AllDirectories));
        }
        finally
        {
            File.SetUnixFileMode(project.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void A_database_for_editors_that_cannot_be_written_costs_a_warning_and_no_module()
    {
        using var project = SdkProject.Patch();
        project.Write("compile_commands.json/taken.txt", "a folder where the file should be");

        var build = project.Build().Succeeded();

        Assert.Contains("GenerateCompileCommands", Assert.Single(build.Warnings, w => w.Code == "KLP0010").Text, StringComparison.Ordinal);
        Assert.True(File.Exists(project.Module()));
    }

    [Fact]
    public void Clean_leaves_the_sources_and_nothing_else_and_the_next_build_starts_from_nothing()
    {
        bench.WriteFiles();
        Assert.Equal(0, bench.Project.Dotnet("clean").ExitCode);
        var before = bench.Project.Files();
        bench.Step(s_both);
        bench.Project.Build("-p:DebugSymbols=false").Succeeded();

        bench.Project.Run("clean").Succeeded();

        Assert.Equal(before, bench.Project.Files());
        Assert.Equal(["early", "late"], Directory.GetDirectories(bench.Project.Folder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal));
    }

    private static string[] Seen(SdkProject project) =>
    [
        .. Directory.EnumerateFileSystemEntries(project.Folder, "*", SearchOption.AllDirectories).Append(project.Folder).Order(StringComparer.Ordinal)
            .Select(f => $"{f} {new FileInfo(f).LastWriteTimeUtc.Ticks}"),
    ];

    private string InObjects(string name) => Path.Combine(bench.Objects, name);

    /// <summary>Changes one byte in the middle; size stays.</summary>
    private void Damage(string name)
    {
        var bytes = File.ReadAllBytes(InObjects(name));
        bytes[bytes.Length / 2] ^= 0x20;
        File.WriteAllBytes(InObjects(name), bytes);
    }

    private static void Truncate(string path)
    {
        using var stream = File.OpenWrite(path);
        stream.SetLength(stream.Length / 2);
    }
}
