using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Modpost;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Modpost;

/// <summary>What modpost and the loader would refuse is refused here, all of it at once, and the message has the line to paste.</summary>
public sealed class ModpostErrorTests
{
    private const string Start = """
        .section .modinfo,"a"
        .asciz "description=test"
        .text
        .globl init_module
        init_module: ret

        """;

    private const string Gpl = Start + ".section .modinfo,\"a\"\n.asciz \"license=GPL\"\n.text\n";

    [Fact]
    public void A_good_module_has_a_record_and_no_finding()
    {
        Assert.Empty(Run(Gpl, out var record));
        Assert.Equal(["depends=", "name=test", "retpoline=Y"], Modinfo.Read(record!).Entries.Where(e => !e.StartsWith("vermagic=", StringComparison.Ordinal)).Order());
        Assert.Contains(record!.Symbols, s => s.Name == "init_module");
        Assert.DoesNotContain(record.Symbols, s => s.Name == "cleanup_module");
    }

    [Theory]
    [InlineData("", "KLP0510")]
    [InlineData("license=Proprietary", "KLP0512")]
    [InlineData("license=GPL and something", "KLP0512")]
    [InlineData("license=Dual BSD/GPL", null)]
    [InlineData("license=GPL v2", null)]
    public void A_livepatch_must_be_gpl(string licence, string? code)
    {
        var found = Run(Start + $".section .modinfo,\"a\"\n.asciz \"{licence}\"\n.text\ncall klp_enable_patch\n", out _, i => i with { IsLivepatch = true });
        Assert.Equal(code is null ? [] : [code], found.Select(d => d.Id));
    }

    [Fact]
    public void Every_gpl_only_symbol_of_a_proprietary_module_is_named_with_its_line()
    {
        var found = Run(Start + """
            .section .modinfo,"a"
            .asciz "license=Proprietary"
            .text
            .globl cleanup_module
            .type cleanup_module,@function
            cleanup_module: call ktime_get_seconds
            call schedule_hrtimeout
            call _printk
            .size cleanup_module,.-cleanup_module
            """, out _, options: ["-g"]);
        Assert.Equal(["KLP0511", "KLP0511"], found.Select(d => d.Id));
        Assert.All(found, d => Assert.EndsWith("input.s", d.Place.File, StringComparison.Ordinal));
        Assert.Equal([11, 12], found.Select(d => d.Place.Line).Order());
    }

    [Theory]
    [InlineData("6.1", "MODULE_IMPORT_NS(DMA_BUF);")]
    [InlineData("6.14", "MODULE_IMPORT_NS(\"DMA_BUF\");")]
    public void A_missing_namespace_comes_with_the_line_for_that_kernel(string release, string line)
    {
        var found = Run(Gpl + "call dma_buf_get\ncall dma_buf_put\n", out _, i => i with { Profile = i.Profile with { Release = release + ".0", Config = Without(i, "MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS") } });
        var said = Assert.Single(found);
        Assert.Equal(("KLP0513", Severity.Error), (said.Id, said.Severity));
        Assert.Contains("'dma_buf_get', 'dma_buf_put' are", said.Message, StringComparison.Ordinal);
        Assert.EndsWith(line, said.Cure, StringComparison.Ordinal);
        Assert.Empty(Run(Gpl + "call dma_buf_get\n.section .modinfo,\"a\"\n.asciz \"import_ns=DMA_BUF\"\n", out _));
    }

    [Theory]
    [InlineData("module:test", null)]
    [InlineData("module:kvm, te*", null)]
    [InlineData("module:kvm,kvm-amd", "KLP0514")]
    public void A_symbol_for_named_modules_is_for_those_only(string ns, string? code)
    {
        var found = Run(Gpl + "call special\n", out _, i => i with { Imports = [new ExportedSymbol("special", 1, "vmlinux", false, ns)] });
        Assert.Equal(code is null ? [] : [code], found.Select(d => d.Id));
    }

    [Fact]
    public void Everything_wrong_is_said_in_one_run()
    {
        var found = Run("""
            .section .modinfo,"a"
            .asciz "import_ns=module:x"
            .asciz "version=2"
            .asciz "livepatch=Y"
            .data
            .globl __mod_pci__ids_device_table
            __mod_pci__ids_device_table: .quad 0
            __export_symbol_mine: .quad 0
            user: .quad gone
            .section .init.data,"aw"
            gone: .quad 0
            .section .mine,""
            .long 1
            """, out var record, i => i with
        {
            IsLivepatch = true,
            Version = "1",
            ModuleName = new string('n', 56),
            ExtraModinfo = [new("vermagic", "x"), new("a=b", "c"), new("supported", "external"), new("license", "GPL")],
        });
        Assert.Null(record);
        Assert.Equal(
            ["KLP0507", "KLP0510", "KLP0515", "KLP0516", "KLP0520", "KLP0521", "KLP0522", "KLP0523", "KLP0524", "KLP0524", "KLP0524", "KLP0528", "KLP0529"],
            found.Select(d => d.Id).Order());
    }

