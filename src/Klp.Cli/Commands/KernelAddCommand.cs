using System.CommandLine;
using Klp.Base;
using Klp.Store;

namespace Klp.Cli.Commands;

/// <summary><c>klp kernel add</c>.</summary>
internal static class KernelAddCommand
{
    private const string Examples = """
        Examples:
          klp kernel add newest                              the newest kernel of this machine's Debian release
          klp kernel add 6.1 6.12                            the newest of each series
          klp kernel add 6.1.0-56-amd64 --default            exactly this one; projects that name no kernel use it
          klp kernel add 6.1 --flavour cloud
          klp kernel add newest --suite sid --alias unstable
          klp kernel add 6.1 --architecture arm64            a kernel for another machine, with build tools for this one
          klp kernel add linux-*_6.1.192-2_*.deb             from package files, all of one kernel
          klp kernel add ~/linux --alias mine                from a kernel tree that was built
          klp kernel add running                             the kernel this machine runs
          klp kernel add newest --packages                   only say what must be installed to build with it

        Exit status: 0 every kernel is in the store; 1 one is not (the messages say why; the store is as it was); 2 wrong command line; 130 interrupted.
        """;

    public static Command Create(Option<string> store, Terminal terminal)
    {
        var what = new Argument<string[]>("what") { Description = "Releases, series such as 6.1, newest, running, package files (together one kernel), or a built kernel tree.", Arity = ArgumentArity.OneOrMore };
        var suite = new Option<string>("--suite") { Description = "Debian suite, such as trixie or sid. Default: this machine's, then others that have the kernel.", HelpName = "suite" };
        var architecture = new Option<string>("--architecture", "-a") { Description = "The kernel's architecture, by Debian's name or the kernel's. Default: this machine's.", HelpName = "name" };
        architecture.CompletionSources.Add([.. DebianArchitecture.All.Select(a => a.Debian)]);
        architecture.Validators.Add(result =>
        {
            if (result.Tokens is [var name] && DebianArchitecture.Find(name.Value) is null)
            {
                result.AddError($"'{name.Value}' is no architecture with livepatching here; known are {string.Join(", ", DebianArchitecture.All.Select(a => $"{a.Debian} ({a.Kernel})").Distinct())}.");
            }
        });
        var flavour = new Option<string>("--flavour") { Description = "A variant: cloud, rt, 16k, 64k. A release names it already.", HelpName = "name" };
        var alias = new Option<string[]>("--alias") { Description = "A name of your own for the kernel, usable as TargetKernel; repeatable.", HelpName = "name" };
        var isDefault = new Option<bool>("--default") { Description = "Make it the kernel of projects that name none." };
        var packages = new Option<bool>("--packages") { Description = "Add nothing; print the packages that building with it takes, one a line." };
        var portable = new Option<bool>("--portable") { Description = "Keep the build tools' own C library in the entry even where this machine's serves: for copies to older machines." };
        var mirror = new Option<string>("--mirror") { Description = "Another Debian archive than apt's.", HelpName = "uri" };
        var keyring = new Option<string>("--keyring") { Description = "File with the keys that sign the archive.", HelpName = "file" };
        var command = new Command("add", "Bring kernels into the store.") { what, suite, architecture, flavour, alias, isDefault, packages, portable, mirror, keyring };
        ExampleHelp.Add(command, Examples);
        command.SetAction(async (parsed, cancellation) =>
        {
            var diagnostics = new DiagnosticBag();
            var request = new AddRequest
            {
                What = [.. parsed.GetValue(what)!.Select(Place)],
                Suite = parsed.GetValue(suite),
                Architecture = parsed.GetValue(architecture) is { Length: > 0 } named ? DebianArchitecture.Find(named) : null,
                Flavour = parsed.GetValue(flavour),
                Aliases = parsed.GetValue(alias) ?? [],
                IsDefault = parsed.GetValue(isDefault),
                IsPortable = parsed.GetValue(portable),
                IsDryRun = parsed.GetValue(packages),
                Mirror = parsed.GetValue(mirror) is { Length: > 0 } uri ? new AptMirror(uri, null, KernelOptions.Full(parsed.GetValue(keyring)), parsed.GetValue(suite) ?? "stable") : null,
            };
            var view = new KernelAddView(terminal, parsed.GetValue(KlpCommand.Json), request.IsDryRun);
            IReadOnlyList<AddedKernel> added = [];
            try
            {
                added = await view.WatchAsync(report => KernelStore.AddAsync(KernelCommand.Context(parsed, store) with { OnProgress = report }, request, diagnostics, cancellation)).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                view.End(added, diagnostics);
                return ExitCode.Interrupted;
            }

            view.End(added, diagnostics);
            return diagnostics.HasErrors ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    // A word is a file or a folder where it looks like one: a release never has a slash or ends so.
    private static string Place(string word) =>
        word.Contains('/') || word is "." or ".." || word.EndsWith(".deb", StringComparison.Ordinal) || word.EndsWith(".rpm", StringComparison.Ordinal) ? Path.GetFullPath(word) : word;
}
