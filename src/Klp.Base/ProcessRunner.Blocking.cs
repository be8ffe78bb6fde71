using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Klp.Base;

public static partial class ProcessRunner
{
    /// <summary>
    /// Runs a child to its end on the calling thread; everything else is as in <see cref="RunAsync"/>, without <see cref="ProcessRequest.ReadOutput"/> and
    /// <see cref="ProcessRequest.WriteInput"/>.
    /// </summary>
    /// <remarks>
    /// For the tools of a build: in a process that has just started, waiting through tasks costs some thirty milliseconds of just-in-time compilation, half of it after
    /// the compiler has ended. A thread costs none.
    /// </remarks>
    /// <returns>Null with KLP0012 in <paramref name="diagnostics"/> where it could not be started.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the child and its children are dead by then.</exception>
    public static ProcessResult? Run(ProcessRequest request, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var started = Stopwatch.GetTimestamp();
        using var process = new Process { StartInfo = StartInfo(request) };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            diagnostics.Error("KLP0012", request.FileName, $"This program cannot be started: {e.Message}.");
            return null;
        }

        request.OnStarted?.Invoke();
        var timedOut = false;
        using var onCancel = cancellation.UnsafeRegister(static child => Kill((Process)child!), process);
        using var onTimeout = request.Timeout == Timeout.InfiniteTimeSpan ? null : new Timer(
            _ =>
            {
                timedOut = true;
                Kill(process);
            },
            null,
            request.Timeout,
            Timeout.InfiniteTimeSpan);

        using var outputReader = Plain(process.StandardOutput);
        using var errorReader = Plain(process.StandardError);
        var error = new Pump(errorReader, request.OnOutputLine);
        Feed(process, request.StandardInput);
        var output = Pump.Read(outputReader, request.OnOutputLine);
        var errorText = error.Join();
        process.WaitForExit();
        AwaitCancel(process.ExitCode, cancellation);
        cancellation.ThrowIfCancellationRequested();
        return new ProcessResult(process.ExitCode, output, errorText, timedOut, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>The same pipe as a plain file: .NET's pipe streams read through the socket library, which takes milliseconds to load.</summary>
    private static StreamReader Plain(StreamReader reader) => reader.BaseStream is PipeStream pipe && !OperatingSystem.IsWindows()
        ? new StreamReader(new FileStream(new SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, 1), Encoding.UTF8)
        : reader;

    private static void Feed(Process process, ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty)
        {
            process.StandardInput.Close();
            return;
        }

        // Beside the reading of output: a child may stop reading until somebody takes what it prints.
        new Thread(() =>
        {
            try
            {
                process.StandardInput.BaseStream.Write(input.Span);
                process.StandardInput.Close();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The child ended without reading its input; its exit code says the rest.
            }
        })
        { IsBackground = true }.Start();
    }

    /// <summary>Reads one stream on a thread of its own.</summary>
    private sealed class Pump
    {
        private readonly Thread _thread;
        private string _text = "";

        public Pump(StreamReader reader, Action<string>? onLine)
        {
            _thread = new Thread(() => _text = Read(reader, onLine)) { IsBackground = true };
            _thread.Start();
        }

        public static string Read(StreamReader reader, Action<string>? onLine)
        {
            if (onLine is null)
            {
                return reader.ReadToEnd();
            }

            var text = new StringBuilder();
            while (reader.ReadLine() is { } line)
            {
                text.Append(line).Append('\n');
                onLine(line);
            }

            return text.ToString();
        }

        public string Join()
        {
            _thread.Join();
            return _text;
        }
    }
}
