namespace Klp.Base;

/// <summary>Compressions a kernel image or a kernel module comes in (the kernel's <c>lib/decompress*.c</c> and <c>kernel/module/decompress.c</c>).</summary>
public enum CompressionFormat
{
    /// <summary>None of the known ones.</summary>
    None,
    Gzip,
    Zlib,
    Xz,

    /// <summary>The old .lzma container (xz's "alone" format).</summary>
    Lzma,
    Zstd,
    Bzip2,

    /// <summary>LZ4 frame format.</summary>
    Lz4,

    /// <summary>LZ4 legacy format, the one kernel images use.</summary>
    Lz4Legacy,

    /// <summary>LZO1X in lzop's container.</summary>
    Lzop,
}
