using System.CommandLine;
using System.Text.Json;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Modpost;

namespace Klp.Cli.Commands;

/// <summary><c>klp strip</c>: debug data out of a finished module. GNU strip must not be used: it breaks livepatches without a word.</summary>
internal static class StripCommand
{
    private const string Examples = """
        Examples:
          klp strip fix.ko                                  in place
          klp strip fix.ko -o fix.stripped.ko
          klp strip broken.ko --unstripped fix.ko -o good.ko    broken.ko went through GNU strip; fix.ko is what the build made

        Exit status: 0 the stripped module is written; 1 it is not (the messages say why); 2 wrong command line.
        """;

    public static Command Create(Terminal terminal)
    {
        var module = new Argument<string>("module") { Description = "A finished livepatch module.", HelpName = "x.ko" }.NotEmpty();
        var output = new Option<string>("--output", "-o") { Description = "Write here; default: over the module, in one step.", HelpName = "file" }.NotEmpty();
        var unstripped = new Option<string>("--unstripped") { Description = "The same module before another tool stripped and broke it.", HelpName = "x.ko" }.NotEmpty();
        var command = new Command("strip", "Remove debug data from a livepatch module; repair one that GNU strip has broken.") { module, output, unstripped };
        ExampleHelp.Add(command, Examples);
        command.SetAction(result =>
        {
            var diagnostics = new DiagnosticBag();
            var file = Path.GetFullPath(result.GetValue(module)!);

            // In place means the module, not a link to it.
            var target = result.GetValue(output) is { } to ? Path.GetFullPath(to) : RealPath.Of(file);
            var original = result.GetValue(unstripped) is { } from ? Path.GetFullPath(from) : null;
            var sizes = Strip(file, original, target, result.GetValue(output) is null, diagnostics);
            Show(terminal, result.GetValue(KlpCommand.Json), target, sizes, diagnostics);
            return sizes is null ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static (long Before, long After)? Strip(string file, string? original, string target, bool inPlace, DiagnosticBag diagnostics)
    {
        var content = SafeFile.Read(file, diagnostics);
        var bytes = content is null ? null : ModuleFile.Unpack(content, file, diagnostics);
        if (inPlace && bytes is { } unpacked && ElfFile.IsElf(unpacked.Span) && !ElfFile.IsElf(content))
        {
            diagnostics.Error("KLP0862", file, "This module is compressed: stripped in place, the file would hold a plain module under the name of a compressed one.", "Name the output: -o x.ko. Compress that again if you like.");
            return null;
        }

        var module = bytes is { } b ? ElfFile.Read(b, file, diagnostics) : null;
        var unstripped = original is not null && ModuleFile.Read(original, diagnostics) is { } o ? ElfFile.Read(o, original, diagnostics) : null;
        if (module is null || (original is not null && unstripped is null) || ModuleStrip.Apply(module, file, unstripped, original, diagnostics) is not { } stripped)
        {
            return null;
        }

        var written = stripped.Write();
        return SafeFile.Write(target, written, diagnostics) ? (bytes!.Value.Length, written.Length) : null;
    }

    private static void Show(Terminal terminal, bool json, string target, (long Before, long After)? sizes, DiagnosticBag diagnostics)
    {
        if (!json)
        {
            terminal.Show(diagnostics);
            if (sizes is { } s)
            {
                terminal.Print($"{target}: {s.Before:#,0} -> {s.After:#,0} bytes");
            }

            return;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("success", sizes is not null);
            writer.WriteString("module", target);
            if (sizes is { } s)
            {
                writer.WriteNumber("bytesBefore", s.Before);
                writer.WriteNumber("bytesAfter", s.After);
            }

            JsonDiagnostics.Write(writer, diagnostics);
            writer.WriteEndObject();
        }

        terminal.Print(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }
}
