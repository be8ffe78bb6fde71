using System.Text;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Tests.PatchTables;

/// <summary>Tables as text: every byte, every relocation by type and by what it means; function tables in the place of their pointer.</summary>
internal static class TableDump
{
    public static string Of(ElfFile file, string symbolName, LivepatchLayout layout)
    {
        var symbol = file.Symbols.Single(s => s.Name == symbolName);
        var count = symbol.Size / (ulong)layout.ObjectSize;
        var text = new StringBuilder().AppendLine($"{count} objects");
        for (var i = 0ul; i < count; i++)
        {
            var functions = DumpElement(file, text, symbol.SectionIndex, symbol.Value + (i * (ulong)layout.ObjectSize), layout.ObjectSize, layout.ObjectFuncs);
            for (var more = functions is not null; more;)
            {
                var at = functions!.Value;
                more = DumpElement(file, text, at.Section, at.Offset, layout.FuncSize, -1) is not null;
                functions = (at.Section, at.Offset + (ulong)layout.FuncSize);
            }
        }

        return text.ToString();
    }

    /// <summary>Appends one struct; returns where its pointer at <paramref name="follow"/> points, or any place where it has another relocation.</summary>
    private static (int Section, ulong Offset)? DumpElement(ElfFile file, StringBuilder text, int section, ulong at, int size, int follow)
    {
        // A table of one empty element is in .bss where the compiler writes it.
        var bytes = file.Sections[section].Type == SectionType.NoBits ? new byte[size] : file.Sections[section].Data.Slice((int)at, size).ToArray();
        text.Append(Convert.ToHexString(bytes));
        (int Section, ulong Offset)? result = null;
        foreach (var relocation in file.RelocationSectionsFor(section).SelectMany(file.RelocationsOf).Where(r => r.Offset >= at && r.Offset < at + (ulong)size).OrderBy(r => r.Offset))
        {
            var target = file.SymbolOf(relocation)!;
            var (targetSection, offset) = ((int)target.SectionIndex, target.Value + (ulong)relocation.Addend);
            var field = (int)(relocation.Offset - at);
            result = follow < 0 || field == follow ? (targetSection, offset) : result;
            text.Append($" {field}:type {relocation.Type} ").Append(field == follow ? "table" : Meaning(file, targetSection, offset));
        }

        text.AppendLine();
        return result;
    }

    private static string Meaning(ElfFile file, int section, ulong offset)
    {
        var bytes = file.Sections[section].Data.Span[(int)offset..];
        return file.Sections[section].IsExecutable
            ? file.Symbols.Single(s => s.Type == SymbolType.Function && s.SectionIndex == section && s.Value == offset && !s.Name.StartsWith("__cfi_", StringComparison.Ordinal)).Name
            : '"' + Encoding.Latin1.GetString(bytes[..bytes.IndexOf((byte)0)]) + '"';
    }
}
