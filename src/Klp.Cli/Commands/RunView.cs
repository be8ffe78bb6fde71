using System.Text;
using System.Text.Json;
using Klp.Base;
using Klp.Guest;

namespace Klp.Cli.Commands;

/// <summary>What a run looks like: shows, or a command's own output, on standard output as they come; or one JSON object at the end.</summary>
internal sealed class RunView(Terminal terminal, bool json)
{
    private PatchRunRequest? _request;
    private string? _heading;

    public void Begin(PatchRunRequest request)
    {
        _request = request;
        if (!json)
        {
            terminal.Say($"Booting {(request.Guest.ImageFile.Length == 0 ? "the kernel" : request.Guest.ImageFile)} in QEMU with {Path.GetFileName(request.ModuleFile)} …");
        }
    }

    /// <summary>The request with this view as its listener.</summary>
    public PatchRunRequest Listen(PatchRunRequest request)
    {
        if (json)
        {
            return request;
        }

        // A command's output is the result, byte for byte; a show is a part of one.
        var output = request.Command is not null && !request.Interactive ? Console.OpenStandardOutput() : null;
        return request with
        {
            Guest = request.Guest with
            {
                OnOutput = (step, bytes) =>
                {
                    if (output is not null && step.Name == PatchRun.Command)
                    {
                        terminal.Print(output, bytes.Span);
                    }
                },
                OnLine = (step, line) =>
                {
                    if (Heading(step.Name) is not null)
                    {
                        Open(step.Name);
                        terminal.Print("  " + line);
                    }
                },
                OnStep = Ended,
            },
        };
    }

    public void End(GuestResult? result, DiagnosticBag diagnostics)
    {
        if (json)
        {
            terminal.Print(Document(result, diagnostics));
            return;
        }

        terminal.Show(diagnostics);
        if (result is not null && !diagnostics.HasErrors)
        {
            terminal.Say($"{result.Release}: loaded, reverted and unloaded in {result.Duration.TotalSeconds:0.0} s"
                + (result.Accelerated ? "." : ", on an emulated processor."));
        }
    }

    private void Ended(GuestStepResult step)
    {
        if (Heading(step.Step.Name) is not null && step.Ran)
        {
            Open(step.Step.Name);
            if (step.ExitCode is not 0)
            {
                terminal.Print($"  (exit status {step.ExitCode?.ToString() ?? "unknown"})");
            }
        }
    }

    private string? Heading(string step) => step switch
    {
        PatchRun.Before => "Before the patch:",
        PatchRun.With => $"With {_request?.Module.Name}:",
        PatchRun.After => "After it was unloaded:",
        _ => null,
    };

    private void Open(string step)
    {
        if (_heading != step)
        {
            _heading = step;
            terminal.Print(Heading(step)!);
        }
    }

    private string Document(GuestResult? result, DiagnosticBag diagnostics)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("module", _request?.Module.Name);
            writer.WriteString("release", result?.Release);
            writer.WriteString("verdict", result?.Verdict.ToString());
            if (result is not null)
            {
                writer.WriteBoolean("accelerated", result.Accelerated);
                writer.WriteNumber("seconds", Math.Round(result.Duration.TotalSeconds, 3));
            }

            writer.WriteStartArray("steps");
            foreach (var step in result?.Steps ?? [])
            {
                Write(writer, step);
            }

            writer.WriteEndArray();
            JsonDiagnostics.Write(writer, diagnostics);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, GuestStepResult step)
    {
        writer.WriteStartObject();
        writer.WriteString("name", step.Step.Name);
        writer.WriteBoolean("ran", step.Ran);
        if (step.ExitCode is { } code)
        {
            writer.WriteNumber("exitCode", code);
        }

        writer.WriteString("output", step.Text);
        writer.WriteStartArray("kernelLog");
        foreach (var line in step.KernelLog)
        {
            writer.WriteStringValue(line.ToString());
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
