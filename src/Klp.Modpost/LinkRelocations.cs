using Klp.Base;
using Klp.Elf;

namespace Klp.Modpost;

/// <summary>Moves relocations to their output sections; those that mean a section as a whole get its piece's offset added.</summary>
internal sealed class LinkRelocations(IReadOnlyList<ElfFile> files, LinkPiece?[][] pieces, ElfFile output, LinkSymbols symbols, LinkInput input, DiagnosticBag diagnostics)
{
    private readonly HashSet<string> _reported = [];

    public void Move(IReadOnlyList<LinkedSection> sections)
    {
        var tables = files.Select(f => f.Sections.Where(s => s.HasRelocations).ToLookup(s => s.Info)).ToArray();
        foreach (var section in sections)
        {
            var moved = section.Pieces.SelectMany(p => tables[p.File][(uint)p.Index].SelectMany(t => MovePiece(p, t))).ToList();
            if (moved.Count > 0)
            {
                output.SetRelocations(output.Sections[section.Index + 1], moved);
            }
        }
    }

    private IEnumerable<ElfRelocation> MovePiece(LinkPiece piece, ElfSection table)
    {
        var file = files[piece.File];
        foreach (var relocation in file.RelocationsOf(table))
        {
            var symbol = file.Symbols[(int)relocation.SymbolIndex];
            var moved = relocation with { Offset = relocation.Offset + piece.Offset, SymbolIndex = symbols.NewIndex(piece.File, relocation.SymbolIndex) };
            if (relocation.SymbolIndex != 0 && moved.SymbolIndex == 0)
            {
                // Debug data describes what is thrown away too; the loader never sees it.
                if (piece.Section.IsAlloc)
                {
                    ReportDiscarded(piece, relocation, symbol, file);
                }

                continue;
            }

            if (symbol.Type == SymbolType.Section && symbol.SectionIndex < pieces[piece.File].Length && pieces[piece.File][symbol.SectionIndex] is { } target)
            {
                moved = moved with { Addend = moved.Addend + (long)target.Offset };
            }

            yield return moved;
        }
    }

    private void ReportDiscarded(LinkPiece piece, ElfRelocation relocation, ElfSymbol symbol, ElfFile file)
    {
        var gone = file.SectionOf(symbol)?.Name ?? "a section that is not linked";
        var name = symbol.Type == SymbolType.Section || symbol.Name.Length == 0 ? "its data" : $"'{symbol.Name}'";
        if (_reported.Add($"{piece.Section.Name}\0{symbol.Name}\0{gone}"))
        {
            diagnostics.Error("KLP0581", input.MergedFile,
                $"Section {piece.Section.Name} (byte 0x{relocation.Offset:x}) refers to {name} in section {gone}, which the kernel's module.lds throws away.",
                $"Do not put anything that is used at run time into {gone}.");
        }
    }
}
