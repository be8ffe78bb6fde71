using Klp.Base;
using Klp.Elf;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.PatchTables;

/// <summary>What a module patches, read from records, from the compiler's tables, from ours, and from finished modules.</summary>
public sealed class PatchModelTests
{
    private const string PlainStart = """
        #include <linux/module.h>
        #include <linux/livepatch.h>
        #include <linux/fs.h>
        #include <linux/slab.h>
        static int livepatch_foo(void) { return 1; }
        module_init(start);
        MODULE_LICENSE("GPL");
        MODULE_INFO(livepatch, "Y");
        """;

    public static IEnumerable<object[]> KernelsAndCompilers => Sources.KernelsAndCompilers;

    [Theory]
    [MemberData(nameof(KernelsAndCompilers))]
    public void Records_tables_and_our_tables_say_the_same(string release, string compiler)
    {
        var kernel = Kernels.ByRelease(release);
        var header = KernelCompiler.For(kernel).CompileElf(Sources.Header, compiler);
        var plain = KernelCompiler.For(kernel).CompileElf(Sources.Plain, compiler);
        var fromRecords = Read(header, kernel);
        var fromOurs = Read(PatchTablesTests.Applied(header, TestTemplate.For(kernel)), kernel);
        var fromTables = Read(plain, kernel);
        const string Expected = """
            vmlinux: cmdline_proc_show,0=livepatch_cmdline_proc_show meminfo_proc_show.isra.0,0=livepatch_meminfo_proc_show post_unpatch
            snd_hda_intel: azx_probe,2=livepatch_azx_probe azx_probe.part.0,3=livepatch_azx_probe_part
            loop: pre_patch
            """;
        Assert.Equal([Expected, Expected, Expected], new[] { fromRecords, fromOurs, fromTables }.Select(Describe));
        Assert.All(new[] { fromRecords, fromOurs, fromTables }, m => Assert.True(m is { IsReadable: true, HasPatch: true }));
    }

    [Theory]
    [MemberData(nameof(KernelsAndCompilers))]
    public void Places_are_the_macros_line_and_the_replacements(string release, string compiler)
    {
        var kernel = Kernels.ByRelease(release);
        var fromRecords = Read(KernelCompiler.For(kernel).CompileElf(Sources.Header, compiler, "-g"), kernel);
        Assert.Equal([4, 15, 10, 20], Lines(fromRecords));
        Assert.Equal([25, 30], fromRecords.Objects.SelectMany(o => o.Callbacks).Select(c => c.Place.Line).Order());
        var fromTables = Read(KernelCompiler.For(kernel).CompileElf(Sources.Plain, compiler, "-g"), kernel);
        Assert.Equal([5, 7, 6, 8], Lines(fromTables));
        Assert.All(fromTables.Objects, o => Assert.EndsWith("/patch.c", o.Place.File, StringComparison.Ordinal));
    }

    [Fact]
    public void Lines_are_not_decoded_before_a_message_needs_one()
    {
        var kernel = Kernels.All[0];
        var file = KernelCompiler.For(kernel).CompileElf(Sources.Plain, "gcc", "-g");
        var lines = LineTable.Read(file);
        var model = PatchModel.Read(file, TestTemplate.For(kernel).Livepatch!, lines, []);
        Assert.False(lines.IsDecoded);
        Assert.NotEqual(0, model.Objects[0].Place.Line);
        Assert.True(lines.IsDecoded);
    }

    [Theory]
    [MemberData(nameof(KernelsAndCompilers))]
    public void Replacements_are_found_where_they_are(string release, string compiler)
    {
        var kernel = Kernels.ByRelease(release);
        var file = KernelCompiler.For(kernel).CompileElf(Sources.Plain, compiler);
        foreach (var function in Read(file, kernel).Objects.SelectMany(o => o.Functions))
        {
            var symbol = file.Symbols.Single(s => s.Name == function.NewName);
            Assert.Equal((symbol.SectionIndex, symbol.Value), ((ushort)function.SectionIndex, function.Offset));
        }
    }

