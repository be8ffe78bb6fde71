using System.Text;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Modpost;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.PatchTables;

/// <summary>The tables written for the author's header, held against those the C compiler writes for the same patch.</summary>
public sealed class PatchTablesTests
{
    public static IEnumerable<object[]> KernelsAndCompilers => Sources.KernelsAndCompilers;

    [Theory]
    [MemberData(nameof(KernelsAndCompilers))]
    public void Tables_are_those_the_compiler_writes_for_the_plain_api(string release, string compiler)
    {
        var kernel = Kernels.ByRelease(release);
        var template = TestTemplate.For(kernel);
        var ours = Applied(KernelCompiler.For(kernel).CompileElf(Sources.Header, compiler), template);
        var plain = KernelCompiler.For(kernel).CompileElf(Sources.Plain, compiler);
        Assert.Equal(TableDump.Of(plain, "objs", template.Livepatch!), TableDump.Of(ours, Klp.Modpost.PatchTables.ObjectsSymbol, template.Livepatch!));
    }

    [Theory]
    [MemberData(nameof(KernelsAndCompilers))]
    public void Nothing_of_the_records_stays_in_the_module(string release, string compiler)
    {
        var kernel = Kernels.ByRelease(release);
        var file = Applied(KernelCompiler.For(kernel).CompileElf(Sources.Header, compiler), TestTemplate.For(kernel));
        var again = CCompiler.Read(file.Write());
        Assert.DoesNotContain(again.Sections, s => s.Name.Contains(".klp.patch", StringComparison.Ordinal));
        Assert.DoesNotContain(again.Symbols, s => s.Name.StartsWith("klp_record_", StringComparison.Ordinal));
        foreach (var (_, section) in again.RelocationSections())
        {
            Assert.All(again.RelocationsOf(section), r => Assert.NotNull(again.SymbolOf(r)));
        }
    }

    [Theory]
    [MemberData(nameof(KernelsAndCompilers))]
    public void The_tables_lie_in_writable_data_that_is_kept(string release, string compiler)
    {
        var kernel = Kernels.ByRelease(release);
        var file = Applied(KernelCompiler.For(kernel).CompileElf(Sources.Header, compiler), TestTemplate.For(kernel));
        var data = file.FindSection(".data..klp")!;
        Assert.Equal((SectionType.ProgBits, SectionFlags.Write | SectionFlags.Alloc, 8ul), (data.Type, data.Flags, data.Alignment));
        Assert.Equal("cmdline_proc_show\0", Encoding.Latin1.GetString(file.FindSection(".rodata..klp")!.Data.Span[..18]));
        Assert.False(file.Symbols.Single(s => s.Name == "__klp_objects").IsUndefined);
        var symbols = file.Symbols.Select(s => s.Binding == SymbolBinding.Local).ToList();
        Assert.Equal(symbols.OrderByDescending(local => local), symbols);
    }

    [Fact]
    public void The_result_is_the_same_each_time()
    {
        var kernel = Kernels.Newest;
        var bytes = KernelCompiler.For(kernel).CompileElf(Sources.Header).Write();
        var results = Enumerable.Range(0, 2).Select(_ => Applied(CCompiler.Read(bytes), TestTemplate.For(kernel)).Write()).ToList();
        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public void A_module_without_records_is_left_alone()
    {
        var kernel = Kernels.Newest;
        var file = KernelCompiler.For(kernel).CompileElf(Sources.Plain);
        var before = file.Write();
        Assert.Equal(before, Applied(file, TestTemplate.For(kernel)).Write());
    }

    internal static ElfFile Applied(ElfFile file, ModuleTemplate template)
    {
        var diagnostics = new DiagnosticBag();
        Assert.True(Klp.Modpost.PatchTables.Apply(file, template, diagnostics), diagnostics.ToString());
        Assert.Empty(diagnostics);
        return file;
    }
}
