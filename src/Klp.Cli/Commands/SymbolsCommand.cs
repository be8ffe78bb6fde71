using System.CommandLine;
using System.Diagnostics;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary><c>klp symbols</c>: asks the symbol index of a kernel: where a name is, what a position means, which names there are.</summary>
internal static class SymbolsCommand
{
    private const string Examples = """
        Examples:
          klp symbols find show --kernel 6.1.0-56-amd64             every 'show' of vmlinux, with its position
          klp symbols find ext4_map_blocks --object ext4            in a module
          klp symbols explain vmlinux.show,2                        what the kernel takes for this object, name and position
          klp symbols explain vmlinux.show@ffffffff82123456         which position a function at an address has
          klp symbols list --object vmlinux --object ext4 -o Symbols.list     klp-convert's map
          klp symbols build --all-modules                           make the index now, not in the first build

        Exit status: 0 found; 1 not found, or an error; 2 wrong command line.
        """;

    public static Command Create(Terminal terminal)
    {
        var options = new SymbolOptions();
        var command = new Command("symbols", "Look symbols and positions of a kernel up, as the running kernel counts them.");
        options.AddTo(command);
        command.Subcommands.Add(Find(options, terminal));
        command.Subcommands.Add(Explain(options, terminal));
        command.Subcommands.Add(List(options, terminal));
        command.Subcommands.Add(Build(options, terminal));
        ExampleHelp.Add(command, Examples);
        return command;
    }

    private static Command Find(SymbolOptions options, Terminal terminal)
    {
        var names = new Argument<string[]>("name") { Description = "Names to look up; a trailing * finds every name that starts so.", Arity = ArgumentArity.OneOrMore };
        var objects = Objects("Object to look in: vmlinux (default) or a module; repeatable.");
        var command = new Command("find", "Show every symbol of some names: position, address, type, and whether it can be patched.") { names, objects };
        ExampleHelp.Add(command, Examples);
        command.SetAction(parsed => Run(options, parsed, terminal, (index, view) =>
        {
            var wanted = parsed.GetValue(objects) is { Length: > 0 } given ? given : [ObjectName.Vmlinux];
            var found = 0;
            foreach (var name in parsed.GetValue(names)!)
            {
                var symbols = wanted.SelectMany(o => SymbolSearch.Find(index, o, name, view.Diagnostics)).ToList();
                found += symbols.Count > 0 ? 1 : 0;
                view.Show(symbols);
                if (symbols.Count == 0 && !view.Diagnostics.HasErrors)
                {
                    SymbolSearch.ReportMissing(index, wanted, name, view.Diagnostics);
                }
            }

            return found == parsed.GetValue(names)!.Length;
        }));
        return command;
    }

    private static Command Explain(SymbolOptions options, Terminal terminal)
    {
        var reference = new Argument<string>("reference") { Description = "object.name, object.name,position (as in .klp.sym), or object.name@address." };
        var command = new Command("explain", "Say what the kernel takes for an object, a name and a position, and why.") { reference };
        ExampleHelp.Add(command, Examples);
        command.SetAction(parsed => Run(options, parsed, terminal, (index, view) =>
        {
            if (SymbolReference.Parse(parsed.GetValue(reference)!, view.Diagnostics) is not { } wanted)
            {
                return false;
            }

            var all = index.Find(wanted.Object, wanted.Name, view.Diagnostics);
            if (all.Count == 0)
            {
                SymbolSearch.ReportMissing(index, [wanted.Object], wanted.Name, view.Diagnostics);
                return false;
            }

            view.Explain(wanted, all, index.KnowsPositions(wanted.Object));
            return SymbolReference.Resolve(wanted, all) is not null;
        }));
        return command;
    }

    private static Command List(SymbolOptions options, Terminal terminal)
    {
        var objects = Objects("Object to list; repeatable. Default: vmlinux.");
        var all = new Option<bool>("--all-modules") { Description = "vmlinux and every module of the folder." };
        var output = new Option<string>("--output", "-o") { Description = "File to write; default: standard output.", HelpName = "file" };
        var command = new Command("list", "Write names in klp-convert's format (klp-convert-symbol-data.0.1).") { objects, all, output };
        ExampleHelp.Add(command, Examples);
        command.SetAction(parsed => Run(options, parsed, terminal, (index, view) =>
        {
            var wanted = parsed.GetValue(objects) is { Length: > 0 } given ? given : [ObjectName.Vmlinux];
            if (parsed.GetValue(all))
            {
                var modules = index.Modules?.Names ?? [];
                wanted = [ObjectName.Vmlinux, .. modules.Order(StringComparer.Ordinal)];
            }

            var text = SymbolSearch.SymbolList(index, wanted, view.Diagnostics);
            if (view.Diagnostics.HasErrors)
            {
                return false;
            }

            if (KernelOptions.Full(parsed.GetValue(output)) is { } file)
            {
                return SafeFile.WriteText(file, text, view.Diagnostics) && view.Written(file);
            }

            view.List(text);
            return true;
        }));
        return command;
    }

    private static Command Build(SymbolOptions options, Terminal terminal)
    {
        var all = new Option<bool>("--all-modules") { Description = "Also every module of the folder." };
        var command = new Command("build", "Make the index of a kernel now and keep it, so that the first build finds it.") { all };
        ExampleHelp.Add(command, Examples);
        command.SetAction(parsed => Run(options, parsed, terminal, (index, view) =>
        {
            var clock = Stopwatch.StartNew();
            var withModules = parsed.GetValue(all);
            if (withModules)
            {
                index.ReadAllModules(view.Diagnostics);
            }

            view.Built(index, withModules ? index.Modules?.Names.Count ?? 0 : 0, clock.Elapsed);
            return !view.Diagnostics.HasErrors;
        }));
        return command;
    }

    private static Option<string[]> Objects(string description) => new("--object") { Description = description, HelpName = "name" };

    private static int Run(SymbolOptions options, ParseResult parsed, Terminal terminal, Func<SymbolIndex, SymbolView, bool> action)
    {
        var view = new SymbolView(terminal, parsed.GetValue(KlpCommand.Json));
        var index = options.Open(parsed, view.Diagnostics);
        var done = index is not null && action(index, view);
        view.End(index);
        return done && !view.Diagnostics.HasErrors ? ExitCode.Done : ExitCode.Failed;
    }
}
