using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Klp.Base;
using Klp.Store;

namespace Klp.Cli.Commands;

/// <summary><c>klp kernel</c>: gets kernels to build for, without installing anything, and looks after them.</summary>
internal static class KernelCommand
{
    public static Command Create(Terminal terminal)
    {
        var store = KernelOptions.NewStoreOption();
        store.Recursive = true;
        var command = new Command("kernel", "Get kernels to build for, by name, without root and without installing anything.") { store };
        command.Subcommands.Add(KernelAddCommand.Create(store, terminal));
        command.Subcommands.Add(KernelListCommand.Create(store, terminal));
        command.Subcommands.Add(KernelShowCommand.Create(store, terminal));
        command.Subcommands.Add(KernelVerifyCommand.Create(store, terminal));
        command.Subcommands.Add(KernelRemoveCommand.Create(store, terminal));
        ExampleHelp.Add(command, """
            Examples:
              klp kernel add newest                  the newest kernel of this machine's Debian release
              klp kernel list
              klp kernel verify                      is every kernel as it was added?
              klp kernel remove 6.1.0-50-amd64

            Exit status: 0 done; 1 an error; 2 wrong command line; 130 interrupted.
            """);
        return command;
    }

    public static StoreContext Context(ParseResult parsed, Option<string> store)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? "", StringComparer.Ordinal);
        return new StoreContext(parsed.GetValue(store) is { Length: > 0 } named ? Path.GetFullPath(named) : KernelOptions.Store, variables);
    }

    /// <summary>An argument that is a kernel of the store; the shell completes it.</summary>
    public static Argument<string> Name(Option<string> store, string description)
    {
        var argument = new Argument<string>("kernel") { Description = description, HelpName = "kernel" };
        argument.CompletionSources.Add(context => Known(context.ParseResult, store));
        return argument;
    }

    public static Argument<string[]> Names(Option<string> store, string description, ArgumentArity arity)
    {
        var argument = new Argument<string[]>("kernel") { Description = description, Arity = arity, HelpName = "kernel" };
        argument.CompletionSources.Add(context => Known(context.ParseResult, store));
        return argument;
    }

    /// <summary>A line for each kernel something was done with, or one JSON object.</summary>
    public static void End(Terminal terminal, ParseResult parsed, IReadOnlyList<string> releases, DiagnosticBag diagnostics, string line)
    {
        if (!parsed.GetValue(KlpCommand.Json))
        {
            terminal.Show(diagnostics);
            foreach (var release in releases)
            {
                terminal.Print(string.Format(CultureInfo.InvariantCulture, line, release));
            }

            return;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("success", !diagnostics.HasErrors);
            writer.WriteStartArray("kernels");
            foreach (var release in releases)
            {
                writer.WriteStringValue(release);
            }

            writer.WriteEndArray();
            JsonDiagnostics.Write(writer, diagnostics);
            writer.WriteEndObject();
        }

        terminal.Print(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static IEnumerable<System.CommandLine.Completions.CompletionItem> Known(ParseResult parsed, Option<string> store)
    {
        var directory = Context(parsed, store).Directory;
        return KernelStore.List(directory, []).Select(k => k.Release).Concat(KernelStore.Aliases(directory).Keys).Select(n => new System.CommandLine.Completions.CompletionItem(n));
    }
}
