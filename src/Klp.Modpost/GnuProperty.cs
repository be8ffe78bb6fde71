using Klp.Elf;

namespace Klp.Modpost;

/// <summary>
/// <c>.note.gnu.property</c>: what a linker makes of several. A feature holds for the module only if it holds for every part; a part without a note has none.
/// </summary>
/// <remarks>Source: x86-64 psABI "Program Property", Linux gABI extension; 64-bit layout, each property padded to 8 bytes.</remarks>
internal static class GnuProperty
{
    public const string Section = ".note.gnu.property";

    /// <summary>The merged note, or null where none remains.</summary>
    public static byte[]? Merge(IReadOnlyList<ElfFile> files)
    {
        var notes = files.Select(f => f.FindSection(Section)?.Data.ToArray()).ToList();
        if (notes.Contains(null) || !notes.TrueForAll(n => IsReadable(n!, files[0].ByteOrder)))
        {
            return notes.TrueForAll(n => n is not null && n.AsSpan().SequenceEqual(notes[0])) ? notes[0] : null;
        }

        var order = files[0].ByteOrder;
        var parts = notes.ConvertAll(n => Read(n!, order));
        var result = new SortedDictionary<uint, uint>();
        foreach (var type in parts.SelectMany(p => p.Keys).Distinct())
        {
            var values = parts.ConvertAll(p => p.TryGetValue(type, out var v) ? v : (uint?)null);
            var merged = IsOr(type) ? values.Aggregate(0u, (a, v) => a | (v ?? 0)) : values.Aggregate(uint.MaxValue, (a, v) => a & (v ?? 0));
            if (merged != 0)
            {
                result[type] = merged;
            }
        }

        return result.Count == 0 ? null : Write(result, order);
    }

    // GNU_PROPERTY_UINT32_OR_* (generic and x86 "needed") say what some part needs; all others are promises of every part.
    private static bool IsOr(uint type) => type is >= 0xb0008000 and <= 0xb000ffff or >= 0xc0008000 and <= 0xc000ffff;

    private static bool IsReadable(byte[] note, ByteOrder order)
    {
        if (note.Length < 16 || order.ReadUInt32(note) != 4 || order.ReadUInt32(note.AsSpan(8)) != 5 || order.ReadUInt32(note.AsSpan(4)) != note.Length - 16)
        {
            return false;
        }

        for (var at = 16; at < note.Length; at += 16)
        {
            if (at + 16 > note.Length || order.ReadUInt32(note.AsSpan(at + 4)) != 4)
            {
                return false;
            }
        }

        return true;
    }

    private static Dictionary<uint, uint> Read(byte[] note, ByteOrder order)
    {
        var result = new Dictionary<uint, uint>();
        for (var at = 16; at < note.Length; at += 16)
        {
            result[order.ReadUInt32(note.AsSpan(at))] = order.ReadUInt32(note.AsSpan(at + 8));
        }

        return result;
    }

    private static byte[] Write(SortedDictionary<uint, uint> properties, ByteOrder order)
    {
        var note = new byte[16 + properties.Count * 16];
        order.WriteUInt32(note, 4);
        order.WriteUInt32(note.AsSpan(4), (uint)properties.Count * 16);
        order.WriteUInt32(note.AsSpan(8), 5);
        "GNU\0"u8.CopyTo(note.AsSpan(12));
        var at = 16;
        foreach (var (type, value) in properties)
        {
            order.WriteUInt32(note.AsSpan(at), type);
            order.WriteUInt32(note.AsSpan(at + 4), 4);
            order.WriteUInt32(note.AsSpan(at + 8), value);
            at += 16;
        }

        return note;
    }
}
