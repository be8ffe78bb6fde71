using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;
using static Klp.Tests.Verify.VerifyBench;

namespace Klp.Tests.Verify;

/// <summary>T85 to T100: a good module, broken in one way each.</summary>
public sealed class ElfIntegrityTests
{
    [Fact]
    public void T85_A_group_that_names_a_section_of_another_kind() => AssertFinds("KLP0706", file =>
    {
        var group = file.AddSection(new ElfSection { Name = ".group", Type = SectionType.Group, Alignment = 4, EntrySize = 4, Link = (uint)file.SymbolTableIndex, Info = 1, Data = new byte[8] });
        file.ByteOrder.WriteUInt32(Bytes(file.Sections[group]).AsSpan(4), (uint)file.IndexOf(".text"));
    });

    [Fact]
    public void T85_A_group_whose_signature_is_out_of_range() => AssertFinds("KLP0706", file =>
        file.AddSection(new ElfSection { Name = ".group", Type = SectionType.Group, Alignment = 4, EntrySize = 4, Link = (uint)file.SymbolTableIndex, Info = 9999, Data = new byte[4] }));

    [Fact]
    public void T86_A_local_symbol_behind_global_ones()
    {
        var module = Good();
        module.AddSymbol(new ElfSymbol { Name = "late_local", SectionIndex = 1 });
        Assert.Equal(["KLP0710"], VerifyBench.Verify(Input(module)).Select(d => d.Id));
    }

