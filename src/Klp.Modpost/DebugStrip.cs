using Klp.Elf;

namespace Klp.Modpost;

/// <summary>
/// Takes debug data out of a module and leaves everything else, the symbol table too. GNU strip renames the livepatch relocation sections
/// of a converted module and so breaks it silently; this does not.
/// </summary>
public static class DebugStrip
{
    /// <summary>Debug data, compiler remarks and the stack marker, with their relocations.</summary>
    public static bool IsDebug(ElfSection section) => !section.IsAlloc && (
        section.Name.StartsWith(".debug", StringComparison.Ordinal) || section.Name.StartsWith(".zdebug", StringComparison.Ordinal)
        || section.Name.StartsWith(".gnu.debug", StringComparison.Ordinal) || section.Name.StartsWith(".stab", StringComparison.Ordinal)
        || section.Name.StartsWith(".line", StringComparison.Ordinal) || section.Name is ".comment" or ".note.GNU-stack" or ".gdb_index");

    /// <summary>Changes <paramref name="file"/> in place; a signature behind it is dropped, since it would no longer be true.</summary>
    public static void Apply(ElfFile file)
    {
        file.RemoveSections((_, section) => IsDebug(section));
        file.Trailer = default;
        file.Compact();
    }
}
