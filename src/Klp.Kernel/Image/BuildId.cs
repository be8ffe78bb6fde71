using Klp.Elf;

namespace Klp.Kernel;

/// <summary>The GNU build-id in a run of ELF notes.</summary>
public static class BuildId
{
    private const int TypeBuildId = 3;

    /// <summary>The id's bytes, or null where the notes have none or are broken.</summary>
    public static byte[]? Find(ReadOnlySpan<byte> notes, ByteOrder order)
    {
        while (notes.Length >= 12)
        {
            var nameSize = order.ReadUInt32(notes);
            var size = order.ReadUInt32(notes[4..]);
            var type = order.ReadUInt32(notes[8..]);
            notes = notes[12..];
            var paddedName = (nameSize + 3L) & ~3L;
            if (paddedName > notes.Length || size > notes.Length - paddedName)
            {
                return null;
            }

            if (type == TypeBuildId && nameSize == 4 && notes[..4].SequenceEqual("GNU\0"u8))
            {
                return notes.Slice((int)paddedName, (int)size).ToArray();
            }

            notes = notes[(int)Math.Min(notes.Length, paddedName + ((size + 3L) & ~3L))..];
        }

        return null;
    }
}
