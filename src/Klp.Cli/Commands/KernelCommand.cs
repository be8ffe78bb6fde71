using System.CommandLine;
using Klp.Store;

namespace Klp.Cli.Commands;

/// <summary><c>klp kernel</c>: gets kernels to build for, without installing anything, and looks after them.</summary>
internal static class KernelCommand
{
    public static Command Create(Terminal terminal)
    {
        var store = new Option<string>("--store") { Description = "The kernel store (KlpKernelStore). Default: KLP_KERNEL_STORE, else klp/kernels in the user's data folder.", HelpName = "folder", Recursive = true };
        var command = new Command("kernel", "Get kernels to build for, by name, without root and without installing anything.") { store };
        command.Subcommands.Add(KernelAddCommand.Create(store, terminal));
        command.Subcommands.Add(KernelListCommand.Create(store, terminal));
        ExampleHelp.Add(command, """
            Examples:
              klp kernel add newest                  the newest kernel of this machine's Debian release
              klp kernel list

            Exit status: 0 done; 1 an error; 2 wrong command line; 130 interrupted.
            """);
        return command;
    }

    public static StoreContext Context(ParseResult parsed, Option<string> store)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? "", StringComparer.Ordinal);
        return new StoreContext(parsed.GetValue(store) is { Length: > 0 } named ? Path.GetFullPath(named) : KernelOptions.Store, variables);
    }
}