    [Fact]
    public void T86_A_symbol_table_that_counts_its_locals_wrongly()
    {
        var module = Good();
        module.Sections[module.SymbolTableIndex].Info -= 1;
        Assert.Equal(["KLP0710"], VerifyBench.Verify(Input(module)).Select(d => d.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void T87_A_string_table_without_its_NUL(bool first)
    {
        var module = Good();
        var table = module.Sections[(int)module.Sections[module.SymbolTableIndex].Link];
        var data = table.Data.ToArray();
        data[first ? 0 : ^1] = (byte)'x';
        table.Data = data;
        Assert.Equal(["KLP0707"], VerifyBench.Verify(Input(module)).Select(d => d.Id));
    }

    /// <summary>GNU strip renumbers livepatch relocations only beside ordinary ones of the same section; where all have moved, it leaves them stale.</summary>
    [Fact]
    public void T88_Indices_that_GNU_strip_left_stale_are_noticed()
    {
        var found = Stripped(file => file.SetRelocations(file.FindSection(".rela.text")!, []));
        Assert.All(found.Where(d => d.Id is "KLP0744" or "KLP0760"), d => Assert.Contains("strip", d.Cure, StringComparison.Ordinal));
        Assert.Equal(2, found.Count(d => d.Id is "KLP0744" or "KLP0760"));
    }

    [Fact]
    public void T88_What_else_GNU_strip_does_to_a_converted_module_breaks_our_contract() => Assert.Contains("KLP0795", Stripped(_ => { }).Select(d => d.Id));

    private static DiagnosticBag Stripped(Action<ElfFile> before)
    {
        var module = Good();
        before(module);
        using var folder = new TemporaryFolder();
        var path = folder.Write("finished.ko", module.Write());
        CCompiler.Run("strip", folder.Path, "--strip-debug", path);
        return VerifyBench.Verify(Input(CCompiler.Read(File.ReadAllBytes(path))));
    }

    [Fact]
    public void T89_What_ld_makes_of_a_converted_module_is_noticed()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("finished.ko", FinishedModule.For(VerifyBench.Kernel).Bytes);
        CCompiler.Run("ld", folder.Path, "-r", "-o", "merged.ko", path);
        var found = VerifyBench.Verify(Input(CCompiler.Read(File.ReadAllBytes(Path.Combine(folder.Path, "merged.ko")))));
        Assert.Contains(found, d => d.Id == "KLP0753" && d.Message.Contains("0x60000004", StringComparison.Ordinal));
    }

    [Fact]
    public void T90_A_livepatch_section_without_its_flag() => AssertFinds("KLP0751", file => file.LivepatchSection().Flags &= ~LivepatchFormat.RelocationFlag, "KLP0795");

    [Fact]
    public void T91_A_livepatch_section_that_is_not_allocated() => AssertFinds("KLP0752", file => file.LivepatchSection("pktgen").Flags &= ~SectionFlags.Alloc, "KLP0795");

    [Fact]
    public void T92_Livepatch_relocations_for_the_symbol_table() => AssertFinds("KLP0743", file => file.LivepatchSection().Info = (uint)file.SymbolTableIndex, "KLP0756");

    [Fact]
    public void T93_Livepatch_relocations_for_a_section_that_does_not_exist() => AssertFinds("KLP0742", file => file.LivepatchSection().Info = (uint)file.Sections.Count + 3);

    [Fact]
    public void T94_Livepatch_relocations_without_addends() => AssertFinds("KLP0740", file => file.LivepatchSection().Type = SectionType.Relocation, "KLP0753");

    [Fact]
    public void T95_A_livepatch_section_of_odd_size() => AssertFinds("KLP0741", file => file.LivepatchSection().Data = file.LivepatchSection().Data.ToArray().Append((byte)0).ToArray());

    [Fact]
    public void T95_Entries_of_another_size() => AssertFinds("KLP0741", file => file.LivepatchSection().EntrySize = 16);

    [Fact]
    public void T96_A_relocation_behind_the_end_of_its_section() =>
        AssertFinds("KLP0745", file => file.ChangeFirst(file.LivepatchSection(), r => r with { Offset = file.Sections[(int)file.LivepatchSection().Info].Size - 3 }));

    [Fact]
    public void T96_A_relocation_whose_place_overflows() => AssertFinds("KLP0745", file => file.ChangeFirst(file.LivepatchSection(), r => r with { Offset = ulong.MaxValue - 1 }));

    [Fact]
    public void T97_Two_symbol_tables_are_refused_when_the_file_is_read()
    {
        var module = Good();
        module.AddSection(new ElfSection { Name = ".symtab2", Type = SectionType.SymbolTable, EntrySize = 24, Link = module.Sections[module.SymbolTableIndex].Link, Data = new byte[24] });
        var diagnostics = new DiagnosticBag();
        Assert.Null(ElfFile.Read(module.Write(), "two.ko", diagnostics));
        Assert.Equal("KLP0606", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void T97_Extended_section_numbering_is_refused_when_the_file_is_read()
    {
        var module = Good();
        module.AddSection(new ElfSection { Name = ".symtab_shndx", Type = SectionType.ExtendedSectionIndex, EntrySize = 4, Link = (uint)module.SymbolTableIndex, Data = new byte[4] });
        var diagnostics = new DiagnosticBag();
        Assert.Null(ElfFile.Read(module.Write(), "many.ko", diagnostics));
        Assert.Equal("KLP0606", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void T98_A_common_symbol() => AssertFinds("KLP0712", file => AddGlobal(file, "shared_counter", SpecialSection.Common));

    [Fact]
    public void T98_An_absolute_symbol_is_left_alone() => Assert.Empty(Broken(file => AddGlobal(file, "absolute", SpecialSection.Absolute)));

    [Fact]
    public void T98_A_symbol_in_a_section_that_does_not_exist() => AssertFinds("KLP0711", file => AddGlobal(file, "nowhere", (ushort)(file.Sections.Count + 10)));

    [Fact]
    public void T99_A_signature_is_not_called_damage() => Assert.Empty(Broken(file => file.Trailer = "PKCS7...~Module signature appended~\n"u8.ToArray()));

    [Fact]
    public void T99_Other_bytes_behind_the_module_are_noticed() => AssertFinds("KLP0708", file => file.Trailer = "garbage"u8.ToArray());

    [Fact]
    public void T100_A_module_without_symbols()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("finished.ko", FinishedModule.For(VerifyBench.Kernel).Bytes);
        CCompiler.Run("strip", folder.Path, "--strip-all", "--remove-section=.rela*", path);
        var file = CCompiler.Read(File.ReadAllBytes(path));
        file.RemoveSections((i, _) => i == file.SymbolTableIndex);
        Assert.Contains("KLP0701", VerifyBench.Verify(Input(file)).Select(d => d.Id));
    }

    [Fact]
    public void T100_A_converted_module_without_the_mark_of_a_livepatch() => AssertFinds("KLP0720", file => file.ReplaceModinfo(e => e == "livepatch=Y" ? null : e));

    [Fact]
    public void Another_type_of_ELF_file() => AssertFinds("KLP0700", file => file.Type = ElfType.SharedObject);

    [Fact]
    public void A_first_section_that_is_not_empty() => AssertFinds("KLP0705", file => file.Sections[0].NoBitsSize = 5);

    [Fact]
    public void A_relocation_that_names_a_symbol_out_of_range() => AssertFinds("KLP0744", file => file.ChangeFirst(file.LivepatchSection(), r => r with { SymbolIndex = 99999 }));

    [Fact]
    public void A_damaged_table_gives_a_handful_of_messages_and_not_thousands()
    {
        var found = Broken(file =>
        {
            var section = file.RelocationSections().First(s => s.Section.Name == ".rela.text").Section;
            file.SetRelocations(section, [.. Enumerable.Repeat(new ElfRelocation(0, 99999, 1, 0), 5000)]);
        });
        Assert.InRange(found.Count(d => d.Id == "KLP0744"), 1, 20);
        Assert.Contains(found, d => d.Id == "KLP0739");
    }

    private static byte[] Bytes(ElfSection section)
    {
        var bytes = section.Data.ToArray();
        section.Data = bytes;
        return bytes;
    }

    private static void AddGlobal(ElfFile file, string name, ushort section) =>
        file.AddSymbol(new ElfSymbol { Name = name, Binding = SymbolBinding.Global, Type = SymbolType.Object, SectionIndex = section, Value = 8, Size = 8 });
}
