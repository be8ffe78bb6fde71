using Klp.Elf;

namespace Klp.Verify.Rules;

/// <summary>Are the ELF tables whole: null section, string tables, links, groups. Source: kernel/module/main.c, elf_validity_cache_* (6.13+), gABI chapter 4.</summary>
internal static class TableRules
{
    public static void Check(VerifyContext context)
    {
        var file = context.Module;
        var first = file.Sections[0];
        if (first.Type != SectionType.Null || first.Size != 0 || first.NoBitsSize != 0 || first.Address != 0)
        {
            context.Error("KLP0705", "Section 0 is not the empty section that ELF and the kernel want there.", "Build the module again; the tool that wrote it is at fault.");
        }

        CheckStrings(context, file.Sections[file.SectionNamesIndex]);
        if (file.SymbolTableIndex is not 0 and var table && file.Sections[table].Link < (uint)file.Sections.Count)
        {
            CheckStrings(context, file.Sections[(int)file.Sections[table].Link]);
        }

        foreach (var (index, section) in file.Sections.Index().Skip(1))
        {
            CheckLinks(context, index, section);
            if (section.Alignment != 0 && !ulong.IsPow2(section.Alignment))
            {
                context.Error("KLP0706", $"Section {section.Name} has alignment {section.Alignment}, which is no power of two.");
            }
        }
    }

    private static void CheckStrings(VerifyContext context, ElfSection table)
    {
        var bytes = table.Data.Span;
        if (bytes.IsEmpty || bytes[0] != 0 || bytes[^1] != 0)
        {
            context.Error("KLP0707", $"The string table {table.Name} does not begin and end with a NUL byte, as kernels since 6.13 insist.", "Build the module again; the tool that wrote it is at fault.");
        }
    }

    private static void CheckLinks(VerifyContext context, int index, ElfSection section)
    {
        var file = context.Module;
        if (section.Link >= (uint)file.Sections.Count)
        {
            context.Error("KLP0706", $"Section {section.Name} links to section {section.Link}; the file has {file.Sections.Count}.");
        }

        if (section.Type == SectionType.Group)
        {
            CheckGroup(context, section);
        }
        else if (section.Flags.HasFlag(SectionFlags.Group) && !IsMember(file, index))
        {
            context.Error("KLP0706", $"Section {section.Name} says it belongs to a group, and no group names it.");
        }
    }

    private static void CheckGroup(VerifyContext context, ElfSection group)
    {
        var file = context.Module;
        if (group.Link != (uint)file.SymbolTableIndex || group.Info == 0 || group.Info >= (uint)file.Symbols.Count)
        {
            context.Error("KLP0706", $"The section group {group.Name} names symbol {group.Info} of section {group.Link} as its signature, which does not exist.",
                "A tool renumbered symbols or sections without the group; build the module again.");
        }

        for (var at = 4; at + 4 <= group.Data.Length; at += 4)
        {
            var member = file.ByteOrder.ReadUInt32(group.Data.Span[at..]);
            if (member == 0 || member >= (uint)file.Sections.Count || !file.Sections[(int)member].Flags.HasFlag(SectionFlags.Group))
            {
                context.Error("KLP0706", $"The section group {group.Name} names section {member}, which is not a member.", "A tool renumbered sections without the group; build the module again.");
            }
        }
    }

    private static bool IsMember(ElfFile file, int index) => file.Sections.Exists(g => g.Type == SectionType.Group && Members(file, g).Contains((uint)index));

    private static List<uint> Members(ElfFile file, ElfSection group)
    {
        var members = new List<uint>();
        for (var at = 4; at + 4 <= group.Data.Length; at += 4)
        {
            members.Add(file.ByteOrder.ReadUInt32(group.Data.Span[at..]));
        }

        return members;
    }
}
