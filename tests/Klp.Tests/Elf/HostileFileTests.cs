using System.Buffers.Binary;
using Klp.Base;
using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Elf;

/// <summary>Files that lie: each is refused with a code or survives, none crashes, hangs or takes memory out of proportion.</summary>
public sealed class HostileFileTests
{
    // Places of the fields in Elf64_Ehdr and Elf64_Shdr.
    private const int HeaderSectionTable = 40;
    private const int SectionOffset = 24;
    private const int SectionSize = 32;
    private const int SectionLink = 40;
    private const int SectionAlignment = 48;
    private const int SectionEntrySize = 56;

    private static byte[] Good => SampleObjects.ByCompiler["gcc"].ToArray();

    [Fact]
    public void An_absurd_alignment_costs_no_padding()
    {
        foreach (var alignment in new[] { 1UL << 40, 1UL << 63, ulong.MaxValue, 3UL })
        {
            var bytes = Good;
            for (var section = 1; section < SectionCount(bytes); section++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(Header(bytes, section)[SectionAlignment..], alignment);
            }

            var file = CCompiler.Read(bytes);
            Assert.Equal(bytes, file.Write());
            file.Compact();
            Assert.InRange(file.Write().Length, 1, bytes.Length + SectionCount(bytes) * 4096);
        }
    }

    [Theory]
    [InlineData(ulong.MaxValue, 1UL)]
    [InlineData(ulong.MaxValue - 7, 16UL)]
    [InlineData(64UL, ulong.MaxValue)]
    [InlineData(1UL << 62, 1UL << 62)]
    [InlineData(1UL << 31, 8UL)]
    public void A_section_near_the_end_of_64_bits_is_refused(ulong offset, ulong size)
    {
        var bytes = Good;
        BinaryPrimitives.WriteUInt64LittleEndian(Header(bytes, 2)[SectionOffset..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(Header(bytes, 2)[SectionSize..], size);
        AssertRefused("KLP0601", bytes);
    }

    [Fact]
    public void Sections_that_share_bytes_are_refused()
    {
        var bytes = Good;
        for (var section = 1; section < SectionCount(bytes); section++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(Header(bytes, section)[SectionOffset..], 64);
            BinaryPrimitives.WriteUInt64LittleEndian(Header(bytes, section)[SectionSize..], (ulong)bytes.Length - 64);
        }

        AssertRefused("KLP0607", bytes);
    }

    [Fact]
    public void A_section_over_the_headers_is_refused()
    {
        var bytes = Good;
        var text = CCompiler.Read(bytes).IndexOf(".text.one");
        BinaryPrimitives.WriteUInt64LittleEndian(Header(bytes, text)[SectionOffset..], 60);
        AssertRefused("KLP0607", bytes);
    }

    [Fact]
    public void A_NOBITS_section_may_have_any_size_and_costs_nothing()
    {
        var file = CCompiler.Read(Good);
        file.AddSection(new ElfSection { Name = ".bss.huge", Type = SectionType.NoBits, Flags = SectionFlags.Alloc, NoBitsSize = ulong.MaxValue, Alignment = 1UL << 60 });
        var bytes = file.Write();
        Assert.InRange(bytes.Length, 1, Good.Length + 8192);
        Assert.Equal(ulong.MaxValue, CCompiler.Read(bytes).FindSection(".bss.huge")!.Size);
    }

    /// <summary>EI_CLASS 1, of a machine with 32 bits and of x32; and one that no specification knows.</summary>
    [Fact]
    public void A_32_bit_object_is_refused_and_told_so()
    {
        var unknown = Good;
        unknown[4] = 7;
        foreach (var bytes in new[] { CCompiler.Compile("int a;", "gcc", "-m32"), CCompiler.Compile("int a;", "gcc", "-mx32"), unknown })
        {
            var error = AssertRefused("KLP0602", bytes);
            Assert.Contains("32-bit ELF file", error.Message, StringComparison.Ordinal);
            Assert.Contains("-m32", error.Cure, StringComparison.Ordinal);
            Assert.Contains("KlpCrossPrefix", error.Cure, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(SectionEntrySize, 16UL, 0, "entries of 16; entries must be 24 bytes")]
    [InlineData(SectionEntrySize, 0UL, 0, "entries of 0; entries must be 24 bytes")]
    [InlineData(SectionSize, 0UL, 0, "has 0 bytes")]
    [InlineData(SectionSize, 100UL, 0, "has 100 bytes and entries of 24")]
    [InlineData(SectionLink, 1UL, 4, "should be in section 1, which is no string table")]
    [InlineData(SectionLink, 60000UL, 4, "should be in section 60000, which is no string table")]
    public void A_symbol_table_that_makes_no_sense_is_refused(int field, ulong value, int width, string text)
    {
        var bytes = Good;
        var header = Header(bytes, CCompiler.Read(bytes).SymbolTableIndex)[field..];
        if (width == 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(header, value);
        }

        var error = AssertRefused("KLP0605", bytes);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Contains("readelf", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_share_one_endless_string_are_refused()
    {
        var file = CCompiler.Read(Good);
        var longName = new string('x', 200_000);
        file.AddSymbol(new ElfSymbol { Name = longName, Binding = SymbolBinding.Global });
        for (var i = 0; i < 20_000; i++)
        {
            file.AddSymbol(new ElfSymbol { Name = longName[..1], Binding = SymbolBinding.Global });
        }

        var bytes = file.Write();
        var read = CCompiler.Read(bytes);
        var nameOfLong = BinaryPrimitives.ReadUInt32LittleEndian(read.Sections[read.SymbolTableIndex].Data.Span[(24 * (read.Symbols.Count - 20_001))..]);
        var table = (int)read.Sections[read.SymbolTableIndex].RecordedOffset;
        for (var i = read.Symbols.Count - 20_000; i < read.Symbols.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(table + 24 * i), nameOfLong + (uint)(i % 1000));
        }

        AssertRefused("KLP0604", bytes);
    }

    [Fact]
    public void A_file_cut_at_any_of_its_first_bytes_or_later_is_refused_with_a_code()
    {
        var bytes = Good;
        foreach (var length in Enumerable.Range(0, 65).Concat(Enumerable.Range(1, 40).Select(i => bytes.Length * i / 41)))
        {
            var diagnostics = new DiagnosticBag();
            Assert.Null(ElfFile.Read(bytes.AsMemory(0, length), "cut.o", diagnostics));
            Assert.StartsWith("KLP06", Assert.Single(diagnostics).Id, StringComparison.Ordinal);
        }
    }

    private static Diagnostic AssertRefused(string id, byte[] bytes)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(ElfFile.Read(bytes, "hostile.o", diagnostics));
        var error = Assert.Single(diagnostics);
        Assert.Equal((id, Severity.Error, "hostile.o"), (error.Id, error.Severity, error.Place.File));
        Assert.False(string.IsNullOrEmpty(error.Cure));
        return error;
    }

    private static int SectionCount(byte[] bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(60));

    private static Span<byte> Header(byte[] bytes, int section) =>
        bytes.AsSpan((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(HeaderSectionTable)) + section * ElfFile.SectionHeaderSize, ElfFile.SectionHeaderSize);
}
