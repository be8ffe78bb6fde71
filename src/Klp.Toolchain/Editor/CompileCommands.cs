using System.Text;
using System.Text.Json;
using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// Writes <c>compile_commands.json</c>, the database that clangd and other editors read: one entry per source, with the flags an editor needs.
/// </summary>
/// <remarks>Format: clang's "JSON Compilation Database". Needs no compile, so a design-time build can write it.</remarks>
public static class CompileCommands
{
    /// <summary>Writes the database; a file that already says the same keeps its time. False with KLP0010 where it cannot be written.</summary>
    public static bool Write(string path, CompileRequest request, DiagnosticBag diagnostics) => SafeFile.WriteText(path, Text(request), diagnostics);

    /// <summary>The database as text.</summary>
    public static string Text(CompileRequest request)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var source in request.Sources)
            {
                WriteEntry(json, request, source);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    private static void WriteEntry(Utf8JsonWriter json, CompileRequest request, CompileSource source)
    {
        var command = CompilerCommand.For(request, source);
        var file = Path.GetFullPath(source.Path, request.ProjectDirectory);
        json.WriteStartObject();
        json.WriteString("directory", request.ProjectDirectory);
        json.WriteString("file", file);
        json.WriteString("output", ProjectPaths.ObjectFile(source.Path, request.ProjectDirectory, request.ObjectDirectory));
        json.WriteStartArray("arguments");
        foreach (var word in (IEnumerable<string>)[command.Compiler, .. EditorFlags.For(request.Profile, command.Flags), "-c", file])
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
