using System.Globalization;
using System.Text;
using System.Text.Json;
using Klp.Base;
using Klp.Conversion;

namespace Klp.Cli.Commands;

/// <summary>A dump as lines for people, or as one JSON object.</summary>
internal static class DumpView
{
    public static IEnumerable<string> Lines(KlpDump dump, bool relocations)
    {
        yield return dump.LivepatchInfo is { } info ? $"livepatch={info}" : "no livepatch: modinfo does not say so";
        foreach (var entry in dump.Modinfo.Where(m => m.Key is "name" or "version" or "vermagic" or "depends" or "license"))
        {
            yield return $"{entry.Key}={entry.Value}";
        }

        foreach (var line in Patched(dump).Concat(Sections(dump, relocations)).Concat(Symbols(dump)))
        {
            yield return line;
        }

        yield return "";
        yield return $"Imports: {dump.Imports.Count}";
    }

    public static string Json(KlpDump? dump, DiagnosticBag diagnostics)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            if (dump is not null)
            {
                writer.WriteString("livepatch", dump.LivepatchInfo);
                WriteModinfo(writer, dump);
                WritePatch(writer, dump);
                WriteSections(writer, dump);
                WriteSymbols(writer, dump);
                writer.WriteStartArray("imports");
                foreach (var name in dump.Imports)
                {
                    writer.WriteStringValue(name);
                }

                writer.WriteEndArray();
            }

            JsonDiagnostics.Write(writer, diagnostics);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static IEnumerable<string> Patched(KlpDump dump)
    {
        if (!dump.Patch.HasPatch)
        {
            yield break;
        }

        yield return "";
        yield return "Patched:" + (dump.Patch.IsReadable ? "" : $" (not all can be read: {dump.Patch.Obstacle})");
        foreach (var (patched, function) in dump.Patch.Objects.SelectMany(o => o.Functions, (o, f) => (o, f)))
        {
            yield return $"  {patched.Name} {function.OldName},{function.Position} -> {function.NewName ?? "?"}";
        }

        foreach (var (patched, callback) in dump.Patch.Objects.SelectMany(o => o.Callbacks, (o, c) => (o, c)))
        {
            yield return $"  {patched.Name} {callback.Kind}";
        }
    }

    /// <summary>As readelf --sections shows them in the document, with what the name says.</summary>
    private static IEnumerable<string> Sections(KlpDump dump, bool relocations)
    {
        yield return "";
        yield return $"Livepatch relocation sections: {dump.Sections.Count}";
        foreach (var section in dump.Sections)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"  [{section.Index,3}] {section.Name}  object {section.Object ?? "?"}, changes [{section.BaseIndex}] {section.BaseName ?? "?"}, flags 0x{section.Flags:x}, {section.Relocations.Count} entries");
            foreach (var relocation in relocations ? section.Relocations : [])
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"        {relocation.Offset:x16}  {relocation.TypeName,-22}  [{relocation.SymbolIndex}] {relocation.SymbolName} {(relocation.Addend < 0 ? "-" : "+")} 0x{Math.Abs((decimal)relocation.Addend):F0}");
            }
        }
    }

    /// <summary>As readelf --symbols shows them in the document: Ndx is OS [0xff20].</summary>
    private static IEnumerable<string> Symbols(KlpDump dump)
    {
        yield return "";
        yield return $"Livepatch symbols: {dump.Symbols.Count}";
        foreach (var symbol in dump.Symbols)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"  [{symbol.Index,3}] {symbol.Binding.ToUpperInvariant()} OS [0xff20] {symbol.Name}  {(symbol.Object is null ? "(not the kernel's form)" : $"{symbol.Symbol} of {symbol.Object}, {(symbol.Position == 0 ? "unique" : $"position {symbol.Position}")}")}, {symbol.Uses} uses");
        }
    }

    private static void WriteModinfo(Utf8JsonWriter writer, KlpDump dump)
    {
        writer.WriteStartArray("modinfo");
        foreach (var entry in dump.Modinfo)
        {
            writer.WriteStringValue($"{entry.Key}={entry.Value}");
        }

        writer.WriteEndArray();
    }

    private static void WritePatch(Utf8JsonWriter writer, KlpDump dump)
    {
        writer.WriteStartArray("patched");
        foreach (var patched in dump.Patch.Objects)
        {
            writer.WriteStartObject();
            writer.WriteString("object", patched.Name);
            writer.WriteStartArray("functions");
            foreach (var function in patched.Functions)
            {
                writer.WriteStartObject();
                writer.WriteString("oldName", function.OldName);
                writer.WriteNumber("position", function.Position);
                writer.WriteString("newName", function.NewName);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("callbacks");
            foreach (var callback in patched.Callbacks)
            {
                writer.WriteStringValue(callback.Kind);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSections(Utf8JsonWriter writer, KlpDump dump)
    {
        writer.WriteStartArray("sections");
        foreach (var section in dump.Sections)
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", section.Index);
            writer.WriteString("name", section.Name);
            writer.WriteString("object", section.Object);
            writer.WriteString("base", section.BaseName);
            writer.WriteNumber("baseIndex", section.BaseIndex);
            writer.WriteNumber("flags", section.Flags);
            writer.WriteStartArray("relocations");
            foreach (var relocation in section.Relocations)
            {
                writer.WriteStartObject();
                writer.WriteNumber("offset", relocation.Offset);
                writer.WriteString("type", relocation.TypeName);
                writer.WriteNumber("symbolIndex", relocation.SymbolIndex);
                writer.WriteString("symbol", relocation.SymbolName);
                writer.WriteNumber("addend", relocation.Addend);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSymbols(Utf8JsonWriter writer, KlpDump dump)
    {
        writer.WriteStartArray("symbols");
        foreach (var symbol in dump.Symbols)
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", symbol.Index);
            writer.WriteString("name", symbol.Name);
            writer.WriteString("object", symbol.Object);
            writer.WriteString("symbol", symbol.Symbol);
            writer.WriteString("binding", symbol.Binding);
            if (symbol.Position is { } position)
            {
                writer.WriteNumber("position", position);
            }

            writer.WriteNumber("uses", symbol.Uses);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
