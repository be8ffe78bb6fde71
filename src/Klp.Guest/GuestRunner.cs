using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Klp.Base;

namespace Klp.Guest;

/// <summary>Boots a kernel in QEMU, goes through a list of steps in it and brings back what they did.</summary>
public static class GuestRunner
{
    /// <summary>On the host's processor a guest greets within a second; where it does not, acceleration does not work here.</summary>
    private static readonly TimeSpan _accelerationPatience = TimeSpan.FromSeconds(15);

    /// <summary>How often a boot is repeated whose serial port lost bytes, where nobody has been told of its outputs yet.</summary>
    private const int RepeatsOfDamaged = 2;

    /// <summary>Boots, and again where the boot failed by chance: before our init, or with outputs that did not arrive whole.</summary>
    /// <returns>
    /// Null with an error where nothing could be started (KLP0800 to KLP0804, KLP0860). Otherwise the result; a boot that did not end well has
    /// KLP0805 (panic), KLP0806 (time is up), KLP0807 (QEMU ended) or KLP0840 (outputs are damaged) too, and the result holds what there is until then.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; QEMU is dead by then.</exception>
    public static async Task<GuestResult?> RunAsync(GuestRequest request, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var image = GuestImage.Open(request.ImageFile, diagnostics);
        var architecture = image?.Architecture ?? GuestArchitecture.X86_64;
        var qemu = FindQemu(architecture, request, diagnostics);
        var busybox = BusyBox.Read(architecture, request.ImageFile, request.SearchPath, diagnostics);
        if (image is null || qemu is null || busybox is null)
        {
            return null;
        }

        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        using var scratch = MakeFolder(request.TemporaryDirectory, diagnostics);
        if (scratch?.Path is not { } folder)
        {
            return null;
        }

        if (!SafeFile.Write(Path.Combine(folder, QemuCommand.InitramfsFile), Initramfs.Build(architecture, request, busybox, token), diagnostics))
        {
            return null;
        }

        if (image.Unpacked is not { } kernel)
        {
            File.CreateSymbolicLink(Path.Combine(folder, QemuCommand.KernelFile), request.ImageFile);
        }
        else if (!SafeFile.Write(Path.Combine(folder, QemuCommand.KernelFile), kernel.Span, diagnostics))
        {
            return null;
        }

        var boot = new Boot(architecture, request, qemu, folder, token);
        var accelerate = request.MayAccelerate && architecture.Host == RuntimeInformation.OSArchitecture && MayUseKvm();
        for (var repeats = 0; ; repeats++)
        {
            var said = new DiagnosticBag();
            var result = accelerate ? await boot.RunAsync(QemuCommand.KernelFile, accelerate: true, said, cancellation).ConfigureAwait(false) : null;
            result ??= await boot.RunAsync(EmulatedKernel(architecture, request, folder), accelerate: false, said, cancellation).ConfigureAwait(false);
            if (result is null || repeats >= Repeats(result, request))
            {
                diagnostics.AddRange(said);
                return result;
            }
        }
    }

    /// <summary>
    /// An emulated machine on a busy host is not quite reliable. A kernel that cannot boot says so the second time too; what a listener or a terminal
    /// got cannot be taken back.
    /// </summary>
    private static int Repeats(GuestResult result, GuestRequest request) => result switch
    {
        { Release: null, Verdict: GuestVerdict.Panicked or GuestVerdict.Stopped } => 1,
        { IsDamaged: true } when request is { OnLine: null, OnOutput: null, OnStep: null, Terminal: null } => RepeatsOfDamaged,
        _ => 0,
    };

    /// <summary>The file for a machine that is emulated: where the unpacked kernel cannot be had, the image, which says itself what is wrong.</summary>
    private static string EmulatedKernel(GuestArchitecture architecture, GuestRequest request, string folder) =>
        architecture == GuestArchitecture.X86_64 && !request.UnpacksItself && DirectKernel.Of(request.ImageFile) is { } kernel
            && SafeFile.Write(Path.Combine(folder, QemuCommand.DirectKernelFile), kernel.Span, new DiagnosticBag())
            ? QemuCommand.DirectKernelFile : QemuCommand.KernelFile;

