using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Klp.Base;

/// <summary>The one process runner: no shell, no inherited environment, both streams pumped, a cancel kills the whole tree.</summary>
public static partial class ProcessRunner
{
    // 128 and the signal's number, as shells count and .NET does.
    private const int EndedByInterrupt = 128 + 2;
    private static readonly TimeSpan CancelComes = TimeSpan.FromSeconds(1);

    /// <summary>Runs a child to its end.</summary>
    /// <returns>Null with KLP0012 in <paramref name="diagnostics"/> where it could not be started.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the child and its children are dead by then.</exception>
    public static async Task<ProcessResult?> RunAsync(ProcessRequest request, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var clock = Stopwatch.StartNew();
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
        using var ended = new CancellationTokenSource();
        var output = request.ReadOutput is { } read ? ReadAsync(process, read) : PumpAsync(process.StandardOutput, request.OnOutputLine);
        var error = PumpAsync(process.StandardError, request.OnOutputLine);
        var feed = request.WriteInput is { } write ? WriteAsync(process, write, ended.Token) : FeedAsync(process, request.StandardInput);

        using var timeout = new CancellationTokenSource(request.Timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        var timedOut = false;
        try
        {
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
            AwaitCancel(process.ExitCode, cancellation);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            cancellation.ThrowIfCancellationRequested();
            timedOut = true;
        }

        if (request.WriteInput is null)
        {
            await feed.ConfigureAwait(false);
        }
        else
        {
            await ended.CancelAsync().ConfigureAwait(false);
        }

        return new ProcessResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false), timedOut, clock.Elapsed);
    }

    /// <summary>Absolute path of <paramref name="program"/> in <paramref name="searchPath"/> (the form of <c>$PATH</c>), or null.</summary>
    /// <remarks>A name with a slash is taken as it is, relative to <paramref name="workingDirectory"/>.</remarks>
    public static string? FindOnPath(string program, string searchPath, string workingDirectory)
    {
        if (program.Contains('/'))
        {
            var full = Path.GetFullPath(program, workingDirectory);
            return IsExecutable(full) ? full : null;
        }

        return searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(Path.GetFullPath(folder, workingDirectory), program))
            .FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    private static ProcessStartInfo StartInfo(ProcessRequest request)
    {
        var info = new ProcessStartInfo(request.FileName, request.Arguments)
        {
            WorkingDirectory = request.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        info.Environment.Clear();
        foreach (var (name, value) in request.Environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private static async Task<string> PumpAsync(StreamReader reader, Action<string>? onLine)
    {
        if (onLine is null)
        {
            return await reader.ReadToEndAsync().ConfigureAwait(false);
        }

        var text = new StringBuilder();
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            text.Append(line).Append('\n');
            onLine(line);
        }

        return text.ToString();
    }

    private static async Task<string> ReadAsync(Process process, Func<Stream, Task> read)
    {
        await read(process.StandardOutput.BaseStream).ConfigureAwait(false);
        return "";
    }

    private static async Task WriteAsync(Process process, Func<Stream, CancellationToken, Task> write, CancellationToken ended)
    {
        try
        {
            await write(process.StandardInput.BaseStream, ended).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The child ended first.
        }
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> input)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The child ended without reading its input; its exit code says the rest.
        }
    }

    /// <summary>
    /// Ctrl-C reaches every program at the terminal at once: a child may have ended by it before this process has made a cancel of it. That it ended so is no error of the child's.
    /// </summary>
    private static void AwaitCancel(int exitCode, CancellationToken cancellation)
    {
        if (exitCode == EndedByInterrupt && cancellation.CanBeCanceled)
        {
            cancellation.WaitHandle.WaitOne(CancelComes);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // Already gone.
        }
    }
}
