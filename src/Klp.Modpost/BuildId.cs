using System.Security.Cryptography;
using Klp.Elf;

namespace Klp.Modpost;

/// <summary><c>.note.gnu.build-id</c>: SHA-1 over the linked file with the id's own 20 bytes zero, so equal modules have equal ids.</summary>
/// <remarks>The kernel prints it in oops traces and perf finds debug data by it; any 20 bytes would load.</remarks>
internal static class BuildId
{
    public const string Section = ".note.gnu.build-id";

    private const int HeaderSize = 16;
    private const int IdSize = 20;

    public static LinkedSection EmptySection()
    {
        var section = new LinkedSection(Section);
        section.AlignTo(4);
        section.Join(SectionType.Note, SectionFlags.Alloc, 0);
        section.Append(new byte[HeaderSize + IdSize]);
        return section;
    }

    public static void Fill(ElfFile file)
    {
        var section = file.Sections.Find(s => s.Name == Section)!;
        var note = new byte[HeaderSize + IdSize];
        file.ByteOrder.WriteUInt32(note, 4);
        file.ByteOrder.WriteUInt32(note.AsSpan(4), IdSize);
        file.ByteOrder.WriteUInt32(note.AsSpan(8), 3);
        "GNU\0"u8.CopyTo(note.AsSpan(12));
        section.Data = note;
#pragma warning disable CA5350 // Names content, protects nothing; ld uses SHA-1 and tools expect 20 bytes.
        SHA1.HashData(file.Write()).CopyTo(note, HeaderSize);
#pragma warning restore CA5350
        file.Compact();
    }
}
