using System.Text;
using Klp.Elf;
using Klp.Symbols;

namespace Klp.Tests.PatchTables;

/// <summary>An object with records as the author's header writes them, made without a compiler.</summary>
internal static class RecordFile
{
    /// <summary>One record: what the macro was given; each gets a function of its own in <c>.text</c>.</summary>
    public sealed record Claim(PatchRecordKind Kind, string Object, string Name, ulong Position);

    public static ElfFile Create(ByteOrder order, IReadOnlyList<Claim> claims, uint absolute, int gap = 0)
    {
        var file = new ElfFile(order, ElfMachine.X86_64, 0);
        var text = file.AddSection(new ElfSection { Name = ".text", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Executable, Data = new byte[16 * (claims.Count + 1)] });
        var data = file.AddSection(new ElfSection { Name = ".data", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Write, Data = new byte[512] });
        var bytes = new List<byte>();
        var relocations = new List<ElfRelocation>();
        var records = file.Sections.Count;
        foreach (var (index, claim) in claims.Append(new Claim(PatchRecordKind.Module, "", "", 0)).Index())
        {
            var isModule = claim.Kind == PatchRecordKind.Module;
            var target = file.AddSymbol(isModule
                ? new ElfSymbol { Name = "klp_patch", Type = SymbolType.Object, SectionIndex = (ushort)data, Size = 512 }
                : new ElfSymbol { Name = $"livepatch_{index}", Type = SymbolType.Function, SectionIndex = (ushort)text, Value = (ulong)index * 16, Size = 16 });
            var record = new byte[24];
            order.WriteUInt32(record, (uint)claim.Kind);
            order.WriteUInt32(record.AsSpan(4), (uint)index + 1);
            order.WriteUInt64(record.AsSpan(8), claim.Position);
            byte[] whole = [.. record, .. Encoding.Latin1.GetBytes(claim.Object + "\0" + claim.Name + "\0/src/a.c\0")];
            Array.Resize(ref whole, (whole.Length + 7) / 8 * 8);
            file.AddSymbol(new ElfSymbol { Name = $"klp_record_{index}", Type = SymbolType.Object, SectionIndex = (ushort)records, Value = (ulong)bytes.Count, Size = (ulong)whole.Length });
            relocations.Add(new ElfRelocation((ulong)bytes.Count + 16, (uint)target, absolute, 0));
            bytes.AddRange(whole);
            bytes.AddRange(new byte[gap * 8]);
        }

        file.AddSection(new ElfSection { Name = ".klp.patch", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Write, Data = bytes.ToArray(), Alignment = 8 });
        var section = new ElfSection { Name = ".rela.klp.patch", Type = SectionType.RelocationWithAddend, Flags = SectionFlags.InfoLink, Info = (uint)records, EntrySize = 24, Alignment = 8 };
        file.SetRelocations(section, relocations);
        file.AddSection(section);
        var module = (uint)file.AddSymbol(new ElfSymbol { Name = "__this_module", Binding = SymbolBinding.Global });
        var objects = (uint)file.AddSymbol(new ElfSymbol { Name = "__klp_objects", Binding = SymbolBinding.Global });
        var patch = new ElfSection { Name = ".rela.data", Type = SectionType.RelocationWithAddend, Flags = SectionFlags.InfoLink, Info = (uint)data, EntrySize = 24, Alignment = 8 };
        file.SetRelocations(patch, [new ElfRelocation(0, module, absolute, 0), new ElfRelocation(8, objects, absolute, 0)]);
        file.AddSection(patch);
        var read = TestKit.CCompiler.Read(file.Write());
        foreach (var (_, relocated) in read.RelocationSections())
        {
            relocated.Link = (uint)read.SymbolTableIndex;
        }

        return read;
    }
}
