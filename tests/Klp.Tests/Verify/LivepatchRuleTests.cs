using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;
using static Klp.Tests.Verify.VerifyBench;

namespace Klp.Tests.Verify;

/// <summary>T50 to T70: what the livepatch core and x86's relocation code say, to a good module with one change.</summary>
public sealed class LivepatchRuleTests
{
    [Fact]
    public void T50_A_module_section_that_names_a_vmlinux_symbol() => AssertFinds("KLP0763", file => Rename(file, "pktgen", ".klp.sym.vmlinux.si_swapinfo,0"));

    [Fact]
    public void T50_Kernels_before_5_8_take_it() => Assert.DoesNotContain(
        Broken(file => Rename(file, "pktgen", ".klp.sym.vmlinux.si_swapinfo,0"), i => i with { Rules = LoaderRules.For("5.4.0") }), d => d.Id == "KLP0763");

    [Fact]
    public void T52_A_vmlinux_section_that_names_a_modules_symbol() => AssertFinds("KLP0764", file => Rename(file, "vmlinux", ".klp.sym.pktgen.pg_count_d,0"));

    [Fact]
    public void T54_Relocations_of_an_object_that_is_not_patched() =>
        AssertFinds("KLP0757", file => file.LivepatchSection("pktgen").Name = ".klp.rela.ext4.text");

    [Fact]
    public void T54_A_declared_object_counts_as_patched() =>
        Assert.Empty(Broken(file => file.LivepatchSection("pktgen").Name = ".klp.rela.ext4.text", i => i with { DeclaredObjects = ["ext4"] }));

    [Fact]
    public void T55_A_module_section_for_freed_memory() => AssertFinds("KLP0770", file =>
    {
        file.Sections[(int)file.LivepatchSection("pktgen").Info].Name = ".init.text";
        file.LivepatchSection("pktgen").Name = ".klp.rela.pktgen.init.text";
    }, "KLP0756", "KLP0788");

    [Fact]
    public void T57_A_vmlinux_symbol_of_init_memory() => AssertFinds("KLP0769", file => Rename(file, "vmlinux", ".klp.sym.vmlinux.start_kernel,0"));

    [Fact]
    public void T63_A_module_section_for_a_jump_table() => AssertFinds("KLP0771", file =>
    {
        var table = file.AddSection(new ElfSection { Name = "__jump_table", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Write, Data = new byte[64], Alignment = 8 });
        var section = file.LivepatchSection("pktgen").Clone();
        section.Name = ".klp.rela.pktgen.__jump_table";
        section.Info = (uint)table;
        section.Data = ElfRelocation.WriteAll([file.RelocationsOf(section)[0] with { Offset = 0 }], file.ByteOrder);
        file.AddSection(section);
    });

    [Fact]
    public void T64_Kernels_before_5_8_need_a_klp_object_for_vmlinux()
    {
        var found = Broken(file =>
        {
            // Without the relocation of the first klp_object's funcs only pktgen is patched.
            file.RemoveSections((_, s) => s.Name == ".klp.rela.pktgen.text");
        }, i => i with { Rules = LoaderRules.For("5.4.0"), Patch = OnlyPktgen });
        Assert.Contains("KLP0758", found.Select(d => d.Id));
        Assert.DoesNotContain("KLP0758", Broken(_ => { }, i => i with { Patch = OnlyPktgen }).Select(d => d.Id));
    }

