using System.CommandLine;
using System.Text;
using System.Text.Json;
using Klp.Base;
using Klp.Store;

namespace Klp.Cli.Commands;

/// <summary><c>klp kernel list</c>.</summary>
internal static class KernelListCommand
{
    public static Command Create(Option<string> store, Terminal terminal)
    {
        var command = new Command("list", "Show the kernels of the store and their aliases.");
        ExampleHelp.Add(command, """
            Examples:
              klp kernel list
              klp kernel list --json

            Exit status: 0, also for an empty store; 1 the store cannot be read; 2 wrong command line.
            """);
        command.SetAction(parsed =>
        {
            var diagnostics = new DiagnosticBag();
            var directory = KernelCommand.Context(parsed, store).Directory;
            var kernels = KernelStore.List(directory, diagnostics);
            var aliases = KernelStore.Aliases(directory);
            if (parsed.GetValue(KlpCommand.Json))
            {
                terminal.Print(Document(directory, kernels, aliases, diagnostics));
                return diagnostics.HasErrors ? ExitCode.Failed : ExitCode.Done;
            }

            terminal.Show(diagnostics);
            if (diagnostics.HasErrors)
            {
                return ExitCode.Failed;
            }

            if (kernels.Count == 0)
            {
                terminal.Say($"{directory} holds no kernel. Get one: klp kernel add newest");
            }

            var width = kernels.Select(k => k.Release.Length).DefaultIfEmpty().Max();
            foreach (var kernel in kernels)
            {
                var names = string.Join(", ", aliases.Where(a => a.Value == kernel.Release).Select(a => a.Key));
                string[] words = [kernel.Release.PadRight(width), kernel.Architecture.PadRight(7), Parts(kernel), names.Length > 0 ? $"({names})" : ""];
                terminal.Print(string.Join("  ", words.Where(w => w.Length > 0)).TrimEnd());
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static string Parts(StoreEntry kernel) =>
        !kernel.HasTree ? "damaged: no build tree" : (kernel.HasImage, kernel.HasModules) switch { (true, true) => "", (true, false) => "no modules", (false, true) => "no image", _ => "headers only" };

    private static string Document(string directory, IReadOnlyList<StoreEntry> kernels, IReadOnlyDictionary<string, string> aliases, DiagnosticBag diagnostics)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("success", !diagnostics.HasErrors);
            writer.WriteString("store", directory);
            writer.WriteStartArray("kernels");
            foreach (var kernel in kernels)
            {
                writer.WriteStartObject();
                writer.WriteString("release", kernel.Release);
                writer.WriteString("architecture", kernel.Architecture);
                writer.WriteString("directory", kernel.Directory);
                writer.WriteBoolean("build", kernel.HasTree);
                writer.WriteBoolean("image", kernel.HasImage);
                writer.WriteBoolean("modules", kernel.HasModules);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartObject("aliases");
            foreach (var (name, release) in aliases)
            {
                writer.WriteString(name, release);
            }

            writer.WriteEndObject();
            JsonDiagnostics.Write(writer, diagnostics);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
