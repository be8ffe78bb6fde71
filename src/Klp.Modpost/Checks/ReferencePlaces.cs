using Klp.Base;
using Klp.Elf;

namespace Klp.Modpost.Checks;

/// <summary>Where the sources use a symbol: the line of the first reference, else the module's first source, else its object.</summary>
internal sealed class ReferencePlaces(ModpostInput input)
{
    private Dictionary<string, (int Section, ulong Offset)>? _first;

    /// <summary>What to name when no line is known.</summary>
    public SourcePlace Module { get; } = new(input.Sources.Count > 0 ? input.Sources[0].File : input.ModuleFile);

    public SourcePlace Of(string symbol)
    {
        _first ??= Collect();
        return _first.TryGetValue(symbol, out var place) && input.Lines.Find(place.Section, place.Offset) is { } line ? line : Module;
    }

    public SourcePlace At(int section, ulong offset) => input.Lines.Find(section, offset) ?? Module;

    /// <summary>The first line of the sources that has one of these macros and this text; else the first source. For what leaves no line behind in an object, and only for a finding: it reads the sources.</summary>
    public SourcePlace Saying(string text, params string[] macros)
    {
        foreach (var file in input.Sources.Select(s => s.File))
        {
            if (SafeFile.Read(file, new DiagnosticBag()) is { } bytes)
            {
                var lines = System.Text.Encoding.UTF8.GetString(bytes).Split('\n');
                var at = Array.FindIndex(lines, l => l.Contains(text, StringComparison.Ordinal) && macros.Any(m => l.Contains(m + "(", StringComparison.Ordinal)));
                if (at >= 0)
                {
                    return new SourcePlace(file, at + 1);
                }
            }
        }

        return Module;
    }

    private Dictionary<string, (int, ulong)> Collect()
    {
        var first = new Dictionary<string, (int, ulong)>(StringComparer.Ordinal);
        foreach (var (_, table) in input.Module.RelocationSections())
        {
            // Lines are known for code only.
            if (table.Info < (uint)input.Module.Sections.Count && input.Module.Sections[(int)table.Info] is { IsExecutable: true, IsAlloc: true })
            {
                foreach (var relocation in input.Module.RelocationsOf(table))
                {
                    if (input.Module.SymbolOf(relocation) is { Name.Length: > 0 } symbol)
                    {
                        first.TryAdd(symbol.Name, ((int)table.Info, relocation.Offset));
                    }
                }
            }
        }

        return first;
    }
}
