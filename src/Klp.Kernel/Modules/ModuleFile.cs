using Klp.Base;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>A module file's bytes, whatever its compression (.ko, .ko.xz, .ko.gz, .ko.zst; the content decides, not the name).</summary>
public static class ModuleFile
{
    /// <summary>Suffixes of module files, as kmod and distributions write them.</summary>
    public static IReadOnlyList<string> Suffixes { get; } = [".ko", ".ko.xz", ".ko.zst", ".ko.gz"];

    /// <summary>Reads and unpacks a file.</summary>
    /// <returns>Null with KLP0011 (unreadable) or KLP0231 to KLP0235 (decompression). That the result is ELF is not checked here.</returns>
    public static ReadOnlyMemory<byte>? Read(string path, DiagnosticBag diagnostics) =>
        SafeFile.Read(path, diagnostics) is { } bytes ? Unpack(bytes, path, diagnostics) : null;

    /// <summary>Unpacks a file's bytes; what is not compressed is returned as it is.</summary>
    /// <param name="scratch">Where the content is written that is not kept; null: it gets memory of its own.</param>
    public static ReadOnlyMemory<byte>? Unpack(ReadOnlyMemory<byte> bytes, string path, DiagnosticBag diagnostics, FileScratch? scratch = null)
    {
        if (ElfFile.IsElf(bytes.Span) || Decompressor.Sniff(bytes.Span) == CompressionFormat.None)
        {
            return bytes;
        }

        // Debug-stripped modules compress about four times: most fit into the first guess.
        return Decompressor.Decompress(bytes.Span, path, Decompressor.ReasonableLimit(bytes.Length), diagnostics, 5L * bytes.Length, scratch)?.Bytes;
    }
}
