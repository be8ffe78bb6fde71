using System.Text.Json;
using Klp.Base;

namespace Klp.Cli;

/// <summary>The <c>diagnostics</c> array of every command's <c>--json</c> result.</summary>
internal static class JsonDiagnostics
{
    public static void Write(Utf8JsonWriter writer, IEnumerable<Diagnostic> diagnostics)
    {
        writer.WriteStartArray("diagnostics");
        foreach (var diagnostic in diagnostics)
        {
            writer.WriteStartObject();
            writer.WriteString("id", diagnostic.Id);
            writer.WriteString("severity", diagnostic.Severity.ToString());
            writer.WriteString("file", diagnostic.Place.File);
            writer.WriteNumber("line", diagnostic.Place.Line);
            writer.WriteNumber("column", diagnostic.Place.Column);
            writer.WriteString("message", diagnostic.Message);
            writer.WriteString("cure", diagnostic.Cure);
            writer.WriteStartArray("notes");
            foreach (var note in diagnostic.Notes ?? [])
            {
                writer.WriteStringValue(note);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