    [Theory]
    [InlineData("", true, "KLP0556")]
    [InlineData(".section .modinfo,\"a\"\n.asciz \"livepatch=Y\"\n", false, "KLP0556")]
    [InlineData("call klp_enable_patch\n", true, null)]
    [InlineData("", false, null)]
    public void A_livepatch_that_nothing_enables_is_told_at_its_mark(string rest, bool hasPatch, string? code)
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("fix.c", "#include <linux/module.h>\nMODULE_LICENSE(\"GPL\");\nMODULE_INFO(livepatch, \"Y\");\n");
        var found = Run(Gpl + rest, out _, i => i with { IsLivepatch = hasPatch, Sources = [new ModuleSource(source, [], folder.Path)] });
        Assert.Equal(code is null ? [] : [(code, Severity.Warning, source, 3)], found.Select(d => (d.Id, d.Severity, d.Place.File, d.Place.Line)));
    }

    [Fact]
    public void The_project_adds_version_and_modinfo_and_the_livepatch_mark()
    {
        var found = Run(Gpl + "call klp_enable_patch\n", out var record, i => i with { IsLivepatch = true, Version = "1.2", ExtraModinfo = [new("supported", "external")] });
        Assert.Empty(found);
        var modinfo = Modinfo.Read(record!);
        Assert.Equal(["1.2"], modinfo.Values("version"));
        Assert.Equal(["Y"], modinfo.Values("livepatch"));
        Assert.Equal(["external"], modinfo.Values("supported"));
    }

    [Fact]
    public void Names_too_long_for_basic_versions_fit_into_extended_ones()
    {
        var name = new string('x', 56);
        ModpostInput Long(ModpostInput i) => i with { Imports = [new ExportedSymbol(name, 7, "other_module", false, null)] };
        Assert.Equal(["KLP0506"], Run(Gpl + "call " + name + "\n", out _, Long).Select(d => d.Id));
        Assert.Empty(Run(Gpl + "call " + name + "\n", out var record, i => Long(i) with { Profile = i.Profile with { Config = With(i, "EXTENDED_MODVERSIONS", "BASIC_MODVERSIONS") } }));
        Assert.Equal(8, record!.FindSection("__version_ext_crcs")!.Data.Length);
        Assert.Equal(name.Length + "module_layout".Length + 3, record.FindSection("__version_ext_names")!.Data.Length);
        Assert.Equal(64, record.FindSection("__versions")!.Data.Length);
        Assert.Equal(["other_module"], Modinfo.Read(record).Values("depends"));
        Assert.Empty(Run(Gpl, out record, i => i with { Profile = i.Profile with { Config = With(i, "EXTENDED_MODVERSIONS") } }));
        Assert.Null(record!.FindSection("__versions"));
    }

    [Fact]
    public void A_symvers_without_module_layout_does_not_belong_to_a_kernel_with_versions()
    {
        var other = Symvers.Parse("0x00000001\tx\tvmlinux\tEXPORT_SYMBOL\t\n"u8.ToArray(), "Module.symvers", new DiagnosticBag())!;
        Assert.Equal(["KLP0505"], Run(Gpl, out _, i => i with { Symvers = other }).Select(d => d.Id));
        Assert.Empty(Run(Gpl, out var record, i => i with { Symvers = other, Profile = i.Profile with { Config = Without(i, "MODVERSIONS") } }));
        Assert.Null(record!.FindSection("__versions"));
    }

    private static Dictionary<string, string> With(ModpostInput input, params string[] options) => input.Profile.Config.Concat(options.Select(o => KeyValuePair.Create(o, "y"))).DistinctBy(p => p.Key).ToDictionary();

    private static Dictionary<string, string> Without(ModpostInput input, string option) => input.Profile.Config.Where(p => p.Key != option).ToDictionary();

    private static DiagnosticBag Run(string assembler, out ElfFile? record, Func<ModpostInput, ModpostInput>? change = null, params string[] options)
    {
        using var folder = new TemporaryFolder();
        folder.Write("input.s", assembler + "\n");
        CCompiler.Run("as", folder.Path, [.. options, "input.s", "-o", "input.o"]);
        var kernel = ModpostKernel.For(Kernels.BySeries("6.1").Release);
        var input = kernel.Input(CCompiler.Read(File.ReadAllBytes(Path.Combine(folder.Path, "input.o"))), "test") with { IsLivepatch = false };
        var diagnostics = new DiagnosticBag();
        record = ModuleRecord.Create(change?.Invoke(input) ?? input, diagnostics);
        Assert.Equal(diagnostics.HasErrors, record is null);
        return diagnostics;
    }
}
