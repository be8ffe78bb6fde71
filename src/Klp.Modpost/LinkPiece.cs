using Klp.Elf;

namespace Klp.Modpost;

/// <summary>One input section on its way into an output section. <see cref="Output"/> stays null for what is thrown away.</summary>
internal sealed class LinkPiece(int file, int index, ElfSection section)
{
    public int File => file;

    public int Index => index;

    public ElfSection Section => section;

    public LinkedSection? Output { get; set; }

    public ulong Offset { get; set; }
}
