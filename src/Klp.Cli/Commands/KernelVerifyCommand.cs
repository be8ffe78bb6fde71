using System.CommandLine;
using Klp.Base;
using Klp.Store;

namespace Klp.Cli.Commands;

/// <summary><c>klp kernel verify</c>.</summary>
internal static class KernelVerifyCommand
{
    public static Command Create(Option<string> store, Terminal terminal)
    {
        var names = KernelCommand.Names(store, "Releases or aliases. Default: every kernel of the store.", ArgumentArity.ZeroOrMore);
        var command = new Command("verify", "Hold every file of kernels of the store against what was added.") { names };
        ExampleHelp.Add(command, """
            Examples:
              klp kernel verify                      every kernel of the store
              klp kernel verify 6.1.0-56-amd64

            Exit status: 0 all as they were added; 1 something differs (the messages list it); 2 wrong command line.
            """);
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var diagnostics = new DiagnosticBag();
            var directory = KernelCommand.Context(parsed, store).Directory;
            var entries = parsed.GetValue(names) is { Length: > 0 } named ? named.Select(n => KernelStore.Find(directory, n, diagnostics)).OfType<StoreEntry>().DistinctBy(e => e.Release).ToList() : [.. KernelStore.List(directory, diagnostics)];
            var good = entries.FindAll(e => EntryVerifier.Verify(e, diagnostics, cancellation)).Select(e => e.Release).ToList();
            KernelCommand.End(terminal, parsed, good, diagnostics, "{0}: as it was added");
            return diagnostics.HasErrors ? ExitCode.Failed : ExitCode.Done;
        }, cancellation));
        return command;
    }
}
