using System.CommandLine;
using Klp.Base;
using Klp.Store;

namespace Klp.Cli.Commands;

/// <summary><c>klp kernel remove</c>.</summary>
internal static class KernelRemoveCommand
{
    public static Command Create(Option<string> store, Terminal terminal)
    {
        var names = KernelCommand.Names(store, "Releases or aliases.", ArgumentArity.OneOrMore);
        var command = new Command("remove", "Remove kernels from the store, and the aliases that lead to them.") { names };
        ExampleHelp.Add(command, """
            Examples:
              klp kernel remove 6.1.0-50-amd64

            Exit status: 0 removed; 1 an error; 2 wrong command line.
            """);
        command.SetAction(async (parsed, cancellation) =>
        {
            var diagnostics = new DiagnosticBag();
            var context = KernelCommand.Context(parsed, store);
            var removed = new List<string>();
            foreach (var entry in parsed.GetValue(names)!.Select(n => KernelStore.Find(context.Directory, n, diagnostics)).OfType<StoreEntry>().DistinctBy(e => e.Release).ToList())
            {
                if (await KernelStore.RemoveAsync(context, entry, diagnostics, cancellation).ConfigureAwait(false))
                {
                    removed.Add(entry.Release);
                }
            }

            KernelCommand.End(terminal, parsed, removed, diagnostics, "{0}: removed");
            return diagnostics.HasErrors ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }
}
