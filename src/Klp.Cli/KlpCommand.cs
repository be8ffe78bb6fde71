using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Klp.Base;
using Klp.Cli.Commands;

namespace Klp.Cli;

/// <summary>
/// The command line as a whole: which commands there are and what holds for all of them. Each command is a file in Commands/.
/// Shell completion: <c>dotnet-suggest</c> asks with the <c>[suggest]</c> directive, which System.CommandLine answers.
/// </summary>
public static class KlpCommand
{
    /// <summary>Machine-readable results; every command obeys it.</summary>
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Write the result and the messages as one JSON object to standard output.",
        Recursive = true,
    };

    public static RootCommand Create(Terminal terminal) => new("Linux livepatch modules: what `dotnet build` and `dotnet run` do, one step at a time.")
    {
        Json,
        ConvertCommand.Create(terminal),
        UnconvertCommand.Create(terminal),
        DumpCommand.Create(terminal),
        CheckCommand.Create(terminal),
        RunCommand.Create(terminal),
        StripCommand.Create(terminal),
        SymbolsCommand.Create(terminal),
        KernelCommand.Create(terminal),
    };

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal)
    {
        try
        {
            // Every relative name starts there.
            Directory.GetCurrentDirectory();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.Show([new Diagnostic("KLP0863", Severity.Error, SourcePlace.None, "The current folder does not exist any more, or may not be read.", "Change to another one: cd ~")]);
            return ExitCode.Failed;
        }

        // '@file' is a file's name here, not a list of more arguments.
        var result = Create(terminal).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result is { Errors.Count: > 0, Action: ParseErrorAction })
        {
            foreach (var error in result.Errors)
            {
                terminal.Say($"klp: {error.Message}");
            }

            terminal.Say($"See: {string.Join(' ', Path(result.CommandResult).Reverse())} --help");
            return ExitCode.Usage;
        }

        return await Guarded(terminal, () => InvokeAsync(result, terminal)).ConfigureAwait(false);
    }

    private static async Task<int> InvokeAsync(ParseResult result, Terminal terminal)
    {
        // A command that was interrupted ends its children itself; it gets time for that.
        var configuration = new InvocationConfiguration { Output = terminal.Output, Error = terminal.Error, ProcessTerminationTimeout = TimeSpan.FromSeconds(10), EnableDefaultExceptionHandler = false };
        return await result.InvokeAsync(configuration).ConfigureAwait(false);
    }

    // The words that lead to a command, the last first.
    private static IEnumerable<string> Path(SymbolResult? result)
    {
        for (; result is CommandResult command; result = result.Parent)
        {
            yield return command.Command is RootCommand ? "klp" : command.Command.Name;
        }
    }

    /// <summary>No exception reaches the user as one: lost output has a code, and so has a mistake of this tool.</summary>
    private static async Task<int> Guarded(Terminal terminal, Func<Task<int>> invoke)
    {
        Diagnostic problem;
        try
        {
            return await invoke().ConfigureAwait(false);
        }
        catch (OutputLostException e)
        {
            problem = new Diagnostic("KLP0861", Severity.Error, SourcePlace.None, $"The result cannot be written to standard output: {e.Message}.", "Free some space, or send the output elsewhere.");
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
#pragma warning disable CA1031 // the last place before the user
        catch (Exception e)
#pragma warning restore CA1031
        {
            problem = InternalError.From(e, "klp");
        }

        try
        {
            terminal.Show([problem]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Standard error is gone too; the exit status still tells.
        }

        return ExitCode.Failed;
    }
}
