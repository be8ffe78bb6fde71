using System.Buffers.Binary;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Guest;

/// <summary>
/// The kernel inside an x86_64 image, for QEMU to start at its PVH entry (arch/x86/platform/pvh/head.S): an emulated processor takes seconds to unpack what
/// the host unpacks in a fraction of one. What is left out with the unpacking is the choice of random addresses, as with <c>nokaslr</c>.
/// </summary>
internal static class DirectKernel
{
    private const int NoteSegment = 4; // PT_NOTE
    private const int EntryNote = 18; // XEN_ELFNOTE_PHYS32_ENTRY

    /// <summary>The kernel as an ELF file with such an entry; null where the image holds none.</summary>
    public static ReadOnlyMemory<byte>? Of(string imageFile)
    {
        var ignored = new DiagnosticBag();
        var payload = SafeFile.Read(imageFile, ignored) is { } image ? ImagePayload.Find(image, imageFile, ignored) : null;
        return payload is not null && HasEntry(payload.Bytes.Span) ? payload.Bytes : (ReadOnlyMemory<byte>?)null;
    }

    /// <summary>Whether a vmlinux names its PVH entry in a note; QEMU needs it.</summary>
    public static bool HasEntry(ReadOnlySpan<byte> vmlinux)
    {
        if (vmlinux.Length < ElfFile.HeaderSize || !ElfFile.IsElf(vmlinux) || vmlinux[4] != 2 || vmlinux[5] != 1)
        {
            return false;
        }

        var at = BinaryPrimitives.ReadUInt64LittleEndian(vmlinux[32..]);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(vmlinux[54..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(vmlinux[56..]);
        for (var i = 0; i < count && size >= 56; i++, at += size)
        {
            var header = At(vmlinux, at, size);
            if (header.IsEmpty)
            {
                return false;
            }

            if (BinaryPrimitives.ReadUInt32LittleEndian(header) == NoteSegment
                && HasEntryNote(At(vmlinux, BinaryPrimitives.ReadUInt64LittleEndian(header[8..]), BinaryPrimitives.ReadUInt64LittleEndian(header[32..]))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasEntryNote(ReadOnlySpan<byte> notes)
    {
        while (notes.Length >= 12)
        {
            long name = BinaryPrimitives.ReadUInt32LittleEndian(notes), content = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]) == EntryNote && notes[12..].StartsWith("Xen\0"u8))
            {
                return true;
            }

            var length = 12 + ((name + 3) & -4) + ((content + 3) & -4);
            notes = length <= notes.Length ? notes[(int)length..] : default;
        }

        return false;
    }

    /// <summary>Empty where the place lies outside.</summary>
    private static ReadOnlySpan<byte> At(ReadOnlySpan<byte> bytes, ulong start, ulong length) =>
        start <= (ulong)bytes.Length && length <= (ulong)bytes.Length - start ? bytes.Slice((int)start, (int)length) : default;
}
