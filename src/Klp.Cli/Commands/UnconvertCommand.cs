using System.CommandLine;
using System.Text.Json;
using Klp.Base;
using Klp.Conversion;

namespace Klp.Cli.Commands;

/// <summary><c>klp unconvert</c>: a livepatch with ordinary relocations, for tools that know no others.</summary>
internal static class UnconvertCommand
{
    private const string Examples = """
        Examples:
          klp unconvert fix.ko fix.plain.ko && objdump -dr fix.plain.ko
          klp unconvert fix.ko fix.plain.ko && gdb -batch -ex 'disassemble /r patched' fix.plain.ko

        The result is for reading, not for loading: nothing in it says which of several symbols of one name is meant.
        Exit status: 0 done; 1 an error; 2 wrong command line.
        """;

    public static Command Create(Terminal terminal)
    {
        var input = new Argument<string>("in.ko") { Description = "A livepatch module." }.NotEmpty();
        var output = new Argument<string>("out.ko") { Description = "Where the plain one goes." }.NotEmpty();
        var command = new Command("unconvert", "Turn livepatch relocations back into ordinary ones, for objdump, gdb and crash.") { input, output };
        ExampleHelp.Add(command, Examples);
        command.SetAction(parsed =>
        {
            var diagnostics = new DiagnosticBag();
            var path = Path.GetFullPath(parsed.GetValue(output)!);
            var done = ModuleInput.ReadSound(parsed.GetValue(input)!, diagnostics) is { } module
                && SafeFile.Write(path, Unconverter.Unconvert(module.File, diagnostics, module.Path).Write(), diagnostics);
            if (parsed.GetValue(KlpCommand.Json))
            {
                using var stream = new MemoryStream();
                using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
                {
                    writer.WriteStartObject();
                    writer.WriteString("output", done ? path : null);
                    JsonDiagnostics.Write(writer, diagnostics);
                    writer.WriteEndObject();
                }

                terminal.Print(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
            }
            else
            {
                terminal.Show(diagnostics);
            }

            return done ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