    private static string? FindQemu(GuestArchitecture architecture, GuestRequest request, DiagnosticBag diagnostics)
    {
        var path = ProcessRunner.FindOnPath(request.QemuPath ?? architecture.QemuProgram, request.SearchPath, "/");
        if (path is null)
        {
            diagnostics.Error("KLP0800", request.QemuPath,
                request.QemuPath is null ? $"{architecture.QemuProgram} is not on the search path." : "KlpQemuPath names no program.",
                $"Install it ({architecture.QemuPackages}), or name it with KlpQemuPath.");
        }

        return path;
    }

    private static bool MayUseKvm()
    {
        try
        {
            using var device = new FileStream("/dev/kvm", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return false;
        }
    }

    private static ScratchFolder? MakeFolder(string parent, DiagnosticBag diagnostics)
    {
        try
        {
            return ScratchFolder.Create(parent, "klp-guest");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error("KLP0010", parent, $"The virtual machine's temporary folder cannot be made here: {e.Message}", "Free some space, or name another folder in TMPDIR.");
            return null;
        }
    }

    /// <summary>One start of QEMU.</summary>
    private sealed class Boot(GuestArchitecture architecture, GuestRequest request, string qemu, string folder, string token)
    {
        /// <summary>Null where acceleration was tried and the guest did not come up with it.</summary>
        public async Task<GuestResult?> RunAsync(string kernel, bool accelerate, DiagnosticBag diagnostics, CancellationToken cancellation)
        {
            var clock = Stopwatch.StartNew();
            var recorder = new GuestRecorder(request, token);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (accelerate)
            {
                patience.CancelAfter(_accelerationPatience);
                recorder.Greeted += () => patience.CancelAfter(Timeout.InfiniteTimeSpan);
            }

            // QEMU has read it by then, and it is large.
            recorder.Greeted += () => SafeFile.Discard(Path.Combine(folder, QemuCommand.DirectKernelFile));
            ProcessResult? ended = null;
            try
            {
                ended = await ProcessRunner.RunAsync(Process(recorder, kernel, accelerate), diagnostics, patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return null;
            }

            if (ended is null || (accelerate && recorder.Release is null && !ended.TimedOut))
            {
                return null;
            }

            var result = Result(recorder, ended.TimedOut) with { Accelerated = accelerate, Started = DateTimeOffset.UtcNow - clock.Elapsed, Duration = clock.Elapsed };
            Report(result, ended, diagnostics);
            return result;
        }

        private ProcessRequest Process(GuestRecorder recorder, string kernel, bool accelerate) =>
            new(qemu, QemuCommand.Arguments(architecture, request, kernel, accelerate), folder, new Dictionary<string, string> { ["PATH"] = request.SearchPath, ["TMPDIR"] = folder })
            {
                Timeout = request.Timeout,
                ReadOutput = stream => ReadAsync(stream, recorder),
                WriteInput = (stream, ended) => WriteAsync(stream, recorder, ended),
            };

        private static async Task ReadAsync(Stream stream, GuestRecorder recorder)
        {
            // QEMU drops what its serial port sends while nobody reads and the pipe is full: on a busy host the usual size is a few hundredths of a second's.
            WidePipe.Widen(stream);
            var buffer = new byte[1 << 16];
            int count;
            while ((count = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                recorder.Feed(buffer.AsSpan(0, count));
            }

            recorder.End();
        }

        /// <summary>Passes the host's input on once the guest's terminal is set up, and its end as the terminal's end-of-file.</summary>
        private async Task WriteAsync(Stream stream, GuestRecorder recorder, CancellationToken ended)
        {
            if (request.Terminal is not { } terminal)
            {
                return;
            }

            await recorder.Ready.WaitAsync(ended).ConfigureAwait(false);
            var buffer = new byte[4096];
            var last = (byte)'\n';
            int count;
            while ((count = await terminal.Input.ReadAsync(buffer, ended).ConfigureAwait(false)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count), ended).ConfigureAwait(false);
                await stream.FlushAsync(ended).ConfigureAwait(false);
                last = buffer[count - 1];
            }

            // In the middle of a line end-of-file only hands the line over; a second one is needed then.
            await stream.WriteAsync(last == '\n' ? "\x04"u8.ToArray() : "\x04\x04"u8.ToArray(), ended).ConfigureAwait(false);
            await stream.FlushAsync(ended).ConfigureAwait(false);
            await Task.Delay(Timeout.Infinite, ended).ConfigureAwait(false);
        }

        private GuestResult Result(GuestRecorder recorder, bool timedOut)
        {
            var console = Console();
            var panicked = console.Any(l => l.Text.StartsWith("Kernel panic", StringComparison.Ordinal));
            var log = recorder.KernelLog();
            // What the kernel could say only on its console: after user space was gone.
            var seen = log.Select(l => l.Text).ToHashSet(StringComparer.Ordinal);
            return new GuestResult
            {
                Verdict = recorder.Finished ? GuestVerdict.Finished : panicked ? GuestVerdict.Panicked : timedOut ? GuestVerdict.TimedOut : GuestVerdict.Stopped,
                Steps = recorder.Steps(),
                KernelLog = [.. log, .. console.Where(l => l.Seconds is not null && !seen.Contains(l.Text))],
                Release = recorder.Release,
                InitialTaints = recorder.InitialTaints,
                Taints = recorder.Taints,
                LostBytes = recorder.LostBytes,
                IsDamaged = architecture.MayCount && IsDamaged(recorder),
            };
        }

        /// <summary>The count and the end come last, one behind the other: where one is missing beside the other, or the count is another, bytes are missing.</summary>
        private static bool IsDamaged(GuestRecorder recorder) => recorder.CountCame != recorder.Finished || recorder.LostBytes is not (null or 0);

        private IReadOnlyList<KernelLogLine> Console()
        {
            try
            {
                return KernelLogLine.ParseAll(Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, QemuCommand.ConsoleFile))));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return [];
            }
        }

