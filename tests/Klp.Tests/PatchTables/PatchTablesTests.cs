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
        Assert.Equal(Dump(plain, "objs", template), Dump(ours, Klp.Modpost.PatchTables.ObjectsSymbol, template));
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
        var data = file.FindSection(".data.klp")!;
        Assert.Equal((SectionType.ProgBits, SectionFlags.Write | SectionFlags.Alloc, 8ul), (data.Type, data.Flags, data.Alignment));
        Assert.Equal("cmdline_proc_show\0", Encoding.Latin1.GetString(file.FindSection(".rodata.klp")!.Data.Span[..18]));
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

    /// <summary>Tables as text: every byte, every relocation by type and by what it means; function tables in the place of their pointer.</summary>
    private static string Dump(ElfFile file, string symbolName, ModuleTemplate template)
    {
        var layout = template.Livepatch!;
        var symbol = file.Symbols.Single(s => s.Name == symbolName);
        var count = symbol.Size / (ulong)layout.ObjectSize;
        var text = new StringBuilder().AppendLine($"{count} objects");
        for (var i = 0ul; i < count; i++)
        {
            var functions = DumpElement(file, text, symbol.SectionIndex, symbol.Value + (i * (ulong)layout.ObjectSize), layout.ObjectSize, layout.ObjectFuncs);
            for (var more = functions is not null; more;)
            {
                var at = functions!.Value;
                more = DumpElement(file, text, at.Section, at.Offset, layout.FuncSize, -1) is not null;
                functions = (at.Section, at.Offset + (ulong)layout.FuncSize);
            }
        }

        return text.ToString();
    }

    /// <summary>Appends one struct; returns where its pointer at <paramref name="follow"/> points, or any place where it has another relocation.</summary>
    private static (int Section, ulong Offset)? DumpElement(ElfFile file, StringBuilder text, int section, ulong at, int size, int follow)
    {
        // A table of one empty element is in .bss where the compiler writes it.
        var bytes = file.Sections[section].Type == SectionType.NoBits ? new byte[size] : file.Sections[section].Data.Slice((int)at, size).ToArray();
        text.Append(Convert.ToHexString(bytes));
        (int Section, ulong Offset)? result = null;
        foreach (var relocation in file.RelocationSectionsFor(section).SelectMany(file.RelocationsOf).Where(r => r.Offset >= at && r.Offset < at + (ulong)size).OrderBy(r => r.Offset))
        {
            var target = file.SymbolOf(relocation)!;
            var (targetSection, offset) = ((int)target.SectionIndex, target.Value + (ulong)relocation.Addend);
            var field = (int)(relocation.Offset - at);
            result = follow < 0 || field == follow ? (targetSection, offset) : result;
            text.Append($" {field}:type {relocation.Type} ").Append(field == follow ? "table" : Meaning(file, targetSection, offset));
        }

        text.AppendLine();
        return result;
    }

    private static string Meaning(ElfFile file, int section, ulong offset)
    {
        var bytes = file.Sections[section].Data.Span[(int)offset..];
        return file.Sections[section].IsExecutable
            ? file.Symbols.Single(s => s.Type == SymbolType.Function && s.SectionIndex == section && s.Value == offset && !s.Name.StartsWith("__cfi_", StringComparison.Ordinal)).Name
            : '"' + Encoding.Latin1.GetString(bytes[..bytes.IndexOf((byte)0)]) + '"';
    }
}
