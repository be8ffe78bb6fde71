namespace Klp.TestKit;

/// <summary>Layouts of a kernel's embedded symbol table over the years (scripts/kallsyms.c, write_src).</summary>
public enum SyntheticLayout
{
    /// <summary>5.4 to 6.1 on x86: offsets with absolute per-CPU symbols, base, count, names, markers, tokens.</summary>
    Offsets54,

    /// <summary>The same without CONFIG_KALLSYMS_ABSOLUTE_PERCPU (arm64, powerpc, s390).</summary>
    PlainOffsets54,

    /// <summary>Without CONFIG_KALLSYMS_BASE_RELATIVE: 64-bit addresses.</summary>
    Addresses54,

    /// <summary>6.2 to 6.4: a table of symbols by name between markers and tokens.</summary>
    Sequence62,

    /// <summary>6.5 on: addresses behind the tokens, then the table by name.</summary>
    Offsets65,

    /// <summary>6.15 on: the same without absolute per-CPU symbols.</summary>
    PlainOffsets615,

    /// <summary>6.5 on without CONFIG_KALLSYMS_BASE_RELATIVE.</summary>
    Addresses65,

    /// <summary>7.x: offsets from each entry's own place, no base.</summary>
    PlaceRelative7,
}
