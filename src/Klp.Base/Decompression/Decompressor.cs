using System.Buffers.Binary;

namespace Klp.Base;

/// <summary>
/// Decompression of kernel images and modules: recognises the format by its first bytes and never writes more than the caller's limit.
/// gzip and zlib are .NET's own, lz4 and lzo are decoded here, xz, lzma, zstd and bzip2 use the system's libraries.
/// </summary>
public static class Decompressor
{
    /// <summary>
    /// A bound for inputs whose content size is not known: kernel images and modules compress up to about 16 times,
    /// so more than 32 times (plus room for small files) is a bomb.
    /// </summary>
    public static int ReasonableLimit(long inputLength) => (int)Math.Min(1L << 30, (64L << 20) + 32 * Math.Max(0, inputLength));

    /// <summary>The format of a stream by its magic number.</summary>
    public static CompressionFormat Sniff(ReadOnlySpan<byte> data) => data switch
    {
        [0x1f, 0x8b, 8, ..] => CompressionFormat.Gzip,
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => CompressionFormat.Xz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => CompressionFormat.Zstd,
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => CompressionFormat.Bzip2,
        [0x04, 0x22, 0x4d, 0x18, ..] => CompressionFormat.Lz4,
        [0x02, 0x21, 0x4c, 0x18, ..] => CompressionFormat.Lz4Legacy,
        [0x89, (byte)'L', (byte)'Z', (byte)'O', 0, 0x0d, 0x0a, 0x1a, 0x0a, ..] => CompressionFormat.Lzop,
        [0x78, 0x01 or 0x5e or 0x9c or 0xda, ..] => CompressionFormat.Zlib,
        _ => IsLzmaAlone(data) ? CompressionFormat.Lzma : CompressionFormat.None,
    };

    /// <summary>Decompresses the stream at the start of <paramref name="data"/>.</summary>
    /// <param name="path">For messages only.</param>
    /// <param name="limit">Largest content accepted, bytes.</param>
    /// <param name="diagnostics">
    /// KLP0230 (unknown format), KLP0231 (library missing), KLP0232 (cut off), KLP0233 (damaged), KLP0234 (larger than the limit), KLP0235 (no memory).
    /// </param>
    /// <param name="expected">Expected size of the content, 0 where unknown; a hint that saves copies and is not believed.</param>
    /// <param name="scratch">Where the content is written; null: it gets memory of its own.</param>
    /// <param name="cancellation">Throws <see cref="OperationCanceledException"/> in the middle of the formats that take long (xz, lzma, bzip2, gzip).</param>
    public static DecompressedData? Decompress(ReadOnlySpan<byte> data, string path, int limit, DiagnosticBag diagnostics, long expected = 0, FileScratch? scratch = null, CancellationToken cancellation = default)
    {
        var format = Sniff(data);
        var decoder = DecoderOf(format);
        if (decoder is null)
        {
            diagnostics.Error(
                "KLP0230", path,
                "This is not compressed in any way the kernel knows (gzip, xz, lzma, zstd, bzip2, lz4, lzo).",
                "Give the file as the distribution ships it.");
            return null;
        }

        // A hint far beyond what the input can hold is somebody's wrong number, not worth a large allocation.
        var output = new OutputBuffer(Math.Min(expected, 64L * data.Length), limit, scratch, cancellation);
        try
        {
            var end = decoder.Decode(data, output, out var consumed);
            if (end == StreamEnd.Complete)
            {
                return new DecompressedData(output.Memory, consumed);
            }

            Report(end, format, path, limit, diagnostics);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            var (library, package) = decoder.Needs ?? ("a system library", "its package");
            diagnostics.Error(
                "KLP0231", path, $"This is {Word(format)} data, and the library that reads it, {library}, is not on this machine.",
                $"Install it ({package}), or decompress the file yourself and give the result.");
        }

        return null;
    }

    private static IDecoder? DecoderOf(CompressionFormat format) => format switch
    {
        CompressionFormat.Gzip or CompressionFormat.Zlib => new InflateDecoder(format),
        CompressionFormat.Xz or CompressionFormat.Lzma => new XzDecoder(format),
        CompressionFormat.Zstd => new ZstdDecoder(),
        CompressionFormat.Bzip2 => new Bzip2Decoder(),
        CompressionFormat.Lz4 or CompressionFormat.Lz4Legacy => new Lz4Decoder(format),
        CompressionFormat.Lzop => new LzopDecoder(),
        _ => null,
    };

    private static void Report(StreamEnd end, CompressionFormat format, string path, int limit, DiagnosticBag diagnostics)
    {
        var what = Word(format);
        switch (end)
        {
            case StreamEnd.Truncated:
                diagnostics.Error("KLP0232", path, $"The {what} data is cut off: the input ends before the stream does.", "Copy or download the file again.");
                break;
            case StreamEnd.TooLarge:
                diagnostics.Error(
                    "KLP0234", path,
                    $"The {what} data unpacks to more than {limit:#,0} bytes, far more than such a file can hold.",
                    "Check that this is the file you mean.");
                break;
            case StreamEnd.NoMemory:
                diagnostics.Error("KLP0235", path, $"There is not enough memory to unpack this {what} data.", "Free some memory and build again.");
                break;
            case StreamEnd.TooHungry:
                diagnostics.Error(
                    "KLP0235", path,
                    $"To unpack this {what} data takes more memory than any kernel's or module's does: its dictionary is larger than 128 MB.",
                    "Check that this is the file you mean; if it is, decompress it yourself and give the result.");
                break;
            default:
                diagnostics.Error("KLP0233", path, $"The {what} data is damaged: it does not decode, or its checksum is wrong.", "Copy or download the file again.");
                break;
        }
    }

    private static string Word(CompressionFormat format) => format switch
    {
        CompressionFormat.Lz4Legacy => "lz4",
        CompressionFormat.Lzop => "lzo",
        _ => format.ToString().ToLowerInvariant(),
    };

    // properties byte (lc/lp/pb 3/0/2 = 0x5d is what everybody writes), a power-of-two dictionary, and a plausible or unknown size.
    private static bool IsLzmaAlone(ReadOnlySpan<byte> data)
    {
        if (data.Length < 14 || data[0] != 0x5d || data[13] != 0)
        {
            return false;
        }

        var dictionary = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(data[5..]);
        return uint.IsPow2(dictionary) && dictionary >= 4096 && (size == ulong.MaxValue || size < 1UL << 32);
    }
}
