using Klp.Elf;

namespace Klp.Modpost;

/// <summary>
/// The order of sections in the file: notes, code, read-only data, data, empty data, then what is not loaded; within a class as they came.
/// The loader sorts by these classes itself, so the order is for people and for equal bytes, not for meaning.
/// </summary>
internal static class OutputOrder
{
    public static List<LinkedSection> Sort(IEnumerable<LinkedSection> sections) => [.. sections.OrderBy(Class)];

    private static int Class(LinkedSection section) => section switch
    {
        _ when !section.Flags.HasFlag(SectionFlags.Alloc) => 5,
        { Type: SectionType.Note } => 0,
        _ when section.Flags.HasFlag(SectionFlags.Executable) => 1,
        _ when !section.Flags.HasFlag(SectionFlags.Write) => 2,
        { Type: SectionType.NoBits } => 4,
        _ => 3,
    };
}
