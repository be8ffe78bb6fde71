using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Klp.Cli;

/// <summary>Help that ends with examples and with what the exit status says.</summary>
internal sealed class ExampleHelp(HelpAction standard, string examples) : SynchronousCommandLineAction
{
    /// <summary>Puts examples under a command's help.</summary>
    public static void Add(Command command, string examples)
    {
        var option = new HelpOption();
        option.Action = new ExampleHelp((HelpAction)option.Action!, examples);
        command.Options.Add(option);
    }

    public override int Invoke(ParseResult parseResult)
    {
        try
        {
            var status = standard.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(examples);
            return status;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputLostException(e);
        }
    }
}
