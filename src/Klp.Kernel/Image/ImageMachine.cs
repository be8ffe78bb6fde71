using System.Buffers.Binary;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// The machine a kernel image is for, from its first bytes alone: an ELF header (vmlinux, POWER zImage), x86's boot header (Documentation/arch/x86/boot.rst), arm64's
/// (Documentation/arch/arm64/booting.rst), or the PE header of either's EFI stub.
/// </summary>
public static class ImageMachine
{
    private const int Start = 4096;

    /// <summary>Null where the bytes do not tell (s390's images have no header) or the file cannot be read: whoever reads it whole says why.</summary>
    public static ElfMachine? Of(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[Start];
            return Of(bytes.AsSpan(0, file.ReadAtLeast(bytes, Start, throwOnEndOfStream: false)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static ElfMachine? Of(ReadOnlySpan<byte> start)
    {
        if (ElfFile.IsElf(start) && start.Length >= 20)
        {
            return (ElfMachine)(start[5] == 2 ? BinaryPrimitives.ReadUInt16BigEndian(start[18..]) : BinaryPrimitives.ReadUInt16LittleEndian(start[18..]));
        }

        if (start.Length >= 0x206 && start[0x202..0x206].SequenceEqual("HdrS"u8))
        {
            return ElfMachine.X86_64;
        }

        return start.Length >= 64 && start[56..60].SequenceEqual("ARM\x64"u8) ? ElfMachine.AArch64 : OfPortableExecutable(start);
    }

    private static ElfMachine? OfPortableExecutable(ReadOnlySpan<byte> start)
    {
        if (start.Length < 64 || !start.StartsWith("MZ"u8))
        {
            return null;
        }

        var at = BinaryPrimitives.ReadUInt32LittleEndian(start[0x3c..]);
        if (at > (uint)start.Length - 6 || !start[(int)at..].StartsWith("PE\0\0"u8))
        {
            return null;
        }

        return BinaryPrimitives.ReadUInt16LittleEndian(start[((int)at + 4)..]) switch
        {
            0x8664 => ElfMachine.X86_64,
            0xaa64 => ElfMachine.AArch64,
            _ => null,
        };
    }
}
