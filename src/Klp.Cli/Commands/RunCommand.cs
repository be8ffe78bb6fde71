using System.CommandLine;
using Klp.Base;
using Klp.Guest;
using Klp.Kernel;

namespace Klp.Cli.Commands;

/// <summary><c>klp run</c>: what <c>dotnet run</c> on a patch project executes. Boots the kernel, loads the patch, shows what it does, takes it out again.</summary>
internal static class RunCommand
{
    private const string Examples = """
        Examples:
          klp run --module bin/6.1.0-56-amd64/fix.ko --image /boot/vmlinuz-6.1.0-56-amd64 --show-command 'cat /proc/cmdline'
          klp run --module fix.ko --image vmlinuz -- cat /proc/cmdline      its output and exit status are the command's
          klp run --module fix.ko --image vmlinuz -- 'dmesg | tail'         one word is a line for the shell
          klp run --module fix.ko --image vmlinuz -- sh                     a shell in the patched kernel

        Exit status: 0 the patch loaded, worked and went; 1 it did not (the messages say why); 2 wrong command line; with -- COMMAND the command's own.
        """;

    public static Command Create(Terminal terminal)
    {
        var options = new RunOptions();
        var command = options.AddTo(new Command("run", "Boot a kernel in QEMU, load a patch, show before and after, unload it. Nothing of this machine is touched."));
        ExampleHelp.Add(command, Examples);
        command.SetAction((result, cancellation) => RunAsync(options, result, terminal, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(RunOptions options, ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var diagnostics = new DiagnosticBag();
        var view = new RunView(terminal, parsed.GetValue(KlpCommand.Json));
        GuestResult? result = null;
        try
        {
            if (Request(options, parsed, diagnostics) is { } request)
            {
                var isShell = request.Interactive && !Console.IsInputRedirected;
                view.Begin(request);
                using var raw = isShell ? HostTerminal.EnterRaw() : null;
                result = await PatchRun.RunAsync(view.Listen(request), diagnostics, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            view.End(result, diagnostics);
            return ExitCode.Interrupted;
        }

        view.End(result, diagnostics);
        return diagnostics.HasErrors ? ExitCode.Failed
            : result?.Steps.FirstOrDefault(s => s.Step.Name == PatchRun.Command)?.ExitCode ?? (result is null ? ExitCode.Failed : ExitCode.Done);
    }

    /// <summary>Options and files as a request; null with an error.</summary>
    private static PatchRunRequest? Request(RunOptions options, ParseResult parsed, DiagnosticBag diagnostics)
    {
        var moduleFile = Full(parsed.GetValue(options.Module))!;
        var modulesDirectory = Full(parsed.GetValue(options.ModulesDirectory));
        var modules = modulesDirectory is null ? null : KernelModules.Open(modulesDirectory, diagnostics);
        var before = Closures(parsed.GetValue(options.LoadBefore), modules, diagnostics);
        var after = Closures(parsed.GetValue(options.LoadAfter), modules, diagnostics);
        var content = ModuleFile.Read(moduleFile, diagnostics);
        var qemuOptions = Words.Split(options.Text(parsed, options.QemuOptions) ?? "", "--qemu-options (KlpQemuOptions)", SourcePlace.None, diagnostics);
        if (content is not { } bytes || diagnostics.HasErrors)
        {
            return null;
        }

        var words = parsed.GetValue(options.Command) ?? [];
        var interactive = parsed.GetValue(options.Interactive) || words is ["sh"] or ["ash"] or ["/bin/sh"];
        // A file may be renamed; the kernel goes by the name inside.
        var name = ModuleInformation.OfFile(bytes.Span).Value("name") ?? ObjectName.Normalise(moduleFile);
        return new PatchRunRequest
        {
            Module = new GuestModule(name, bytes),
            ModuleFile = moduleFile,
            ShowCommand = options.Text(parsed, options.ShowCommand) is { Length: > 0 } show ? show : null,
            LoadBefore = before,
            LoadAfter = after,
            Candidates = Candidates(bytes, name, modules),
            Command = words.Length == 0 ? null : Words.Join(words),
            Interactive = interactive,
            Guest = Guest(options, parsed, interactive, qemuOptions),
        };
    }

    private static GuestRequest Guest(RunOptions options, ParseResult parsed, bool interactive, IReadOnlyList<string> qemuOptions)
    {
        var atTerminal = interactive && !Console.IsInputRedirected;
        var seconds = parsed.GetValue(options.Timeout);
        return new GuestRequest
        {
            ImageFile = Full(parsed.GetValue(options.Image)) ?? "",
            Steps = [],
            SearchPath = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
            QemuPath = parsed.GetValue(options.Qemu) is { Length: > 0 } qemu ? (qemu.Contains('/') ? Full(qemu) : qemu) : null,
            QemuOptions = qemuOptions,
            Memory = parsed.GetValue(options.Memory),
            Timeout = seconds > 0 ? TimeSpan.FromSeconds(seconds) : atTerminal ? TimeSpan.FromDays(7) : TimeSpan.FromSeconds(120),
            TemporaryDirectory = Path.GetTempPath(),
            MayAccelerate = !parsed.GetValue(options.NoAcceleration),
            Terminal = interactive
                ? new GuestTerminal(Console.OpenStandardInput(), Console.OpenStandardOutput(), atTerminal, Size(() => Console.WindowWidth), Size(() => Console.WindowHeight))
                : null,
        };
    }

    /// <summary>Modules that the patch may patch, so that they can be loaded under it. One that cannot be read is no error: the patch may mean something else by the word.</summary>
    private static Dictionary<string, IReadOnlyList<GuestModule>> Candidates(ReadOnlyMemory<byte> patch, string name, KernelModules? modules)
    {
        var found = new Dictionary<string, IReadOnlyList<GuestModule>>(StringComparer.Ordinal);
        foreach (var candidate in modules is null ? [] : TargetModules.Mentioned(patch, modules).Where(c => c != name))
        {
            if (TargetModules.Closure(candidate, modules, new DiagnosticBag()) is { } closure)
            {
                found[candidate] = closure;
            }
        }

        return found;
    }

    private static IReadOnlyList<GuestModule> Closures(string[]? names, KernelModules? modules, DiagnosticBag diagnostics) =>
        (names ?? []).Where(n => n.Length > 0).SelectMany(n => TargetModules.Closure(n, modules, diagnostics) ?? []).DistinctBy(m => m.Name).ToArray();

    private static string? Full(string? path) => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path);

    private static int Size(Func<int> ask)
    {
        try
        {
            return Console.IsOutputRedirected ? 0 : ask();
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            return 0;
        }
    }
}
