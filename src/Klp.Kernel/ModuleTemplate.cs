namespace Klp.Kernel;

/// <summary>
/// What one object compiled with the kernel's own headers and flags tells about the kernel's structs and module record.
/// Nothing here is guessed from a version.
/// </summary>
public sealed record ModuleTemplate
{
    /// <summary>e_flags of a module object.</summary>
    public required uint ElfFlags { get; init; }

    /// <summary>The architecture's 64-bit absolute relocation number.</summary>
    public required uint AbsoluteRelocationType { get; init; }

    /// <summary>Entries of <c>.modinfo</c> every module gets (vermagic, retpoline), <c>key=value</c>, in order; without <c>name</c>.</summary>
    public required IReadOnlyList<string> Modinfo { get; init; }

    /// <summary>Bytes of <c>.note.Linux</c> (build salt, LTO), empty where the kernel has none.</summary>
    public byte[] NoteLinux { get; init; } = [];

    /// <summary>Bytes of <c>.orc_header</c>, empty where the kernel has none.</summary>
    public byte[] OrcHeader { get; init; } = [];

    /// <summary>Bytes of <c>.note.gnu.property</c>, empty where the compiler writes none.</summary>
    public byte[] NoteGnuProperty { get; init; } = [];

    /// <summary>Initial bytes of <c>struct module</c>, the name field zeroed; its length is the struct's size.</summary>
    public required byte[] ThisModule { get; init; }

    public required int ThisModuleAlignment { get; init; }

    public required int ModuleNameOffset { get; init; }

    /// <summary>MODULE_NAME_LEN, bytes with the NUL.</summary>
    public required int ModuleNameLength { get; init; }

    public required int ModuleInitOffset { get; init; }

    /// <summary>Null where modules cannot be unloaded.</summary>
    public int? ModuleExitOffset { get; init; }

    /// <summary>sizeof(struct modversion_info), 0 where MODVERSIONS is off.</summary>
    public int ModversionEntrySize { get; init; }

    /// <summary>Size of its crc field, bytes.</summary>
    public int ModversionCrcSize { get; init; }

    /// <summary>Null where CONFIG_LIVEPATCH is off.</summary>
    public LivepatchLayout? Livepatch { get; init; }

    public string? Vermagic => Modinfo.FirstOrDefault(m => m.StartsWith("vermagic=", StringComparison.Ordinal))?["vermagic=".Length..];
}
