using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// The units of a module and which of them refers to which: through relocations, and through jumps and calls within a section
/// that the assembler resolved itself. Sections the kernel reads as tables (<see cref="SectionRules.IsSpecial"/>), and those that never reach it, are no part of it.
/// </summary>
internal sealed class CodeMap
{
    private readonly ElfFile _module;
    private readonly Architecture? _architecture;
    private readonly Dictionary<int, CodeUnit[]> _units = [];

    /// <summary>Target sections and offsets of every relocation between parts of the module, with the place they stand at.</summary>
    private readonly List<Link> _links = [];

    private CodeMap(ElfFile module)
    {
        _module = module;
        _architecture = Architecture.For(module.Machine);
    }

    public IEnumerable<CodeUnit> Units => _units.Values.SelectMany(u => u);

    /// <summary>Units that parts outside code and data refer to: tables of the module's own, its record, init sections.</summary>
    public HashSet<CodeUnit> ReferredFromElsewhere { get; } = [];

    public static CodeMap Read(ElfFile module, IReadOnlySet<int> annotationSections)
    {
        var map = new CodeMap(module);
        map.CollectLinks(annotationSections);
        map.CutUnits(annotationSections);
        map.Connect();
        map.ConnectLocalTargets();
        return map;
    }

    /// <summary>The unit that covers a place, or null outside every mapped section.</summary>
    public CodeUnit? Find(int section, ulong offset)
    {
        if (!_units.TryGetValue(section, out var units))
        {
            return null;
        }

        var (low, high) = (0, units.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = units[middle].Start <= offset ? (middle + 1, high) : (low, middle);
        }

        return low > 0 && offset < units[low - 1].End ? units[low - 1] : null;
    }

    /// <summary>Whether the unit lies in a section that exists for the module's own start and end.</summary>
    public bool IsLifecycle(CodeUnit unit) => !SectionRules.IsOrdinary(_module.Sections[unit.Section]);

    private bool IsMapped(int section, IReadOnlySet<int> annotationSections) =>
        section > 0 && section < _module.Sections.Count && _module.Sections[section] is { IsAlloc: true } s && !annotationSections.Contains(section)
        && s.Type is not (SectionType.RelocationWithAddend or SectionType.Relocation) && !SectionRules.IsSpecial(s.Name) && !SectionRules.IsUntouchable(s.Name) && !SectionRules.IsDiscarded(s.Name);

    private void CollectLinks(IReadOnlySet<int> annotationSections)
    {
        foreach (var (_, section) in _module.RelocationSections())
        {
            var at = (int)Math.Min(section.Info, int.MaxValue);
            if (at <= 0 || at >= _module.Sections.Count || !_module.Sections[at].IsAlloc || annotationSections.Contains(at)
                || SectionRules.IsSpecial(_module.Sections[at].Name) || SectionRules.IsDescription(_module.Sections[at].Name) || SectionRules.IsDiscarded(_module.Sections[at].Name))
            {
                continue;
            }

            foreach (var relocation in _module.RelocationsOf(section))
            {
                if (_module.SymbolOf(relocation) is { IsInSection: true } symbol && IsMapped(symbol.SectionIndex, annotationSections))
                {
                    var relative = IsRelativeEntry(relocation, symbol, at);
                    foreach (var target in TargetsOf(relocation, symbol, _module.Sections[at].IsExecutable))
                    {
                        _links.Add(new Link(at, relocation.Offset, symbol.SectionIndex, target, relative, IsAnchor(symbol, at)));
                    }
                }
            }
        }
    }

    /// <summary>One address in a data section from which code may go on to others.</summary>
    private bool IsAnchor(ElfSymbol symbol, int section) =>
        _architecture is { AnchorReach: not (0, 0) } && symbol.Type == SymbolType.Section && _module.Sections[section].IsExecutable && !_module.Sections[symbol.SectionIndex].IsExecutable
        && !_module.Sections[symbol.SectionIndex].Name.StartsWith(".toc", StringComparison.Ordinal);

    /// <summary>A distance to code that stands in data, against a section: an entry of a jump table, or a pointer relative to itself.</summary>
    private bool IsRelativeEntry(ElfRelocation relocation, ElfSymbol symbol, int section) =>
        symbol.Type == SymbolType.Section && !_module.Sections[section].IsExecutable && _module.Sections[symbol.SectionIndex].IsExecutable
        && _architecture?.Find(relocation.Type)?.Form == RelocationForm.PcRelative;

    /// <summary>
    /// A named symbol says itself what is meant. A section symbol means an offset; for a pc-relative field the addend contains the distance
    /// from the field to the instruction's end, which is not always the same: all possible offsets are taken.
    /// </summary>
    private IEnumerable<ulong> TargetsOf(ElfRelocation relocation, ElfSymbol symbol, bool inInstruction)
    {
        if (symbol.Type != SymbolType.Section)
        {
            return [symbol.Value];
        }

        var form = _architecture?.Find(relocation.Type)?.Form ?? RelocationForm.Absolute;
        return inInstruction && _architecture is not null && form is (RelocationForm.PcRelative or RelocationForm.Branch or RelocationForm.Got)
            ? (form == RelocationForm.Branch ? _architecture.PcRelativeBias.Take(1) : _architecture.PcRelativeBias).Select(bias => symbol.Value + (ulong)(relocation.Addend + bias))
            : [symbol.Value + (ulong)relocation.Addend];
    }

