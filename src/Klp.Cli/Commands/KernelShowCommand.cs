using System.CommandLine;
using System.Text;
using System.Text.Json;
using Klp.Base;
using Klp.Store;

namespace Klp.Cli.Commands;

/// <summary><c>klp kernel show</c>.</summary>
internal static class KernelShowCommand
{
    public static Command Create(Option<string> store, Terminal terminal)
    {
        var name = KernelCommand.Name(store, "Release or alias.");
        var command = new Command("show", "Show what is known of a kernel: where it came from, what building with it takes.") { name };
        ExampleHelp.Add(command, """
            Examples:
              klp kernel show newest
              klp kernel show 6.1.0-56-amd64 --json

            Exit status: 0 shown; 1 no such kernel; 2 wrong command line.
            """);
        command.SetAction(parsed =>
        {
            var diagnostics = new DiagnosticBag();
            var entry = KernelStore.Find(KernelCommand.Context(parsed, store).Directory, parsed.GetValue(name)!, diagnostics);
            if (parsed.GetValue(KlpCommand.Json))
            {
                terminal.Print(Document(entry, diagnostics));
            }
            else
            {
                terminal.Show(diagnostics);
                foreach (var (fact, value) in entry is null ? [] : Facts(entry).Where(f => f.Value.Length > 0))
                {
                    terminal.Print($"{fact}: {value}");
                }
            }

            return entry is null ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<(string Name, string Value)> Facts(StoreEntry entry)
    {
        yield return ("release", entry.Release);
        yield return ("architecture", entry.Architecture);
        yield return ("folder", entry.Directory);
        yield return ("build tree", entry.HasTree ? "" : "missing: this kernel is damaged");
        yield return ("image", entry.HasImage ? "yes" : "no");
        yield return ("modules", entry.HasModules ? "yes" : "no");
        if (entry.Manifest is not { } manifest)
        {
            yield return ("origin", "laid out by hand");
            yield break;
        }

        yield return ("origin", manifest.Origin + (manifest.From.Length > 0 ? " " + manifest.From : ""));
        yield return ("compiler", string.Join(' ', manifest.Compilers));
        yield return ("build packages", string.Join(' ', manifest.BuildPackages));
        yield return ("build tools", manifest.ToolsArchitecture + (manifest.HasToolLibraries ? ", with libraries of their own" : ""));
        foreach (var package in manifest.Packages)
        {
            yield return ("package", $"{package.Name} {package.Version} {package.Architecture}");
        }
    }

    private static string Document(StoreEntry? entry, DiagnosticBag diagnostics)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("success", entry is not null);
            if (entry is not null)
            {
                writer.WriteString("directory", entry.Directory);
                writer.WriteBoolean("build", entry.HasTree);
                writer.WriteBoolean("image", entry.HasImage);
                writer.WriteBoolean("modules", entry.HasModules);
                if (entry.Manifest is { } manifest)
                {
                    manifest.WriteFacts(writer);
                }
                else
                {
                    writer.WriteString("release", entry.Release);
                    writer.WriteString("architecture", entry.Architecture);
                }
            }

            JsonDiagnostics.Write(writer, diagnostics);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
