using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;
using static Klp.Tests.Verify.VerifyBench;

namespace Klp.Tests.Verify;

/// <summary>The functions a patch brings along: where they lie, what they refer to, and whether the kernel may call them through a pointer.</summary>
public sealed class ReplacementTests
{
    private static readonly byte[] s_endBranch = [0xf3, 0x0f, 0x1e, 0xfa];

    [Fact]
    public void A_replacement_that_calls_what_it_replaces_is_a_warning_with_the_line_of_the_call()
    {
        var finding = AssertFinds("KLP0789", file => file.SymbolOf(file.RelocationsOf(file.LivepatchSection())[0])!.Name = ".klp.sym.vmlinux.cmdline_proc_show,0");
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.EndsWith("finished.c", finding.Place.File, StringComparison.Ordinal);
        Assert.InRange(finding.Place.Line, 10, 20);
    }

    [Fact]
    public void A_replacement_in_init_memory() => AssertFinds("KLP0788", file => file.Sections[(int)file.LivepatchSection().Info].Name = ".init.text", "KLP0756", "KLP0770");

    [Fact]
    public void A_replacement_that_is_data() => AssertFinds("KLP0788", file =>
    {
        var functions = TableRelocations(file);
        functions.Change(r => Named(file, r) == ".text", r => r with { SymbolIndex = SectionSymbol(file, ".data"), Addend = 0 });
    }, "KLP0790");

    [Fact]
    public void A_replacement_of_another_module() => AssertFinds("KLP0788", file =>
    {
        var functions = TableRelocations(file);
        functions.Change(r => Named(file, r) == ".text", r => r with { SymbolIndex = (uint)file.Symbols.FindIndex(s => s.Name == "klp_enable_patch") });
    });

    [Fact]
    public void Branch_tracking_wants_ENDBR_at_every_function_that_the_kernel_calls()
    {
        Assert.True(FinishedModule.For(VerifyBench.Kernel).Profile.IsConfigured("X86_KERNEL_IBT"));
        var found = Broken(file =>
        {
            foreach (var section in file.Sections.Where(s => s.IsExecutable))
            {
                var data = section.Data.ToArray();
                for (var at = data.AsSpan().IndexOf(s_endBranch); at >= 0; at = data.AsSpan().IndexOf(s_endBranch))
                {
                    data.AsSpan(at, 4).Fill(0x90);
                }

                section.Data = data;
            }
        });

        // Two replacements, one callback, init and exit.
        Assert.Equal(Enumerable.Repeat("KLP0790", 5), found.Select(d => d.Id));
    }

    [Fact]
    public void Branch_tracking_wants_no_such_function_sealed() => AssertFinds("KLP0791", file =>
    {
        var init = file.Symbols.FindIndex(s => s.Name == "init_module");
        var seal = file.AddSection(new ElfSection { Name = ".ibt_endbr_seal", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc, Data = new byte[4], Alignment = 4 });
        file.AddSection(new ElfSection
        {
            Name = ".rela.ibt_endbr_seal", Type = SectionType.RelocationWithAddend, Flags = SectionFlags.InfoLink, Link = (uint)file.SymbolTableIndex, Info = (uint)seal, Alignment = 8, EntrySize = 24,
            Data = ElfRelocation.WriteAll([new ElfRelocation(0, (uint)init, 2, 0)], file.ByteOrder),
        });
    });

    [Fact]
    public void Kernels_without_branch_tracking_want_neither()
    {
        var config = FinishedModule.For(VerifyBench.Kernel).Profile.Config.Where(c => c.Key != "X86_KERNEL_IBT").ToDictionary();
        Assert.Empty(Broken(file =>
        {
            var text = file.Sections[(int)file.LivepatchSection().Info];
            var data = text.Data.ToArray();
            data.AsSpan(data.AsSpan().IndexOf(s_endBranch), 4).Fill(0x90);
            text.Data = data;
        }, i => i with { Profile = i.Profile! with { Config = config } }));
    }

    /// <summary>Relocations of the section that holds the klp_func tables.</summary>
    private static (ElfFile File, ElfSection Section) TableRelocations(ElfFile file) => (file, file.FindSection(".rela.data")!);

    private static string? Named(ElfFile file, ElfRelocation relocation) => file.SymbolOf(relocation) is { Type: SymbolType.Section } symbol ? file.SectionOf(symbol)?.Name : file.SymbolOf(relocation)?.Name;

    private static uint SectionSymbol(ElfFile file, string section) => (uint)file.Symbols.FindIndex(s => s.Type == SymbolType.Section && file.SectionOf(s)?.Name == section);
}

file static class Relocations
{
    /// <summary>Changes the first relocation that fits.</summary>
    public static void Change(this (ElfFile File, ElfSection Section) table, Func<ElfRelocation, bool> which, Func<ElfRelocation, ElfRelocation> change)
    {
        var relocations = table.File.RelocationsOf(table.Section);
        var index = relocations.FindIndex(r => which(r));
        relocations[index] = change(relocations[index]);
        table.File.SetRelocations(table.Section, relocations);
    }
}
