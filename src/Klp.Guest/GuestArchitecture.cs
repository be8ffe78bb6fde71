using System.Buffers.Binary;
using Klp.Elf;

namespace Klp.Guest;

/// <summary>
/// What booting a kernel needs to know of its architecture. Another architecture is another value of this record, nothing else.
/// </summary>
/// <param name="Machine">The ELF machine of its programs and modules.</param>
/// <param name="QemuProgram">Looked up on the search path.</param>
/// <param name="QemuPackage">Debian's name of the package that has it, for messages.</param>
/// <param name="MachineOptions">QEMU options that choose a machine without devices it need not have.</param>
/// <param name="KernelConsole">The terminal that gets the kernel's own messages.</param>
/// <param name="ProtocolConsole">The terminal that gets ours. A second one, so that the kernel cannot write into the middle of a line.</param>
/// <param name="KernelOptions">Words for the kernel's command line.</param>
public sealed record GuestArchitecture(
    ElfMachine Machine, string QemuProgram, string QemuPackage, IReadOnlyList<string> MachineOptions,
    string KernelConsole, string ProtocolConsole, IReadOnlyList<string> KernelOptions)
{
    /// <summary>
    /// x86_64 on QEMU's q35: the only board with two serial ports and little to probe. <c>-cpu max</c> is all that the accelerator can do,
    /// so that a kernel for x86-64-v3 boots too.
    /// </summary>
    public static GuestArchitecture X86_64 { get; } = new(
        ElfMachine.X86_64, "qemu-system-x86_64", "qemu-system-x86", ["-machine", "q35", "-cpu", "max"], "ttyS0", "ttyS1", []);

    /// <summary>The architecture of a kernel image, or null where the bytes are no kernel that can be booted here.</summary>
    public static GuestArchitecture? OfImage(ReadOnlySpan<byte> head)
    {
        // The x86 boot protocol: boot_flag 0xAA55 at 0x1fe and "HdrS" at 0x202 (Documentation/arch/x86/boot.rst).
        if (head.Length >= 0x206 && BinaryPrimitives.ReadUInt16LittleEndian(head[0x1fe..]) == 0xaa55 && head[0x202..].StartsWith("HdrS"u8))
        {
            return X86_64;
        }

        return null;
    }
}
