using Klp.Base;
using Klp.Elf;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Plan;

/// <summary>Annotations that no compiler writes as they are needed here: made by editing what one wrote.</summary>
public sealed class AnnotationTests
{
    private const string Table = """
        extern int foo(int), bar(int);
        static const struct { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { foo, 2 }, { bar, 3 } };
        int replacement(int a) { return foo(a) + bar(a) + 1; }
        """;

    /// <summary>T34: linkers may write relocations in any order.</summary>
    [Fact]
    public void Entries_and_relocations_of_a_table_belong_together_by_offset()
    {
        using var bench = new PlanBench();
        bench.Symbol("vmlinux", "foo", 3);
        bench.Symbol("vmlinux", "bar", 3);
        bench.Patch("vmlinux", "replacement");
        var module = TestMachine.X86_64.Compile(Table);
        var relocations = module.FindSection(".rela.klp.module_relocs.vmlinux")!;
        module.SetRelocations(relocations, [.. module.RelocationsOf(relocations).AsEnumerable().Reverse()]);
        var output = bench.Run(module);
        Assert.NotNull(output);
        Assert.Equal([".klp.sym.vmlinux.bar,3", ".klp.sym.vmlinux.foo,2"], output.Symbols.Where(s => s.SectionIndex == 0xff20).Select(s => s.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>T42: clang's assembler keeps the quotation marks of a quoted label.</summary>
    [Fact]
    public void Quotation_marks_in_a_name_are_told_with_their_cause()
    {
        using var bench = new PlanBench();
        bench.Symbol("vmlinux", "foo");
        bench.Patch("vmlinux", "replacement");
        var module = TestMachine.X86_64.Compile("""extern int foo(int) __asm__(".klp.sym.rela.vmlinux.vmlinux.foo.0"); int replacement(int a) { return foo(a) + 1; }""");
        module.Symbols.Single(s => s.Name.StartsWith(".klp", StringComparison.Ordinal)).Name = "\".klp.sym.rela.vmlinux.vmlinux.foo.0\"";
        Assert.Null(bench.Run(module));
        Assert.Equal(["KLP0381"], bench.Codes(Severity.Warning));
        Assert.Contains("KLP_RELOC_SYMBOL", bench.Diagnostics.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".klp.sym.rela.vmlinux.vmlinux.foo.0", "vmlinux", "vmlinux", "foo", 0ul, null)]
    [InlineData(".klp.sym.rela.vmlinux.vmlinux.foo,12", "vmlinux", "vmlinux", "foo", 12ul, null)]
    [InlineData(".klp.sym.rela.btrfs.xor.foo.isra.0.3", "btrfs", "xor", "foo.isra.0", 3ul, null)]
    [InlineData(".klp.sym.rela.btrfs.xor.foo.isra.0,3", "btrfs", "xor", "foo.isra.0", 3ul, null)]
    [InlineData(".klp.sym.rela.snd-hda-intel.snd-hda-intel.foo.1", "snd_hda_intel", "snd_hda_intel", "foo", 1ul, null)]
    [InlineData(".klp.sym.rela.vmlinux.vmlinux.foo.18446744073709551615", "vmlinux", "vmlinux", "foo", ulong.MaxValue, null)]
    [InlineData(".klp.sym.rela.vmlinux.vmlinux.foo.@fs/ext4/super.c", "vmlinux", "vmlinux", "foo", 0ul, "fs/ext4/super.c")]
    [InlineData(".klp.sym.rela.vmlinux.vmlinux.foo.cold,@a,b.c", "vmlinux", "vmlinux", "foo.cold", 0ul, "a,b.c")]
    public void An_assembler_name_is_read_from_the_right(string name, string sectionObject, string symbolObject, string symbol, ulong position, string? file) =>
        Assert.Equal(new AssemblerName(sectionObject, symbolObject, symbol, position, file), AssemblerName.Parse(name, out _));

    [Theory]
    [InlineData(".klp.sym.rela.")]
    [InlineData(".klp.sym.rela.a")]
    [InlineData(".klp.sym.rela.a.b")]
    [InlineData(".klp.sym.rela.a.b.c")]
    [InlineData(".klp.sym.rela..b.c.0")]
    [InlineData(".klp.sym.rela.a..c.0")]
    [InlineData(".klp.sym.rela.a.b..0")]
    [InlineData(".klp.sym.rela.a.b.c.")]
    [InlineData(".klp.sym.rela.a.b.c.x")]
    [InlineData(".klp.sym.rela.a.b.c.-1")]
    [InlineData(".klp.sym.rela.a.b.c. 1")]
    [InlineData(".klp.sym.rela.a.b.c.18446744073709551616")]
    public void A_name_that_says_too_little_is_refused_with_a_reason(string name)
    {
        Assert.Null(AssemblerName.Parse(name, out var problem));
        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData(".klp.sym.vmlinux.printk,0", "vmlinux", "printk", 0ul)]
    [InlineData(".klp.sym.btrfs.can_modify_feature.isra.3,0", "btrfs", "can_modify_feature.isra.3", 0ul)]
    [InlineData(".klp.sym.ext4.foo,1x", "ext4", "foo", 1ul)]
    [InlineData(".klp.sym.ext4.foo, 7", "ext4", "foo", 7ul)]
    public void A_livepatch_symbols_name_is_read_as_the_kernel_reads_it(string name, string objectName, string symbol, ulong position) =>
        Assert.Equal(new LivepatchSymbolName(objectName, symbol, position), LivepatchSymbolName.Parse(name));

    [Theory]
    [InlineData(".klp.sym.vmlinux.foo")]
    [InlineData(".klp.sym..foo,0")]
    [InlineData(".klp.sym.vmlinux.,0")]
    [InlineData(".klp.sym.vmlinux.foo,")]
    [InlineData(".klp.sym.vmlinux.foo,x")]
    [InlineData("foo")]
    public void What_the_kernel_calls_incorrectly_formatted_is_no_livepatch_name(string name) => Assert.Null(LivepatchSymbolName.Parse(name));

    /// <summary>Whether the name is there cannot be told, so it is not said to be missing.</summary>
    [Fact]
    public void An_annotation_for_a_module_without_symbols_is_one_error_that_says_so()
    {
        using var bench = new PlanBench();
        bench.StrippedModule("ext4");
        bench.Patch("ext4", "replacement");
        Assert.Null(bench.Run(TestMachine.X86_64.Compile("""extern int foo(int) __asm__(".klp.sym.rela.ext4.ext4.foo.0"); int replacement(int a) { return foo(a) + 1; }""")));
        var error = Assert.Single(bench.Diagnostics, d => d.Severity != Severity.Information);
        Assert.Equal(("KLP0312", "ext4.ko"), (error.Id, Path.GetFileName(error.Place.File)));
        Assert.DoesNotContain(bench.Diagnostics, d => d.Id == "KLP0378");
    }

    /// <summary>The file form with a real vmlinux whose symbol table knows its files.</summary>
    [Fact]
    public void A_source_file_finds_the_position_in_an_unstripped_vmlinux()
    {
        using var bench = new PlanBench();
        bench.LinkVmlinux(("inode.c", "static int foo(int a) { return a; } int inode(void) { return foo(1); } void _stext(void) {}"), ("super.c", "static int foo(int a) { return a + 2; } int super(void) { return foo(1); }"));
        bench.Patch("vmlinux", "replacement");
        const string Source = """extern int foo(int) __asm__("\".klp.sym.rela.vmlinux.vmlinux.foo.@fs/ext4/FILE\""); int replacement(int a) { return foo(a) + 1; }""";
        foreach (var (file, position) in new[] { ("inode.c", 1), ("super.c", 2) })
        {
            var output = bench.Run(TestMachine.X86_64.Compile(Source.Replace("FILE", file, StringComparison.Ordinal)));
            Assert.True(output is not null, bench.Diagnostics.ToString());
            Assert.Contains(output.Symbols, s => s.Name == $".klp.sym.vmlinux.foo,{position}");
        }

        Assert.Null(bench.Run(TestMachine.X86_64.Compile(Source.Replace("FILE", "dir.c", StringComparison.Ordinal))));
        Assert.Equal(["KLP0385"], bench.Codes(Severity.Warning));
        Assert.Contains("super.c", bench.Diagnostics.ToString(), StringComparison.Ordinal);
    }
}
