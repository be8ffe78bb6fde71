using System.CommandLine;
using Klp.Base;
using Klp.Conversion;
using Klp.Kernel;

namespace Klp.Cli.Commands;

/// <summary><c>klp dump</c>: what makes a module a livepatch, as tables or as JSON.</summary>
internal static class DumpCommand
{
    private const string Examples = """
        Examples:
          klp dump fix.ko                    the tables of the kernel's module-elf-format document
          klp dump --relocations fix.ko.xz   and every livepatch relocation
          klp dump --json fix.ko             the same for programs

        Exit status: 0 dumped (whether it is a livepatch or not); 1 the file cannot be read; 2 wrong command line.
        """;

    public static Command Create(Terminal terminal)
    {
        var input = new Argument<string>("module.ko") { Description = "Any kernel module, compressed or not." }.NotEmpty();
        var relocations = new Option<bool>("--relocations", "-r") { Description = "List every livepatch relocation." };
        var command = new Command("dump", "Show a module's livepatch sections, symbols and patched functions.") { input, relocations };
        ExampleHelp.Add(command, Examples);
        command.SetAction(parsed =>
        {
            var diagnostics = new DiagnosticBag();
            var dump = ModuleInput.Read(parsed.GetValue(input)!, diagnostics) is { } module ? KlpDump.Of(module.File, LivepatchLayout.Usual) : null;
            if (parsed.GetValue(KlpCommand.Json))
            {
                terminal.Print(DumpView.Json(dump, diagnostics));
            }
            else
            {
                terminal.Show(diagnostics);
                foreach (var line in dump is null ? [] : DumpView.Lines(dump, parsed.GetValue(relocations)))
                {
                    terminal.Print(Terminal.Visible(line));
                }
            }

            return dump is null ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }
}
