using Klp.Elf;

namespace Klp.Modpost;

/// <summary>
/// Which input section goes where: each to the first rule that names it, what no rule names to an output section of its own name (ld calls these orphans).
/// </summary>
internal sealed class SectionPlacement(LinkerScript script, IEnumerable<LinkPiece> pieces)
{
    private readonly List<LinkPiece> _free = [.. pieces];

    /// <summary>The output sections that have anything in them: those of the script in its order, then the others in input order.</summary>
    public List<LinkedSection> Place()
    {
        // An input section belongs to the first statement that matches it anywhere in the script, so claims come before places.
        var rules = script.Rules.Select(r => (Rule: r, Claims: r.Statements.Select(s => s is ScriptStatement.Inputs i ? Claim(i) : []).ToList())).ToList();
        var result = new List<LinkedSection>();
        var byName = new Dictionary<string, LinkedSection>(StringComparer.Ordinal);
        LinkedSection Named(string name)
        {
            if (!byName.TryGetValue(name, out var section))
            {
                result.Add(byName[name] = section = new LinkedSection(name));
            }

            return section;
        }

        foreach (var (rule, claims) in rules.Where(r => !r.Rule.IsDiscard))
        {
            var section = Named(rule.Name);
            section.AlignTo(rule.Alignment);
            Fill(section, rule, claims);
        }

        // One section for each name, also where ld in 2.44 makes several (SHF_LINK_ORDER with different partners):
        // the loader looks sections up by name and takes the first, so what lay in a second one would be lost.
        foreach (var piece in _free)
        {
            Named(piece.Section.Name).Append(piece);
        }

        return result.FindAll(s => !s.IsEmpty);
    }

    private List<LinkPiece> Claim(ScriptStatement.Inputs inputs)
    {
        bool IsClaimed(LinkPiece piece) => inputs.Patterns.Any(i => SectionGlob.Matches(i.Glob, piece.Section.Name));
        var claimed = _free.FindAll(IsClaimed);
        _free.RemoveAll(IsClaimed);
        return inputs.Patterns.Any(p => p.Sorted) ? [.. claimed.OrderBy(p => p.Section.Name, StringComparer.Ordinal)] : claimed;
    }

    private static void Fill(LinkedSection section, OutputRule rule, List<List<LinkPiece>> claims)
    {
        foreach (var (i, statement) in rule.Statements.Index())
        {
            switch (statement)
            {
                case ScriptStatement.Inputs:
                    claims[i].ForEach(section.Append);
                    break;
                case ScriptStatement.Value value:
                    var bytes = new byte[value.Width];
                    for (var b = 0; b < bytes.Length; b++)
                    {
                        bytes[b] = (byte)(value.Number >> (8 * b));
                    }

                    section.Append(bytes);
                    break;
                case ScriptStatement.MoveTo move:
                    // Pads, but asks for no alignment of the section itself: ld does the same.
                    section.MoveTo(move.Place.From(section.Size));
                    break;
                case ScriptStatement.Define define:
                    section.Symbols.Add((define.Symbol, define.Place.From(section.Size), define.OnlyIfReferenced));
                    break;
            }
        }
    }
}
