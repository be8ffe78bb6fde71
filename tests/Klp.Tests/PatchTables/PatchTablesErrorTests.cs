using Klp.Base;
using Klp.Elf;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.PatchTables;

/// <summary>What is said of patches that make no sense, each with the line of the macro.</summary>
public sealed class PatchTablesErrorTests
{
    private const string Include = "#include <klp/patch.h>\n";

    public static TheoryData<string, string, string, int> OneSource => new()
    {
        { "KLP_FUNC(vmlinux, foo, int, void) { return 0; }", "KLP0541", "no KLP_MODULE line", 2 },
        { "KLP_FUNC(vmlinux, foo, int, void);\nKLP_MODULE(\"GPL\");", "KLP0555", "The replacement of foo has no body", 2 },
        { "KLP_PRE_PATCH(ext4, object);\nKLP_MODULE(\"GPL\");", "KLP0555", "The pre_patch callback of ext4 has no body", 2 },
        { "KLP_FUNC(\"ext4\", foo, int, void) { return 0; }\nKLP_MODULE(\"GPL\");", "KLP0546", "cannot be the name of a patched object", 2 },
        { "KLP_FUNC(fs/ext4.o.d, foo, int, void) { return 0; }\nKLP_MODULE(\"GPL\");", "KLP0546", "cannot be the name of a patched object", 2 },
        { "KLP_FUNC_NAMED(ext4, \"foo bar\", foo, int, void) { return 0; }\nKLP_MODULE(\"GPL\");", "KLP0547", "cannot be the name of a replaced function", 2 },
        { "KLP_MODULE(\"GPL\");\nKLP_FUNC(ext4, foo, int, void) { return 0; }\nKLP_FUNC_NAMED_POS(ext4, \"foo\", 1, other, int, void) { return 0; }", "KLP0545",
            "foo of ext4 is replaced 2 times, by livepatch_foo and livepatch_other; position 0 and 1 are the same", 4 },
        { "KLP_MODULE(\"GPL\");\nKLP_FUNC_POS(snd-hda, foo, 2, int, void) { return 0; }\nKLP_FUNC_NAMED_POS(snd_hda, \"foo\", 2, other, int, void) { return 0; }", "KLP0545",
            "foo of snd_hda at position 2 is replaced 2 times", 4 },
    };

    [Theory]
    [MemberData(nameof(OneSource))]
    public void A_senseless_patch_is_an_error_at_the_macro(string source, string id, string text, int line)
    {
        foreach (var compiler in new[] { "gcc", "clang" })
        {
            var kernel = Kernels.Newest;
            var diagnostics = Apply(KernelCompiler.For(kernel).CompileElf(Include + source, compiler, "-g0"), kernel, out var succeeded);
            Assert.False(succeeded);
            var error = Assert.Single(diagnostics);
            Assert.Equal((id, Severity.Error, line), (error.Id, error.Severity, error.Place.Line));
            Assert.Contains(text, error.Message, StringComparison.Ordinal);
            Assert.EndsWith("/patch.c", error.Place.File, StringComparison.Ordinal);
            Assert.False(string.IsNullOrEmpty(error.Cure));
        }
    }

    [Theory]
    [InlineData("KLP_MODULE(\"GPL\");", true)]
    [InlineData("KLP_MODULE(\"GPL\", .replace = true);", false)]
    public void An_empty_patch_is_a_warning_unless_it_replaces_others(string source, bool isWarned)
    {
        var diagnostics = Apply(KernelCompiler.For(Kernels.Newest).CompileElf(Include + source), Kernels.Newest, out var succeeded);
        Assert.True(succeeded, diagnostics.ToString());
        Assert.Equal(isWarned ? [("KLP0543", Severity.Warning, 2)] : [], diagnostics.Select(d => (d.Id, d.Severity, d.Place.Line)));
    }

