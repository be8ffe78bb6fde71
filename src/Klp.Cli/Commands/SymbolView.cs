using System.Globalization;
using System.Text;
using System.Text.Json;
using Klp.Base;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary>What <c>klp symbols</c> prints: a line for each symbol, or one JSON object at the end.</summary>
internal sealed class SymbolView(Terminal terminal, bool json)
{
    private readonly List<KernelSymbol> _symbols = [];
    private readonly Dictionary<string, (string Text, bool IsNumber)> _facts = [];
    private string? _list;

    public DiagnosticBag Diagnostics { get; } = [];

    public void Show(IEnumerable<KernelSymbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            _symbols.Add(symbol);
            if (!json)
            {
                terminal.Print(Line(symbol));
            }
        }
    }

    public void Explain(SymbolReference wanted, IReadOnlyList<KernelSymbol> all, bool knowsPositions)
    {
        var taken = SymbolReference.Resolve(wanted, all);
        Show(all);
        Fact("taken", taken is null ? "none" : $"{taken.Object}.{taken.Name},{(all.Count == 1 && wanted.Position is null or 0 ? 0 : taken.Position)}");
        Fact("why", (taken, wanted) switch
        {
            (null, { Address: not null }) => "no symbol of this name is at this address",
            (null, { Position: null or 0 }) => $"position 0 stands for 'the only one', and there are {all.Count}: the kernel says \"unresolvable ambiguity\"",
            (null, _) => $"there are only {all.Count}: the kernel says \"symbol position {wanted.Position} … not found\"",
            ({ } symbol, _) when symbol.IsTimingDependent => "while the module loads; once its init memory is freed, one symbol of this name fewer stands in front: no position is right for both",
            ({ Object: "vmlinux" }, _) => $"vmlinux counts by ascending address, {taken.Position} of {all.Count}",
            _ => $"modules count in symbol table order, {taken.Position} of {all.Count}",
        });
        if (!knowsPositions)
        {
            Fact("note", "this source lists names only: a position is held against their number, the order is not known");
        }
    }

    public void Built(SymbolIndex index, int modules, TimeSpan time)
    {
        Fact("release", index.Release ?? "unknown");
        Fact("buildId", index.BuildId ?? "unknown");
        Fact("modules", modules.ToString(CultureInfo.InvariantCulture), isNumber: true);
        Fact("seconds", time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture), isNumber: true);
    }

    /// <summary>A list of names in klp-convert's format: as it is, or as objects with their names.</summary>
    public void List(string text)
    {
        if (json)
        {
            _list = text;
            return;
        }

        terminal.PrintText(text);
    }

    /// <summary>Where a list went; known from the command line, so only programs are told.</summary>
    public bool Written(string file)
    {
        _facts["output"] = (file, false);
        return true;
    }

    public void End(SymbolIndex? index)
    {
        if (json)
        {
            terminal.Print(Document(index));
            return;
        }

        terminal.Show(Diagnostics);
    }

    private void Fact(string name, string value, bool isNumber = false)
    {
        _facts[name] = (value, isNumber);
        if (!json)
        {
            terminal.Print($"{name}: {value}");
        }
    }

    private static string Line(KernelSymbol s)
    {
        var marks = new List<string>();
        if (s.IsInit)
        {
            marks.Add("init");
        }

        if (s.IsFunction && s.HasFtraceEntry is { } hooked)
        {
            marks.Add(!hooked ? "no ftrace entry" : s.HasStrayFtraceSite ? "patchable, but another ftrace entry lies behind it" : "patchable");
        }

        if (s.IsTimingDependent)
        {
            marks.Add("position depends on time");
        }

        if (s.SourceFile is not null)
        {
            marks.Add(s.SourceFile);
        }

        return $"{s.Address:x16} {s.Type} {s.Object}.{s.Name},{s.Position} of {s.Count}" + (marks.Count > 0 ? "  (" + string.Join(", ", marks) + ")" : "");
    }

    private string Document(SymbolIndex? index)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("source", index?.SourceDescription);
            writer.WriteString("release", index?.Release);
            foreach (var (name, value) in _facts.Where(f => f.Key != "release"))
            {
                writer.WritePropertyName(name);
                if (value.IsNumber)
                {
                    writer.WriteRawValue(value.Text);
                }
                else
                {
                    writer.WriteStringValue(value.Text);
                }
            }

            WriteList(writer);
            writer.WriteStartArray("symbols");
            foreach (var symbol in _symbols)
            {
                Write(writer, symbol);
            }

            writer.WriteEndArray();
            JsonDiagnostics.Write(writer, Diagnostics);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private void WriteList(Utf8JsonWriter writer)
    {
        if (_list is null)
        {
            return;
        }

        writer.WriteStartObject("objects");
        var isOpen = false;
        foreach (var line in _list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            if (!line.StartsWith('*'))
            {
                writer.WriteStringValue(line);
                continue;
            }

            if (isOpen)
            {
                writer.WriteEndArray();
            }

            writer.WriteStartArray(line[1..]);
            isOpen = true;
        }

        if (isOpen)
        {
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, KernelSymbol symbol)
    {
        writer.WriteStartObject();
        writer.WriteString("object", symbol.Object);
        writer.WriteString("name", symbol.Name);
        writer.WriteNumber("position", symbol.Position);
        writer.WriteNumber("count", symbol.Count);
        writer.WriteString("address", symbol.Address.ToString("x16", CultureInfo.InvariantCulture));
        writer.WriteString("type", symbol.Type.ToString());
        writer.WriteBoolean("init", symbol.IsInit);
        writer.WriteBoolean("timingDependent", symbol.IsTimingDependent);
        if (symbol.HasFtraceEntry is { } hooked)
        {
            writer.WriteBoolean("ftraceEntry", hooked);
            writer.WriteBoolean("strayFtraceSite", symbol.HasStrayFtraceSite);
        }

        writer.WriteString("sourceFile", symbol.SourceFile);
        writer.WriteEndObject();
    }
}
