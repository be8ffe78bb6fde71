using System.Buffers.Binary;
using System.IO.Compression;

namespace Klp.Base;

/// <summary>gzip (RFC 1952, one member) and zlib (RFC 1950) over .NET's own deflate.</summary>
/// <remarks>
/// The member's frame is read here rather than by GZipStream, which would go on into what follows the stream.
/// Where the deflate data ends is found from the trailer: .NET's stream does not say how much of its buffer it used.
/// </remarks>
internal sealed class InflateDecoder(CompressionFormat format) : IDecoder
{
    public (string Library, string Package)? Needs => null;

    public StreamEnd Decode(ReadOnlySpan<byte> input, OutputBuffer output, out int consumed)
    {
        consumed = 0;
        var start = format == CompressionFormat.Gzip ? GzipHeaderLength(input) : 2;
        if (start < 0 || start >= input.Length)
        {
            return StreamEnd.Truncated;
        }

        var source = input[start..].ToArray();
        using var stream = new MemoryStream(source, writable: false);
        using var inflate = new DeflateStream(stream, CompressionMode.Decompress);
        try
        {
            while (true)
            {
                var room = output.Piece();
                if (room.IsEmpty)
                {
                    return inflate.ReadByte() < 0 ? Finish(input, start, (int)stream.Position, output, out consumed) : StreamEnd.TooLarge;
                }

                var count = inflate.Read(room);
                if (count == 0)
                {
                    return Finish(input, start, (int)stream.Position, output, out consumed);
                }

                output.Advance(count);
            }
        }
        catch (InvalidDataException)
        {
            return StreamEnd.Corrupt;
        }
    }

    private StreamEnd Finish(ReadOnlySpan<byte> input, int start, int position, OutputBuffer output, out int consumed)
    {
        // Trailer: gzip CRC-32 and size, little-endian; zlib Adler-32, big-endian. It stands at or before where the stream's read-ahead came to.
        Span<byte> trailer = stackalloc byte[format == CompressionFormat.Gzip ? 8 : 4];
        if (format == CompressionFormat.Gzip)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(trailer, Checksums.Crc32(output.Written));
            BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], (uint)output.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(trailer, Checksums.Adler32(output.Written));
        }

        var end = Math.Min(input.Length, start + position + trailer.Length);
        var searchFrom = Math.Max(start, end - trailer.Length - ReadAhead);
        var found = input[searchFrom..end].IndexOf(trailer);
        consumed = found < 0 ? 0 : searchFrom + found + trailer.Length;
        return found >= 0 ? StreamEnd.Complete : start + position >= input.Length ? StreamEnd.Truncated : StreamEnd.Corrupt;
    }

    /// <summary>.NET's deflate reads this much at a time from the stream below it.</summary>
    private const int ReadAhead = 8192;

    /// <summary>Length of a gzip header with its optional fields, or -1 where it is cut off.</summary>
    private static int GzipHeaderLength(ReadOnlySpan<byte> input)
    {
        const int FixedLength = 10;
        const int HasCrc = 2, HasExtra = 4, HasName = 8, HasComment = 16;
        if (input.Length < FixedLength)
        {
            return -1;
        }

        var flags = input[3];
        var at = FixedLength;
        if ((flags & HasExtra) != 0)
        {
            if (input.Length < at + 2)
            {
                return -1;
            }

            at += 2 + BinaryPrimitives.ReadUInt16LittleEndian(input[at..]);
        }

        foreach (var text in (ReadOnlySpan<int>)[HasName, HasComment])
        {
            if ((flags & text) == 0)
            {
                continue;
            }

            var length = at < input.Length ? input[at..].IndexOf((byte)0) : -1;
            if (length < 0)
            {
                return -1;
            }

            at += length + 1;
        }

        return at + ((flags & HasCrc) != 0 ? 2 : 0);
    }
}