    private void CutUnits(IReadOnlySet<int> annotationSections)
    {
        var symbols = _module.Symbols.Where(s => s.IsInSection && s.Type is SymbolType.Function or SymbolType.Object or SymbolType.IndirectFunction or SymbolType.None && s.Name.Length > 0)
            .ToLookup(s => (int)s.SectionIndex);
        var targets = _links.Where(l => !l.IsRelativeEntry).ToLookup(l => l.TargetSection, l => l.Target);
        foreach (var (index, section) in _module.Sections.Index())
        {
            if (IsMapped(index, annotationSections) && section.Size > 0)
            {
                _units.Add(index, Cut(index, section, symbols[index], targets[index]));
            }
        }
    }

    /// <summary>Named units first; what lies between is cut wherever something points, so that two tables without a name do not become one.</summary>
    private static CodeUnit[] Cut(int index, ElfSection section, IEnumerable<ElfSymbol> symbols, IEnumerable<ulong> targets)
    {
        var size = section.Size;
        // A name without size (assembly) counts as function only where it is marked as one.
        var named = symbols.Where(s => s.Value < size && (s.Size > 0 || s.Type == SymbolType.Function))
            .GroupBy(s => s.Value).Select(g => (Start: g.Key, Length: g.Max(s => s.Size), Name: g.MaxBy(s => (s.Size, s.Type == SymbolType.Function))!.Name))
            .OrderBy(s => s.Start).ToList();
        var units = new List<CodeUnit>(named.Count);
        var cuts = targets.Where(t => t < size).Distinct().Order().ToList();
        var position = 0ul;
        var cut = 0;

        void Fill(ulong end)
        {
            while (position < end)
            {
                while (cut < cuts.Count && cuts[cut] <= position)
                {
                    cut++;
                }

                var next = cut < cuts.Count && cuts[cut] < end ? cuts[cut] : end;
                units.Add(new CodeUnit(index, position, next, null));
                position = next;
            }
        }

        foreach (var (number, (start, length, name)) in named.Index())
        {
            var next = number + 1 < named.Count ? named[number + 1].Start : size;
            // Symbols that overlap are cut where the next begins; one without size reaches up to it.
            var end = length == 0 ? next : Math.Min(length > size - start ? size : start + length, next);
            Fill(start);
            units.Add(new CodeUnit(index, start, end, name));
            position = end;
        }

        Fill(size);
        return [.. units];
    }

    private void Connect()
    {
        foreach (var link in _links)
        {
            var from = Find(link.Section, link.Offset);
            foreach (var to in MeantBy(link, from).OfType<CodeUnit>())
            {
                from?.RefersTo.Add(to);
                if (!SectionRules.IsOrdinary(_module.Sections[link.Section]))
                {
                    ReferredFromElsewhere.Add(to);
                }
            }
        }
    }

    /// <summary>
    /// An entry of a jump table counts from the table's start, so its addend also contains its place in the table. A pointer relative to itself does
    /// not, but it points at a function's start.
    /// </summary>
    private IEnumerable<CodeUnit?> MeantBy(Link link, CodeUnit? from)
    {
        var to = Find(link.TargetSection, link.Target);
        if (link.IsAnchor && _units.TryGetValue(link.TargetSection, out var units))
        {
            var (before, behind) = _architecture!.AnchorReach;
            return Within(units, (long)link.Target - before, (long)link.Target + behind);
        }

        return !link.IsRelativeEntry || from is null ? [to]
            : [to?.Start == link.Target ? to : null, Find(link.TargetSection, link.Target - (link.Offset - from.Start))];
    }

    /// <summary>The units that have a byte from first to last.</summary>
    private static IEnumerable<CodeUnit> Within(CodeUnit[] units, long first, long last)
    {
        var (low, high) = (0, units.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = (long)units[middle].End <= first ? (middle + 1, high) : (low, middle);
        }

        return units.Skip(low).TakeWhile(u => (long)u.Start <= last);
    }

    private void ConnectLocalTargets()
    {
        if (_architecture is null)
        {
            return;
        }

        var targets = new List<long>();
        foreach (var (index, units) in _units)
        {
            var section = _module.Sections[index];
            if (!section.IsExecutable || section.Type == SectionType.NoBits)
            {
                continue;
            }

            foreach (var unit in units)
            {
                targets.Clear();
                _architecture.LocalTargets(section.Data.Span, (int)unit.Start, (int)unit.End, targets);
                foreach (var target in targets)
                {
                    // Into the middle of a function jump only pieces of itself (.cold parts do, and count through their relocations).
                    if (target >= 0 && Find(index, (ulong)target) is { } to && to != unit && to.Start == (ulong)target)
                    {
                        unit.RefersTo.Add(to);
                    }
                }
            }
        }
    }

    /// <param name="Section">Where the relocation writes, with its offset there.</param>
    private readonly record struct Link(int Section, ulong Offset, int TargetSection, ulong Target, bool IsRelativeEntry, bool IsAnchor);
}
