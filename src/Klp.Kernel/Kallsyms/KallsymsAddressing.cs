namespace Klp.Kernel;

/// <summary>How an embedded symbol table stores its addresses (kernel/kallsyms.c, kallsyms_sym_address; scripts/kallsyms.c, write_src).</summary>
public enum KallsymsAddressing
{
    /// <summary>kallsyms_addresses: 64-bit values (no CONFIG_KALLSYMS_BASE_RELATIVE).</summary>
    Absolute,

    /// <summary>kallsyms_offsets: unsigned 32-bit, added to kallsyms_relative_base.</summary>
    BaseRelative,

    /// <summary>The same with CONFIG_KALLSYMS_ABSOLUTE_PERCPU (x86 to 6.14): not negative is an absolute address, negative is counted down from base - 1.</summary>
    BaseRelativeAbsolutePercpu,

    /// <summary>kallsyms_offsets: signed 32-bit, relative to the entry's own place; no base.</summary>
    PlaceRelative,
}