        private void Report(GuestResult result, ProcessResult ended, DiagnosticBag diagnostics)
        {
            var running = result.Steps.FirstOrDefault(s => s.Ran && s.ExitCode is null)?.Step.Name;
            var when = running is not null ? $"in the step '{running}'" : result.Release is null ? "before its user space started" : "between two steps";
            var last = result.KernelLog.TakeLast(40).Select(l => l.ToString()).ToArray();
            if (result.IsDamaged)
            {
                var lost = result.LostBytes is { } count and > 0 ? $"{count} byte(s)" : "some bytes";
                diagnostics.Error("KLP0840", request.ImageFile, $"The virtual machine's serial port lost {lost}, so its output is damaged and says nothing certain. This happens on a very busy host.",
                    "Run it again, when the host has less to do.");
            }

            switch (result.Verdict)
            {
                case GuestVerdict.Panicked:
                    diagnostics.Error("KLP0805", request.ImageFile, $"The kernel panicked {when}.", "Its last lines tell where.", last);
                    break;
                case GuestVerdict.TimedOut:
                    diagnostics.Error("KLP0806", request.ImageFile, $"The virtual machine was not done after {request.Timeout.TotalSeconds:0} seconds; it was stopped {when}.",
                        result.Accelerated ? "A hang, or too little time: KlpGuestTimeout (klp run: --timeout) gives more." :
                        "A hang, or too little time for an emulated processor: KlpGuestTimeout (klp run: --timeout) gives more.", last);
                    break;
                case GuestVerdict.Stopped:
                    var words = ended.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                    diagnostics.Error("KLP0807", qemu, $"QEMU ended with status {ended.ExitCode} {when}, before all steps were done.",
                        "Its own words follow; KlpQemuOptions and KlpGuestMemory are what a project can change.", [.. words, .. last]);
                    break;
            }
        }
    }
}
