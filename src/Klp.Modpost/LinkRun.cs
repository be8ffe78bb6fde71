using Klp.Base;
using Klp.Elf;

namespace Klp.Modpost;

/// <summary>One link: places sections, joins symbols, moves relocations, adds the build-id. State of one run; not reused.</summary>
internal sealed class LinkRun(IReadOnlyList<ElfFile> files, LinkerScript script, LinkInput input, DiagnosticBag diagnostics)
{
    private readonly LinkPiece?[][] _pieces = [.. files.Select(f => new LinkPiece?[f.Sections.Count])];
    private readonly ElfFile _output = new(files[0].ByteOrder, files[0].Machine, files[0].Flags) { OsAbi = files[0].OsAbi, AbiVersion = files[0].AbiVersion };

    public ElfFile? Run()
    {
        if (!LinkInputCheck.Check(files, input.MergedFile, diagnostics))
        {
            return null;
        }

        CollectPieces();
        var placed = new SectionPlacement(script, AllPieces()).Place();
        placed.ForEach(s => s.SortByLinkOrder(p => Partner(p)?.Offset ?? 0));
        placed.Insert(0, BuildId.EmptySection());
        var sections = OutputOrder.Sort(placed);

        // Errors of both kinds in one run: symbols and relocations are looked at whatever the other says.
        var symbols = new LinkSymbols(files, _pieces, _output, input, diagnostics);
        AddSections(sections);
        symbols.Join(sections);
        new LinkRelocations(files, _pieces, _output, symbols, input, diagnostics).Move(sections);
        if (diagnostics.HasErrors)
        {
            return null;
        }

        AddTables();
        _output.SortSymbols();
        BuildId.Fill(_output);
        return _output;
    }

    private IEnumerable<LinkPiece> AllPieces() => _pieces.SelectMany(p => p).OfType<LinkPiece>();

    private void CollectPieces()
    {
        var property = GnuProperty.Merge(files);
        foreach (var (f, file) in files.Index())
        {
            foreach (var (i, section) in file.Sections.Index())
            {
                var isTable = section.Type is SectionType.Null or SectionType.SymbolTable or SectionType.StringTable or SectionType.RelocationWithAddend
                    or SectionType.Group or SectionType.LlvmAddressSignature;
                if (isTable || !input.KeepDebug && DebugStrip.IsDebug(section))
                {
                    continue;
                }

                if (section.Name == GnuProperty.Section)
                {
                    // One note for the whole module, where the first one stood.
                    if (property is not null)
                    {
                        var merged = section.Clone();
                        merged.Data = property;
                        _pieces[f][i] = new LinkPiece(f, i, merged);
                        property = null;
                    }

                    continue;
                }

                _pieces[f][i] = new LinkPiece(f, i, section.Name == ".modinfo" ? LivepatchMark.SayOnce(section) : section);
            }
        }
    }

    private void AddSections(IReadOnlyList<LinkedSection> sections)
    {
        var hasRelocations = files.Select(f => f.Sections.Where(s => s.HasRelocations).Select(s => s.Info).ToHashSet()).ToArray();
        foreach (var section in sections)
        {
            section.Index = _output.AddSection(new ElfSection
            {
                Name = section.Name,
                Type = section.Type,
                Flags = section.Flags,
                Data = section.ToBytes(_output.Machine, _output.ByteOrder),
                NoBitsSize = section.Type == SectionType.NoBits ? section.Size : 0,
                Alignment = section.Alignment,
                EntrySize = section.EntrySize,
            });

            // Its relocation section stands right behind it, as ld writes it; an empty one is taken out again.
            if (section.Pieces.Exists(p => hasRelocations[p.File].Contains((uint)p.Index)))
            {
                _output.AddSection(new ElfSection
                {
                    Name = ".rela" + section.Name,
                    Type = SectionType.RelocationWithAddend,
                    Flags = SectionFlags.InfoLink,
                    Info = (uint)section.Index,
                    Alignment = 8,
                    EntrySize = ElfRelocation.EntrySize,
                });
            }
        }

        foreach (var section in sections.Where(s => s.Flags.HasFlag(SectionFlags.LinkOrder)))
        {
            // As ld: what the first piece that came goes with, wherever it was sorted to.
            var target = section.Pieces.OrderBy(p => (p.File, p.Index)).Select(Partner).FirstOrDefault(p => p is not null)?.Output;
            _output.Sections[section.Index].Link = (uint)(target?.Index ?? 0);
        }
    }

    /// <summary>The piece that a SHF_LINK_ORDER one goes with; null where it is none or its partner is thrown away.</summary>
    private LinkPiece? Partner(LinkPiece piece) =>
        piece.Section.Flags.HasFlag(SectionFlags.LinkOrder) && piece.Section.Link < (uint)_pieces[piece.File].Length
        && _pieces[piece.File][piece.Section.Link] is { Output: not null } partner ? partner : null;

    private void AddTables()
    {
        _output.RemoveSections((_, s) => s.Type == SectionType.RelocationWithAddend && s.Data.IsEmpty);
        var table = _output.AddSection(new ElfSection { Name = ".symtab", Type = SectionType.SymbolTable, Alignment = 8, EntrySize = ElfSymbol.EntrySize });
        _output.Sections[table].Link = (uint)_output.AddSection(new ElfSection { Name = ".strtab", Type = SectionType.StringTable, Data = new byte[1] });
        foreach (var (_, relocations) in _output.RelocationSections())
        {
            relocations.Link = (uint)table;
        }
    }
}
