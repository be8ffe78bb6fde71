using System.Globalization;

namespace Klp.Guest;

/// <summary>QEMU's command line: no device but two terminals; what the files are called is fixed, they lie in the run's own folder.</summary>
internal static class QemuCommand
{
    public const string KernelFile = "kernel";

    /// <summary><see cref="DirectKernel"/>.</summary>
    public const string DirectKernelFile = "vmlinux";
    public const string InitramfsFile = "initramfs";
    public const string ConsoleFile = "console";

    public static IReadOnlyList<string> Arguments(GuestArchitecture architecture, GuestRequest request, string kernel, bool accelerate) =>
    [
        .. architecture.MachineOptions,
        // Both: QEMU goes on to emulation by itself where the kernel refuses to make a machine.
        .. accelerate ? (string[])["-accel", "kvm"] : [],
        "-accel", "tcg",
        "-m", request.Memory.ToString(CultureInfo.InvariantCulture),
        "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-monitor", "none",
        "-kernel", kernel,
        "-initrd", InitramfsFile,
        "-append", string.Join(' ', KernelWords(architecture, request)),
        "-chardev", "file,id=console,path=" + ConsoleFile,
        // signal=off: a control-C of the guest's is not QEMU's.
        "-chardev", "stdio,id=protocol,signal=off",
        .. architecture.TerminalOptions,
        .. request.QemuOptions,
    ];

    /// <summary>panic=-1 with -no-reboot: a panic ends QEMU at once. quiet: the log is fetched whole at the end, a console is slow.</summary>
    private static IEnumerable<string> KernelWords(GuestArchitecture architecture, GuestRequest request) =>
        [$"console={architecture.KernelConsole}", "panic=-1", "quiet", "rdinit=/init", .. architecture.KernelOptions, .. request.KernelOptions];
}
