using System.CommandLine;
using System.Text.Json;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Verify;

namespace Klp.Cli.Commands;

/// <summary><c>klp check</c>: what the kernel would say to a module, ours or another tool's, from the file and from as much of the kernel as is here.</summary>
internal static class CheckCommand
{
    private const string Examples = """
        Examples:
          klp check fix.ko                                   against the kernel of its vermagic, from the store or /boot and /lib/modules
          klp check --image vmlinuz --symvers Module.symvers --modules-directory lib/modules/6.1.0-56-amd64 fix.ko
          klp check --contract fix.ko                        and what this SDK promises of its own modules
          klp check --json fix.ko.xz                         for programs

        What is not here is not checked, and the command says so.

        Exit status: 0 no error (there may be warnings); 1 an error; 2 wrong command line.
        """;

    public static Command Create(Terminal terminal)
    {
        var kernel = new KernelOptions();
        var input = new Argument<string>("module.ko") { Description = "Any kernel module, compressed or not." }.NotEmpty();
        var objects = new Option<string[]>("--object") { Description = "A patched object that the module's tables do not show (KlpObject); repeatable.", HelpName = "name" };
        var contract = new Option<bool>("--contract") { Description = "Hold the module against this SDK's whole output contract, not only against the kernel." };
        var command = kernel.AddTo(new Command("check", "Say what the kernel would say to a module, without loading it.") { input, objects, contract });
        ExampleHelp.Add(command, Examples);
        command.SetAction(parsed =>
        {
            var diagnostics = new DiagnosticBag();
            var module = ModuleInput.Read(parsed.GetValue(input)!, diagnostics);
            var missing = module is null ? [] : Check(kernel, parsed, module, parsed.GetValue(objects) ?? [], parsed.GetValue(contract), diagnostics);
            if (parsed.GetValue(KlpCommand.Json))
            {
                terminal.Print(Document(parsed.GetValue(input)!, missing, diagnostics));
            }
            else
            {
                terminal.Show(diagnostics);
                Sum(terminal, parsed.GetValue(input)!, missing, diagnostics);
            }

            return diagnostics.HasErrors ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    /// <summary>Checks, and returns what could not be checked.</summary>
    private static List<string> Check(KernelOptions options, ParseResult parsed, ModuleInput module, string[] objects, bool contract, DiagnosticBag diagnostics)
    {
        if (options.Open(parsed, module.Information.Release, null, diagnostics) is not { } kernel)
        {
            return [];
        }

        var hasExports = kernel.Symvers.Count > 0;
        Verifier.Verify(new VerifyInput
        {
            Module = module.File,
            ModuleFile = module.Path,
            Rules = kernel.Rules,
            TargetMachine = kernel.Machine,
            Layout = LivepatchLayout.Usual,
            Index = kernel.Index,
            Symvers = hasExports ? kernel.Symvers : null,
            DeclaredObjects = objects,
            Lines = LineTable.Read(module.File),
            HoldsContract = contract,
        }, diagnostics);

        var missing = new List<string>();
        if (!hasExports)
        {
            missing.Add("imports and their versions (--symvers)");
        }

        if (!kernel.Index.Knows(ObjectName.Vmlinux))
        {
            missing.Add("symbols of vmlinux (--image)");
        }

        if (kernel.Index.Modules is null)
        {
            missing.Add("symbols of modules (--modules-directory)");
        }

        return missing;
    }

    private static void Sum(Terminal terminal, string path, List<string> missing, DiagnosticBag diagnostics)
    {
        var (errors, warnings) = (diagnostics.Count(d => d.Severity == Severity.Error), diagnostics.Count(d => d.Severity == Severity.Warning));
        terminal.Print($"{path}: {(errors == 0 ? "no error" : Count(errors, "error"))}{(warnings == 0 ? "" : ", " + Count(warnings, "warning"))}");
        if (missing.Count > 0)
        {
            terminal.Print($"not checked: {string.Join("; ", missing)}");
        }
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private static string Document(string path, List<string> missing, DiagnosticBag diagnostics)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("module", Path.GetFullPath(path));
            writer.WriteBoolean("ok", !diagnostics.HasErrors);
            writer.WriteStartArray("notChecked");
            missing.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
            JsonDiagnostics.Write(writer, diagnostics);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
