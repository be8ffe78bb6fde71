using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary><c>klp convert</c>: what the build's KlpConvert does, on any module; takes klp-convert's command line too.</summary>
internal static class ConvertCommand
{
    private const string Examples = """
        Examples:
          klp convert fix.tmp.ko fix.ko                              the kernel of the module's vermagic, from the store or /boot and /lib/modules
          klp convert --image vmlinuz --symvers Module.symvers fix.tmp.ko fix.ko
          klp convert symbols.klp fix.tmp.ko fix.ko                  as klp-convert
          klp convert --hint foo=ext4,2 --object ext4 fix.tmp.ko fix.ko

        Exit status: 0 converted (or nothing to do); 1 an error, and no output was written; 2 wrong command line.
        """;

    public static Command Create(Terminal terminal)
    {
        var kernel = new KernelOptions();
        var files = new Argument<string[]>("files") { Description = "[symbols.klp] in.ko out.ko", Arity = new ArgumentArity(2, 3), HelpName = "files" }.NotEmpty();
        var hints = new Option<string[]>("--hint") { Description = "Says which symbol is meant (KlpSymbolHint); repeatable.", HelpName = "symbol=object[,position]" };
        var objects = new Option<string[]>("--object") { Description = "A patched object, where the module's tables cannot be read (KlpObject); repeatable.", HelpName = "name" };
        var keep = new Option<bool>("--keep-module-imports") { Description = "Leave exports of modules as imports; the patch then depends on those modules." };
        var command = kernel.AddTo(new Command("convert", "Turn a module's unresolved references into livepatch symbols and relocations.") { files, hints, objects, keep });
        ExampleHelp.Add(command, Examples);
        command.SetAction(parsed =>
        {
            var diagnostics = new DiagnosticBag();
            var paths = parsed.GetValue(files)!;
            var plan = Convert(kernel, parsed, paths, parsed.GetValue(hints) ?? [], parsed.GetValue(objects) ?? [], parsed.GetValue(keep), diagnostics);
            if (parsed.GetValue(KlpCommand.Json))
            {
                terminal.Print(Document(paths[^1], plan, diagnostics));
            }
            else
            {
                terminal.Show(diagnostics);
            }

            return diagnostics.HasErrors || plan is null ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static SymbolPlan? Convert(KernelOptions options, ParseResult parsed, string[] paths, string[] hints, string[] objects, bool keep, DiagnosticBag diagnostics)
    {
        if (Hints(hints, diagnostics) is not { } symbolHints || ModuleInput.ReadSound(paths[^2], diagnostics) is not { } module)
        {
            return null;
        }

        // The kernel's facts come from other files than the patch's tables: both are read at once.
        var patchProblems = new DiagnosticBag();
        var lines = LineTable.Read(module.File);
        var patch = Task.Run(() => PatchModel.Read(module.File, LivepatchLayout.Usual, lines, patchProblems));
        if (options.Open(parsed, module.Information.Release, paths.Length == 3 ? paths[0] : null, diagnostics) is not { } kernel)
        {
            return null;
        }

        var input = new PlanInput
        {
            Module = module.File,
            Patch = patch.GetAwaiter().GetResult(),
            Symvers = kernel.Symvers,
            Index = kernel.Index,
            Rules = kernel.Rules,
            TargetMachine = kernel.Machine,
            Hints = symbolHints,
            DeclaredObjects = objects,
            ModuleName = module.Name,
            ModulePath = module.Path,
            Lines = lines,
            IndexCure = "Name it: --image vmlinuz, --system-map, --kallsyms or --symbols." + (kernel.Release.Length == 0 ? "" : " " + InstallHint.ForImage(kernel.Release, "")),
            ConvertModuleExports = !keep,
        };
        diagnostics.AddRange(patchProblems);
        var plan = SymbolPlan.Compute(input, diagnostics);
        return !diagnostics.HasErrors && Converter.Convert(module.File, plan, kernel.Rules, diagnostics, module.Path) is { } converted
            && SafeFile.Write(Path.GetFullPath(paths[^1]), converted.Write(), diagnostics) ? plan : null;
    }

    private static List<SymbolHint>? Hints(string[] texts, DiagnosticBag diagnostics)
    {
        var hints = new List<SymbolHint>();
        foreach (var text in texts)
        {
            var (equal, comma) = (text.IndexOf('='), text.LastIndexOf(','));
            var position = 0ul;
            if (equal <= 0 || equal == text.Length - 1 || comma > equal && !ulong.TryParse(text[(comma + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out position))
            {
                diagnostics.Error("KLP0407", "--hint", $"'{text}' is no hint.", "Write symbol=object or symbol=object,position; positions count from 1.");
                continue;
            }

            hints.Add(new SymbolHint(text[..equal], comma > equal ? text[(equal + 1)..comma] : text[(equal + 1)..], comma > equal ? position : null));
        }

        return hints.Count == texts.Length ? hints : null;
    }

    private static string Document(string output, SymbolPlan? plan, DiagnosticBag diagnostics)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("output", plan is null ? null : Path.GetFullPath(output));
            writer.WriteStartArray("symbols");
            foreach (var symbol in plan?.Symbols ?? [])
            {
                writer.WriteStartObject();
                writer.WriteString("name", symbol.Name);
                writer.WriteString("decision", symbol.Decision.ToString());
                writer.WriteString("sectionObject", symbol.SectionObject);
                writer.WriteString("owner", symbol.Export?.Owner ?? symbol.Livepatch?.Object);
                writer.WriteString("livepatchSymbol", symbol.Livepatch?.ToString());
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            JsonDiagnostics.Write(writer, diagnostics);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
