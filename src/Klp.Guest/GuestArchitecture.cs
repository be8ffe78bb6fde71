using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Klp.Elf;

namespace Klp.Guest;

/// <summary>
/// What booting a kernel needs to know of its architecture. Another architecture is another value of this record, nothing else.
/// </summary>
/// <param name="Name">The name users know.</param>
/// <param name="DebianName">The name Debian's packages have.</param>
/// <param name="Machine">The ELF machine of its programs and modules.</param>
/// <param name="Host">The same in the runtime's words: only a host like this can lend its processor.</param>
/// <param name="QemuProgram">Looked up on the search path.</param>
/// <param name="QemuPackages">Names of the packages that have it, for messages.</param>
/// <param name="MachineOptions">QEMU options that choose a machine without devices it need not have.</param>
/// <param name="TerminalOptions">QEMU options that make two terminals of the character devices <c>console</c> and <c>protocol</c>.</param>
/// <param name="KernelConsole">The terminal that gets the kernel's own messages, in the words of <c>console=</c>.</param>
/// <param name="ProtocolConsole">The terminal that gets ours, under /dev. A second one, so that the kernel cannot write into the middle of a line.</param>
/// <param name="KernelOptions">Words for the kernel's command line.</param>
public sealed record GuestArchitecture(
    string Name, string DebianName, ElfMachine Machine, Architecture Host, string QemuProgram, string QemuPackages, IReadOnlyList<string> MachineOptions, IReadOnlyList<string> TerminalOptions,
    string KernelConsole, string ProtocolConsole, IReadOnlyList<string> KernelOptions)
{
    /// <summary>
    /// The driver of our terminal may count what it hands over (drivers/tty/serial/serial_core.c, uart_line_info); only an emulated 16550 can lose some of it.
    /// </summary>
    public bool MayCount => ProtocolConsole.StartsWith("ttyS", StringComparison.Ordinal);

    private static readonly string[] _twoSerialPorts = ["-serial", "chardev:console", "-serial", "chardev:protocol"];

    /// <summary>
    /// x86_64 on QEMU's q35: the only board with two serial ports and little to probe. <c>-cpu max</c> is all that the accelerator can do,
    /// so that a kernel for x86-64-v3 boots too. An emulator that gets no processor time for a while makes the kernel believe that its timer is
    /// broken, and panic (arch/x86/kernel/apic/io_apic.c, check_timer); <c>no_timer_check</c> is what it does by itself on a hypervisor that it knows.
    /// </summary>
    public static GuestArchitecture X86_64 { get; } = new(
        "x86_64", "amd64", ElfMachine.X86_64, Architecture.X64, "qemu-system-x86_64", "Debian and Ubuntu: apt-get install qemu-system-x86; Fedora: qemu-system-x86-core; SUSE: qemu-x86",
        ["-machine", "q35", "-cpu", "max"], _twoSerialPorts, "ttyS0", "ttyS1", ["no_timer_check"]);

    /// <summary>
    /// arm64 on the virt board. It has one serial port for the kernel (PL011); the second is on PCI, for which distributions have the driver built in.
    /// Pointer authentication costs an emulator much time and patches need none of it.
    /// </summary>
    public static GuestArchitecture Arm64 { get; } = new(
        "arm64", "arm64", ElfMachine.AArch64, Architecture.Arm64, "qemu-system-aarch64", "Debian and Ubuntu: apt-get install qemu-system-arm; Fedora: qemu-system-aarch64-core; SUSE: qemu-arm",
        ["-machine", "virt,gic-version=max", "-cpu", "max"], ["-serial", "chardev:console", "-device", "pci-serial,chardev=protocol"], "ttyAMA0", "ttyS0", ["arm64.nopauth"]);

    /// <summary>
    /// ppc64le on the pseries board, with the small firmware in place of SLOF, which takes seconds. What the board must be told to leave out
    /// are mitigations that an emulator does not have.
    /// </summary>
    public static GuestArchitecture Ppc64le { get; } = new(
        "ppc64le", "ppc64el", ElfMachine.Ppc64, Architecture.Ppc64le, "qemu-system-ppc64", "Debian and Ubuntu: apt-get install qemu-system-ppc; Fedora: qemu-system-ppc-core; SUSE: qemu-ppc",
        ["-machine", "pseries,x-vof=on,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"], _twoSerialPorts, "hvc0", "hvc1", []);

    /// <summary>s390x with the two terminals of its service processor: one for lines, one for bytes.</summary>
    public static GuestArchitecture S390x { get; } = new(
        "s390x", "s390x", ElfMachine.S390, Architecture.S390x, "qemu-system-s390x", "Debian and Ubuntu: apt-get install qemu-system-misc; Fedora: qemu-system-s390x-core; SUSE: qemu-s390x",
        ["-machine", "s390-ccw-virtio", "-cpu", "max"], ["-device", "sclplmconsole,chardev=console", "-device", "sclpconsole,chardev=protocol"], "ttyS0", "ttysclp0", []);

    /// <summary>How much of an image <see cref="OfImage"/> looks at, bytes.</summary>
    public const int HeadLength = 0x10010;

    /// <summary>The architecture of a kernel image in the form that QEMU boots, or null where the bytes are none.</summary>
    public static GuestArchitecture? OfImage(ReadOnlySpan<byte> head)
    {
        // The x86 boot protocol: boot_flag 0xAA55 at 0x1fe and "HdrS" at 0x202 (Documentation/arch/x86/boot.rst).
        if (head.Length >= 0x206 && BinaryPrimitives.ReadUInt16LittleEndian(head[0x1fe..]) == 0xaa55 && head[0x202..].StartsWith("HdrS"u8))
        {
            return X86_64;
        }

        // arch/arm64/kernel/head.S, unpacked: Documentation/arch/arm64/booting.rst.
        if (head.Length >= 64 && head[56..].StartsWith("ARM\x64"u8))
        {
            return Arm64;
        }

        // arch/s390/boot/head.S: an entry point for loaders that know it.
        if (head.Length >= HeadLength && head[0x10008..].StartsWith("S390EP"u8))
        {
            return S390x;
        }

        const int Executable = 2, SharedObject = 3;
        return ElfFile.IsElf(head) && head.Length >= ElfFile.HeaderSize && head[4] == 2 && head[5] == (byte)ByteOrder.Little
            && ByteOrder.Little.ReadUInt16(head[16..]) is Executable or SharedObject && ByteOrder.Little.ReadUInt16(head[18..]) == (ushort)ElfMachine.Ppc64
            ? Ppc64le
            : null;
    }
}