    [Theory]
    [InlineData(9u)]
    [InlineData(41u)]
    [InlineData(42u)]
    public void T65_Relocations_through_a_GOT(uint type)
    {
        var finding = AssertFinds("KLP0746", file => file.ChangeFirst(file.LivepatchSection(), r => r with { Type = type }));
        Assert.Contains("GOTPC", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void T66_A_place_that_is_not_zero() => AssertFinds("KLP0747", file =>
    {
        var text = file.Sections[(int)file.LivepatchSection().Info];
        var data = text.Data.ToArray();
        data[file.RelocationsOf(file.LivepatchSection())[0].Offset] = 1;
        text.Data = data;
    });

    [Fact]
    public void T66_Only_the_last_of_eight_bytes_is_not_zero() => AssertFinds("KLP0747", file =>
    {
        var data = new byte[16];
        data[7] = 1;
        var target = file.AddSection(new ElfSection { Name = ".data.more", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Write, Data = data, Alignment = 8 });
        AddRelocations(file, target, new ElfRelocation(0, (uint)file.Symbols.FindIndex(s => s.Name == "__this_module"), 1, 0));
    });

    [Fact]
    public void T66_Two_relocations_at_one_place() => AssertFinds("KLP0747", file =>
    {
        var section = file.LivepatchSection();
        file.SetRelocations(section, [.. file.RelocationsOf(section), file.RelocationsOf(section)[0]]);
    });

    [Theory]
    [InlineData(10u, 0L)]
    [InlineData(11u, -0x80000000L)]
    public void T67_An_address_that_does_not_fit(uint type, long addend) => AssertFinds("KLP0748", file =>
    {
        var target = file.AddSection(new ElfSection { Name = ".data.more", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Write, Data = new byte[16], Alignment = 8 });
        AddRelocations(file, target, new ElfRelocation(0, (uint)file.Symbols.FindIndex(s => s.Name == "__this_module"), type, addend));
    });

    [Fact]
    public void T67_A_sign_extended_address_fits() => Assert.Empty(Broken(file =>
    {
        var target = file.AddSection(new ElfSection { Name = ".data.more", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Write, Data = new byte[16], Alignment = 8 });
        AddRelocations(file, target, new ElfRelocation(0, (uint)file.Symbols.FindIndex(s => s.Name == "__this_module"), 11, 8));
    }));

    [Fact]
    public void T68_A_distance_that_the_kernel_would_cut_off() =>
        Assert.Equal(Severity.Warning, AssertFinds("KLP0748", file => file.ChangeFirst(file.LivepatchSection(), r => r with { Type = 2, Addend = 0x1_0000_0000 })).Severity);

    [Fact]
    public void T69_An_empty_relocation_in_a_livepatch_section() => AssertFinds("KLP0760", file => file.ChangeFirst(file.LivepatchSection(), _ => default));

    [Fact]
    public void An_ordinary_relocation_of_a_livepatch_symbol() => AssertFinds("KLP0749", file =>
    {
        var target = file.AddSection(new ElfSection { Name = ".data.more", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Write, Data = new byte[16], Alignment = 8 });
        AddRelocations(file, target, new ElfRelocation(0, file.RelocationsOf(file.LivepatchSection())[0].SymbolIndex, 1, 0));
    });

    [Theory]
    [InlineData(".klp.rela..text")]
    [InlineData(".rela.klp")]
    public void A_flagged_section_with_another_name(string name) => AssertFinds("KLP0750", file => file.LivepatchSection().Name = name);

    [Fact]
    public void T41_An_object_name_of_56_characters() => AssertFinds("KLP0755", file => file.LivepatchSection("pktgen").Name = $".klp.rela.{new string('a', 56)}.text");

    [Theory]
    [InlineData(511, null)]
    [InlineData(512, "KLP0762")]
    public void T41_A_symbol_name_has_at_most_511_characters(int length, string? id)
    {
        var found = Broken(file => Rename(file, "vmlinux", $".klp.sym.vmlinux.{new string('a', length)},0"), i => i with { Index = null });
        Assert.Equal(id is null ? [] : [id], found.Select(d => d.Id).Where(d => d != "KLP0797"));
    }

    [Theory]
    [InlineData(".klp.sym.vmlinux.si_swapinfo")]
    [InlineData(".klp.sym.vmlinux.si_swapinfo,")]
    [InlineData(".klp.sym.vmlinux.,0")]
    [InlineData(".klp.sym..si_swapinfo,0")]
    [InlineData("si_swapinfo")]
    public void A_livepatch_symbol_with_another_name(string name) => AssertFinds("KLP0761", file => Rename(file, "vmlinux", name));

    [Fact]
    public void A_livepatch_name_without_the_mark() => AssertFinds("KLP0765", file => Symbol(file, "vmlinux").SectionIndex = SpecialSection.Undefined, "KLP0760", "KLP0735");

    [Theory]
    [InlineData(".klp.sym.vmlinux.si_swapinfo_not_there,0", "KLP0766")]
    [InlineData(".klp.sym.vmlinux.si_swapinfo,2", "KLP0768")]
    [InlineData(".klp.sym.vmlinux.max_cstate,0", "KLP0767")]
    [InlineData(".klp.sym.vmlinux.max_cstate,3", "KLP0768")]
    [InlineData(".klp.sym.vmlinux.max_cstate,2", null)]
    [InlineData(".klp.sym.vmlinux.si_swapinfo,1", null)]
    public void Livepatch_symbols_are_looked_up_in_the_target_kernel(string name, string? id) =>
        Assert.Equal(id is null ? [] : [id], Broken(file => Rename(file, "vmlinux", name)).Select(d => d.Id));

    [Theory]
    [InlineData(0x100002UL)]
    [InlineData(0x100043UL)]
    public void Our_own_modules_have_the_documented_flags(ulong flags)
    {
        AssertFinds("KLP0795", file => file.LivepatchSection().Flags = (SectionFlags)flags);
        Assert.Empty(Broken(file => file.LivepatchSection().Flags = (SectionFlags)flags, i => i with { HoldsContract = false }));
    }

    [Fact]
    public void Our_own_livepatch_symbols_have_no_size() => AssertFinds("KLP0796", file => Symbol(file, "vmlinux").Size = 4);

    [Fact]
    public void A_livepatch_section_that_links_elsewhere() => AssertFinds("KLP0754", file => file.LivepatchSection().Link = 0);

    [Fact]
    public void Findings_name_the_line_of_the_reference()
    {
        var finding = AssertFinds("KLP0746", file => file.ChangeFirst(file.LivepatchSection(), r => r with { Type = 9 }));
        Assert.EndsWith("finished.c", finding.Place.File, StringComparison.Ordinal);
        Assert.InRange(finding.Place.Line, 10, 40);
    }

    private static Klp.Symbols.PatchModel OnlyPktgen => new()
    {
        HasPatch = true, IsReadable = true, Objects = [new Klp.Symbols.PatchedObject("pktgen", [], [], SourcePlace.None)],
    };

    private static ElfSymbol Symbol(ElfFile file, string section) => file.SymbolOf(file.RelocationsOf(file.LivepatchSection(section))[0])!;

    private static void Rename(ElfFile file, string section, string name) => Symbol(file, section).Name = name;

    private static void AddRelocations(ElfFile file, int target, params ElfRelocation[] relocations) => file.AddSection(new ElfSection
    {
        Name = ".rela" + file.Sections[target].Name, Type = SectionType.RelocationWithAddend, Flags = SectionFlags.InfoLink, Link = (uint)file.SymbolTableIndex, Info = (uint)target,
        Alignment = 8, EntrySize = 24, Data = ElfRelocation.WriteAll(relocations, file.ByteOrder),
    });
}