    [Theory]
    [InlineData("static struct klp_patch *p; static int start(void) { p = kzalloc(sizeof(*p), GFP_KERNEL); p->mod = THIS_MODULE; return klp_enable_patch(p); }")]
    [InlineData("static struct klp_patch p = { .mod = THIS_MODULE }; static int start(void) { p.objs = kzalloc(999, GFP_KERNEL); return klp_enable_patch(&p); }")]
    [InlineData("static struct klp_func f[2]; static struct klp_object o[] = { { .name = \"ext4\" }, { } }; static struct klp_patch p = { .mod = THIS_MODULE, .objs = o }; static int start(void) { f[0].old_name = \"foo\"; f[0].new_func = livepatch_foo; o[0].funcs = f; return klp_enable_patch(&p); }")]
    [InlineData("static struct klp_func f[] = { { .new_func = livepatch_foo }, { } }; static struct klp_object o[] = { { .funcs = f }, { } }; static struct klp_patch p = { .mod = THIS_MODULE, .objs = o }; static int start(void) { f[0].old_name = \"foo\"; return klp_enable_patch(&p); }")]
    [InlineData("extern struct klp_func f[]; static struct klp_object o[] = { { .funcs = f }, { } }; static struct klp_patch p = { .mod = THIS_MODULE, .objs = o }; static int start(void) { return klp_enable_patch(&p); }")]
    public void Tables_made_at_run_time_are_not_readable_and_the_error_names_the_way_out(string source)
    {
        foreach (var compiler in new[] { "gcc", "clang" })
        {
            var model = Read(KernelCompiler.For(Kernels.Newest).CompileElf(Plain(source), compiler, "-g0"), Kernels.Newest);
            Assert.Equal((true, false), (model.HasPatch, model.IsReadable));
            var diagnostics = new DiagnosticBag();
            model.ReportUnreadable("fix.ko", diagnostics);
            var error = Assert.Single(diagnostics);
            Assert.Equal("KLP0560", error.Id);
            Assert.Contains("KlpObject", error.Cure, StringComparison.Ordinal);
            Assert.Contains(model.Obstacle!, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("static struct klp_func f[] = { { .old_name = \"foo\", .new_func = livepatch_foo }, { } }; static struct klp_object o[] = { { .name = \"ext4\", .funcs = f }, { } }; "
        + "static struct { int before; struct klp_patch p; } all = { .p = { .mod = THIS_MODULE, .objs = o } }; static int start(void) { return klp_enable_patch(&all.p); }")]
    [InlineData("static struct { struct klp_func f[2]; struct klp_object o[2]; } t = { .f = { { .old_name = \"foo\", .new_func = livepatch_foo } }, .o = { { .name = \"ext4\", .funcs = t.f } } }; "
        + "static struct klp_patch p = { .mod = THIS_MODULE, .objs = t.o }; static struct klp_patch *q = &p; static int start(void) { return klp_enable_patch(q); }")]
    [InlineData("static struct klp_patch p = { .mod = THIS_MODULE, .objs = (struct klp_object[]) { { .name = \"ext4\", .funcs = (struct klp_func[]) { { .old_name = \"foo\", .new_func = livepatch_foo }, { } } }, { } } }; "
        + "static const struct file_operations ops = { .owner = THIS_MODULE }; const void *use = &ops; static int start(void) { return klp_enable_patch(&p); }")]
    [InlineData("static const char name[] = \"ext4\"; static struct klp_func f[] = { { .old_name = \"foo\", .new_func = livepatch_foo }, { } }; static struct klp_object o[] = { { .name = name, .funcs = f }, { } }; "
        + "static struct klp_patch p[] = { { .mod = THIS_MODULE, .objs = o } }; static int start(void) { return klp_enable_patch(p); }")]
    public void Tables_are_found_however_they_are_written(string source)
    {
        foreach (var compiler in new[] { "gcc", "clang" })
        {
            var model = Read(KernelCompiler.For(Kernels.Newest).CompileElf(Plain(source), compiler, "-g0"), Kernels.Newest);
            Assert.Equal(("ext4: foo,0=livepatch_foo", true), (Describe(model), model.IsReadable));
        }
    }

    [Theory]
    [InlineData("static int start(void) { return livepatch_foo(); }")]
    [InlineData("static ssize_t r(struct file *f, char __user *b, size_t n, loff_t *p) { return 0; } static struct file_operations ops = { .owner = THIS_MODULE, .read = r }; void *use = &ops; static int start(void) { return livepatch_foo(); }")]
    [InlineData("static char data[8]; static struct { struct module *m; void *p; } pair = { THIS_MODULE, data }; void *use = &pair; static int start(void) { return livepatch_foo(); }")]
    public void Other_structs_with_an_owner_are_no_patch(string source)
    {
        var model = Read(KernelCompiler.For(Kernels.Newest).CompileElf(Plain(source), "gcc", "-g0"), Kernels.Newest);
        Assert.Equal((false, true, 0), (model.HasPatch, model.IsReadable, model.Objects.Count));
    }

    [Fact]
    public void A_finished_module_is_read_like_its_object()
    {
        foreach (var kernel in Kernels.All)
        {
            using var module = Kbuild.BuildFolder(kernel, "meminfo", Repository.Combine("samples", "meminfo"));
            var file = CCompiler.Read(File.ReadAllBytes(module.File));
            Assert.Equal("vmlinux: meminfo_proc_show,0=livepatch_meminfo_proc_show", Describe(Read(file, kernel)));
        }
    }

    [Theory]
    [InlineData("static struct klp_func f[] = { { .old_name = \"foo\", .new_func = livepatch_foo } }; static struct klp_object o[] = { { .funcs = f }, { } };", "KLP0553", "The table f has no empty element")]
    [InlineData("static struct klp_func f[] = { { .old_name = \"foo\", .new_func = livepatch_foo }, { } }; static struct klp_object o[] = { { .funcs = f } };", "KLP0553", "The table o has no empty element")]
    [InlineData("static struct klp_func f[] = { { .old_name = \"foo\", .new_func = livepatch_foo }, { } }; static struct klp_object o[] = { { .name = \"vmlinux\", .funcs = f }, { } };", "KLP0550", "named \"vmlinux\"")]
    [InlineData("static struct klp_func f[] = { { .old_name = \"foo\", .new_func = livepatch_foo }, { } }; static struct klp_object o[] = { { .name = \"snd-hda\", .funcs = f }, { } };", "KLP0551", "named \"snd-hda\"")]
    [InlineData("static struct klp_func f[] = { { .old_name = \"foo\", .new_func = livepatch_foo }, { } }; static struct klp_func g[] = { { .old_name = \"bar\", .new_func = livepatch_foo }, { } }; static struct klp_object o[] = { { .funcs = f }, { .funcs = g }, { } };", "KLP0552", "names vmlinux 2 times")]
    [InlineData("static struct klp_func f[] = { { .old_name = \"foo\", .new_func = livepatch_foo }, { .old_name = \"foo\", .new_func = livepatch_foo, .old_sympos = 1 }, { } }; static struct klp_object o[] = { { .funcs = f }, { } };", "KLP0545", "foo of vmlinux is replaced 2 times")]
    public void Tables_the_kernel_would_refuse_or_ignore_are_errors(string source, string id, string text)
    {
        var whole = Plain(source + " static struct klp_patch p = { .mod = THIS_MODULE, .objs = o }; static int start(void) { return klp_enable_patch(&p); }");
        var model = Read(KernelCompiler.For(Kernels.Newest).CompileElf(whole, "gcc", "-g"), Kernels.Newest);
        var diagnostics = new DiagnosticBag();
        PatchClaims.Check(model, 55, 511, diagnostics);
        var error = Assert.Single(diagnostics);
        Assert.Equal((id, Severity.Error), (error.Id, error.Severity));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.True(error.Place.Line == 5, error.ToString());
    }

    internal static PatchModel Read(ElfFile file, TestKernel kernel)
    {
        var diagnostics = new DiagnosticBag();
        var model = PatchModel.Read(file, TestTemplate.For(kernel).Livepatch!, LineTable.Read(file), diagnostics);
        Assert.Empty(diagnostics);
        return model;
    }

    private static string Plain(string source) => PlainStart.Replace("module_init(start);", source + "\nmodule_init(start);");

    private static IEnumerable<int> Lines(PatchModel model) => model.Objects.SelectMany(o => o.Functions).Select(f => f.Place.Line);

    private static string Describe(PatchModel model) => string.Join('\n', model.Objects.Select(o =>
        $"{o.Name}: " + string.Join(' ', o.Functions.Select(f => $"{f.OldName},{f.Position}={f.NewName}").Concat(o.Callbacks.Select(c => c.Kind)))));
}
