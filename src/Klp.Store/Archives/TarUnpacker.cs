using System.Formats.Tar;
using System.Runtime.InteropServices;
using Klp.Base;

namespace Klp.Store;

/// <summary>Unpacks a tar archive into an entry. Files, folders and links only; where each may go is <see cref="UnpackTarget"/>'s to decide.</summary>
internal static class TarUnpacker
{
    /// <summary>False with KLP0267 (no tar archive) or what <see cref="UnpackTarget"/> refuses.</summary>
    public static bool Unpack(ReadOnlyMemory<byte> tar, string archive, UnpackTarget target, DiagnosticBag diagnostics)
    {
        try
        {
            using var stream = MemoryMarshal.TryGetArray(tar, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(tar.ToArray());
            using var reader = new TarReader(stream);
            while (reader.GetNextEntry() is { } entry)
            {
                if (!Place(entry, archive, target, diagnostics))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (IsMalformed(e))
        {
            diagnostics.Error("KLP0267", archive, $"The archive inside this file is damaged: {e.Message.TrimEnd('.')}.", "Copy or download the file again.");
            return false;
        }
    }

    /// <summary>What the framework throws for bytes that are no tar archive.</summary>
    public static bool IsMalformed(Exception e) => e is InvalidDataException or FormatException or EndOfStreamException or ArgumentException or OverflowException or NotSupportedException or InvalidOperationException;

    private static bool Place(TarEntry entry, string archive, UnpackTarget target, DiagnosticBag diagnostics) => entry.EntryType switch
    {
        TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => target.File(archive, entry.Name, entry.DataStream ?? Stream.Null, entry.Mode, diagnostics),
        TarEntryType.Directory => target.Folder(archive, entry.Name, diagnostics),
        TarEntryType.SymbolicLink => target.Link(archive, entry.Name, entry.LinkName, diagnostics),
        TarEntryType.HardLink => target.Copy(archive, entry.Name, entry.LinkName, diagnostics),
        TarEntryType.GlobalExtendedAttributes => true,
        _ => target.Refuse(archive, entry.Name, $"it is of a kind that no kernel package has ({entry.EntryType}), such as a device", diagnostics),
    };
}