    [Fact]
    public void Claims_of_two_sources_on_one_target_name_both_lines()
    {
        var diagnostics = ApplyMerged(
            ("a.c", Include + "KLP_FUNC(vmlinux, foo, int, void) { return 0; }\nKLP_POST_PATCH(vmlinux, object) { }\nKLP_MODULE(\"GPL\");"),
            ("b.c", Include + "\nKLP_FUNC_POS(vmlinux, foo, 1, int, void) { return 1; }\nKLP_POST_PATCH(vmlinux, object) { }"));
        Assert.Equal(["KLP0548", "KLP0545"], diagnostics.Select(d => d.Id));
        Assert.All(diagnostics, d => Assert.Equal(2, d.Notes!.Count));
        Assert.All(diagnostics, d => Assert.EndsWith("/b.c", d.Place.File, StringComparison.Ordinal));
        Assert.EndsWith("/a.c(2)", diagnostics.Last().Notes![0], StringComparison.Ordinal);
        Assert.EndsWith("/b.c(3)", diagnostics.Last().Notes![1], StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_in_one_run()
    {
        var source = Include + "KLP_FUNC(vmlinux, foo, int, void);\nKLP_FUNC_NAMED(vmlinux, \"a b\", bar, int, void) { return 0; }\nKLP_FUNC_NAMED(vmlinux, \"bar\", bar2, int, void) { return 0; }\n"
            + "KLP_FUNC_NAMED(vmlinux, \"bar\", bar3, int, void) { return 0; }";
        var diagnostics = Apply(KernelCompiler.For(Kernels.Newest).CompileElf(source), Kernels.Newest, out _);
        Assert.Equal(["KLP0541", "KLP0545", "KLP0547", "KLP0555"], diagnostics.Select(d => d.Id).Order());
    }

    /// <summary>What else may come into the records' section: variables and assembly of the author's own.</summary>
    [Theory]
    [InlineData("static int mine __attribute__((used, section(\".klp.patch\"))) = 5;", "the record mine has no relocation for its target", 0)]
    [InlineData("asm(\".pushsection .klp.patch, \\\"aw\\\"\\nmine: .long 2, 9\\n.quad 0\\n.long livepatch_foo, 0\\n.asciz \\\"vmlinux\\\", \\\"bar\\\", \\\"/src/patch.c\\\"\\n.type mine, @object\\n.size mine, . - mine\\n.balign 8\\n.popsection\");",
        "relocation is of type 10, not the machine's 64-bit absolute one (1)", 9)]
    public void What_others_write_between_the_records_is_an_error_and_no_table_is_made(string source, string text, int line)
    {
        var whole = Include + "KLP_MODULE(\"GPL\");\nKLP_FUNC(vmlinux, foo, int, void) { return 0; }\n" + source;
        var diagnostics = Apply(KernelCompiler.For(Kernels.Newest).CompileElf(whole, "gcc", "-g0"), Kernels.Newest, out var succeeded);
        Assert.False(succeeded);
        var error = Assert.Single(diagnostics);
        Assert.Equal(("KLP0540", Severity.Error, line), (error.Id, error.Severity, error.Place.Line));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Contains(line == 0 ? "nothing else may write to that section" : "-mcmodel", error.Cure, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<ElfFile>> Damages => new()
    {
        { "it is of type", f => f.FindSection(".klp.patch")!.Type = SectionType.Note },
        { "the record klp_record_0 lies outside it or over another record", f => Record(f, 0).Size = 1 << 20 },
        { "the record klp_record_1 lies outside it or over another record", f => Record(f, 1).Value = 8 },
        { "there are bytes of no record before klp_record_1", f => Edit(f, (int)Record(f, 1).Value - 1, 1) },
        { "there are bytes of no record at its end", f => Edit(f, (int)f.FindSection(".klp.patch")!.Size - 1, 1) },
        { "the record klp_record_0 cannot be decoded", f => Edit(f, (int)Record(f, 0).Value, 99) },
        { "the record klp_record_0 has no relocation for its target", f => Relocate(f, r => r[1..]) },
        { "there is a relocation of no record at 8", f => Relocate(f, r => [r[0] with { Offset = 8 }, .. r]) },
    };

    [Theory]
    [MemberData(nameof(Damages), DisableDiscoveryEnumeration = true)]
    public void Damaged_records_are_an_error_that_says_which(string text, Action<ElfFile> damage)
    {
        var file = RecordFile.Create(ByteOrder.Little, [new RecordFile.Claim(PatchRecordKind.Function, "vmlinux", "foo", 0)], absolute: 1, gap: 1);
        Assert.Empty(Apply(CCompiler.Read(file.Write()), Kernels.Newest, out _));
        damage(file);
        var error = Assert.Single(Apply(file, Kernels.Newest, out var succeeded));
        Assert.False(succeeded);
        Assert.Equal(("KLP0540", Severity.Error), (error.Id, error.Severity));
        Assert.Contains($"The section .klp.patch is not what <klp/patch.h> writes: {text}", error.Message, StringComparison.Ordinal);
        Assert.Contains("Build again from clean objects", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_livepatching_is_the_error()
    {
        var diagnostics = new DiagnosticBag();
        var template = TestTemplate.For(Kernels.Newest) with { Livepatch = null };
        Assert.False(Klp.Modpost.PatchTables.Apply(KernelCompiler.For(Kernels.Newest).CompileElf(Sources.Header), template, diagnostics));
        Assert.Equal("KLP0544", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void A_module_that_defines_the_table_itself_is_told_so()
    {
        var diagnostics = Apply(KernelCompiler.For(Kernels.Newest).CompileElf(Include + "KLP_MODULE(\"GPL\");\nstruct klp_object __klp_objects[1];\nKLP_FUNC(vmlinux, foo, int, void) { return 0; }"),
            Kernels.Newest, out var succeeded);
        Assert.False(succeeded);
        Assert.Equal("KLP0549", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void Two_module_lines_are_told_with_both_places()
    {
        // The linker refuses two init_module before that, so the second line is made of a function's record.
        var file = KernelCompiler.For(Kernels.Newest).CompileElf(Include + "KLP_MODULE(\"GPL\");\nKLP_FUNC(vmlinux, foo, int, void) { return 0; }");
        var section = file.FindSection(".klp.patch")!;
        var bytes = section.Data.ToArray();
        file.ByteOrder.WriteUInt32(bytes.AsSpan((int)file.Symbols.Single(s => s.Name.StartsWith("klp_record_", StringComparison.Ordinal) && !s.Name.EndsWith("module", StringComparison.Ordinal)).Value), 1);
        section.Data = bytes;
        var error = Assert.Single(Apply(file, Kernels.Newest, out _));
        Assert.Equal(("KLP0542", 2), (error.Id, error.Notes!.Count));
    }

    [Fact]
    public void Two_sources_with_a_module_line_are_told_before_they_are_merged()
    {
        var compiler = KernelCompiler.For(Kernels.Newest);
        using var folder = new TemporaryFolder();
        var objects = new[] { "a.c", "b.c" }.Select(name => CCompiler.Read(File.ReadAllBytes(compiler.Compile(folder, name, Include + "KLP_MODULE(\"GPL\");", "gcc", "-g0")))).ToList();
        var diagnostics = new DiagnosticBag();
        Klp.Modpost.PatchTables.CheckModuleLines(objects, diagnostics);
        var error = Assert.Single(diagnostics);
        Assert.Equal("KLP0542", error.Id);
        Assert.EndsWith("/b.c(2)", error.Place.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("/a.c(2)", error.Notes![0], StringComparison.Ordinal);
        var none = new DiagnosticBag();
        Klp.Modpost.PatchTables.CheckModuleLines(objects.Take(1), none);
        Assert.Empty(none);
    }

    private static ElfSymbol Record(ElfFile file, int number) => file.Symbols.Single(s => s.Name == $"klp_record_{number}");

    private static void Edit(ElfFile file, int at, byte value)
    {
        var section = file.FindSection(".klp.patch")!;
        var bytes = section.Data.ToArray();
        bytes[at] = value;
        section.Data = bytes;
    }

    private static void Relocate(ElfFile file, Func<ElfRelocation[], IReadOnlyList<ElfRelocation>> edit)
    {
        var section = file.FindSection(".rela.klp.patch")!;
        file.SetRelocations(section, [.. edit([.. file.RelocationsOf(section)])]);
    }

    private static DiagnosticBag Apply(ElfFile file, TestKernel kernel, out bool succeeded)
    {
        var before = file.Write();
        var diagnostics = new DiagnosticBag();
        succeeded = Klp.Modpost.PatchTables.Apply(file, TestTemplate.For(kernel), diagnostics);
        Assert.Equal(!succeeded, diagnostics.HasErrors);
        if (!succeeded)
        {
            Assert.Equal(before, file.Write());
        }

        return diagnostics;
    }

    private static DiagnosticBag ApplyMerged(params (string Name, string Source)[] sources)
    {
        using var folder = new TemporaryFolder();
        var kernel = Kernels.Newest;
        var compiler = KernelCompiler.For(kernel);
        var objects = sources.Select(s => compiler.Compile(folder, s.Name, s.Source, "gcc", "-g0")).ToArray();
        var merged = Path.Combine(folder.Path, "merged.o");
        CCompiler.Run("ld", folder.Path, ["-r", "-o", merged, .. objects]);
        return Apply(CCompiler.Read(File.ReadAllBytes(merged)), kernel, out _);
    }
}
