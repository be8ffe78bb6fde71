using System.Text;
using System.Text.Json;
using Klp.Base;
using Klp.Store;
using Spectre.Console;

namespace Klp.Cli.Commands;

/// <summary>What <c>klp kernel add</c> shows: how far it is (a bar on a terminal, a line a step elsewhere), then each release on a line of its own, or JSON.</summary>
internal sealed class KernelAddView(Terminal terminal, bool json, bool onlyPackages)
{
    public async Task<IReadOnlyList<AddedKernel>> WatchAsync(Func<Action<StoreProgress>, Task<IReadOnlyList<AddedKernel>>> work)
    {
        if (Console.IsErrorRedirected)
        {
            return await work(Lines()).ConfigureAwait(false);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error) });
        IReadOnlyList<AddedKernel> added = [];
        await console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new SpinnerColumn())
            .StartAsync(async progress => added = await work(Bars(progress)).ConfigureAwait(false)).ConfigureAwait(false);
        return added;
    }

    public void End(IReadOnlyList<AddedKernel> added, DiagnosticBag diagnostics)
    {
        if (json)
        {
            terminal.Print(Document(added, diagnostics));
            return;
        }

        terminal.Show(diagnostics);
        foreach (var line in onlyPackages ? Packages(added) : added.Select(k => k.Release))
        {
            terminal.Print(line);
        }
    }

    private static IEnumerable<string> Packages(IReadOnlyList<AddedKernel> added) =>
        added.Select(k => k.Manifest).OfType<KernelManifest>().SelectMany(m => m.Compilers.Concat(m.BuildPackages)).Distinct().Order(StringComparer.Ordinal);

    private Action<StoreProgress> Lines()
    {
        var said = "";
        return progress =>
        {
            if (Interlocked.Exchange(ref said, progress.Step) != progress.Step)
            {
                terminal.Say(progress.Step + ".");
            }
        };
    }

    private static Action<StoreProgress> Bars(ProgressContext context)
    {
        var tasks = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
        var gate = new Lock();
        return progress =>
        {
            lock (gate)
            {
                if (!tasks.TryGetValue(progress.Step, out var task))
                {
                    foreach (var earlier in tasks.Values)
                    {
                        earlier.Value = earlier.MaxValue;
                        earlier.StopTask();
                    }

                    tasks[progress.Step] = task = context.AddTask(Markup.Escape(progress.Step), maxValue: 100);
                }

                task.IsIndeterminate = progress.Total == 0;
                task.Value = progress.Total == 0 ? 0 : Math.Max(task.Value, 100 * progress.Done / progress.Total);
            }
        };
    }

    private static string Document(IReadOnlyList<AddedKernel> added, DiagnosticBag diagnostics)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("success", !diagnostics.HasErrors);
            writer.WriteStartArray("kernels");
            foreach (var kernel in added)
            {
                writer.WriteStartObject();
                writer.WriteBoolean("wasHere", kernel.WasHere);
                if (kernel.Manifest is { } manifest)
                {
                    manifest.WriteFacts(writer);
                }
                else
                {
                    writer.WriteString("release", kernel.Release);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            JsonDiagnostics.Write(writer, diagnostics);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
