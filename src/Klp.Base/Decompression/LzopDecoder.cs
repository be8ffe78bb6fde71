using System.Buffers.Binary;

namespace Klp.Base;

/// <summary>lzop's container (lib/decompress_unlzo.c) around LZO1X blocks.</summary>
internal sealed class LzopDecoder : IDecoder
{
    private const int MagicLength = 9;
    private const uint AdlerContent = 1, AdlerCompressed = 2, ExtraField = 0x40, CrcContent = 0x100, CrcCompressed = 0x200, Filter = 0x800;

    /// <summary>lzop never writes larger blocks.</summary>
    private const int LargestBlock = 64 << 20;

    public (string Library, string Package)? Needs => null;

    public StreamEnd Decode(ReadOnlySpan<byte> input, OutputBuffer output, out int consumed)
    {
        consumed = 0;
        var header = HeaderLength(input, out var flags);
        if (header < 0)
        {
            return StreamEnd.Truncated;
        }

        for (var at = header; ;)
        {
            if (input.Length - at < 4)
            {
                return StreamEnd.Truncated;
            }

            var contentSize = BinaryPrimitives.ReadUInt32BigEndian(input[at..]);
            at += 4;
            if (contentSize == 0)
            {
                consumed = at;
                return StreamEnd.Complete;
            }

            if (input.Length - at < 4)
            {
                return StreamEnd.Truncated;
            }

            var size = BinaryPrimitives.ReadUInt32BigEndian(input[at..]);
            at += 4;
            if (contentSize > LargestBlock || size > contentSize || size == 0)
            {
                return StreamEnd.Corrupt;
            }

            var checks = Count(flags, AdlerContent, CrcContent) + (size < contentSize ? Count(flags, AdlerCompressed, CrcCompressed) : 0);
            if (size > input.Length - at - 4 * checks)
            {
                return StreamEnd.Truncated;
            }

            var expectedAdler = BinaryPrimitives.ReadUInt32BigEndian(input[at..]);
            at += 4 * checks;
            var end = DecodeBlock(input.Slice(at, (int)size), (int)contentSize, output);
            if (end == StreamEnd.Complete && (flags & AdlerContent) != 0 && Checksums.Adler32(output.Written[^(int)contentSize..]) != expectedAdler)
            {
                end = StreamEnd.Corrupt;
            }

            if (end != StreamEnd.Complete)
            {
                return end;
            }

            at += (int)size;
        }
    }

    private static StreamEnd DecodeBlock(ReadOnlySpan<byte> block, int contentSize, OutputBuffer output)
    {
        if (block.Length < contentSize)
        {
            return Lzo1x.Decode(block, contentSize, output);
        }

        var room = output.Reserve(contentSize);
        if (room.IsEmpty)
        {
            return StreamEnd.TooLarge;
        }

        block.CopyTo(room);
        output.Advance(contentSize);
        return StreamEnd.Complete;
    }

    private static int Count(uint flags, uint first, uint second) => ((flags & first) != 0 ? 1 : 0) + ((flags & second) != 0 ? 1 : 0);

    /// <summary>Length of the file header with magic, or -1 where it is cut off.</summary>
    private static int HeaderLength(ReadOnlySpan<byte> input, out uint flags)
    {
        // version(2) library(2) [needed(2)] method(1) [level(1)] flags(4) [filter(4)] mode(4) time(4) [time high(4)] name length(1) name checksum(4) [extra]
        flags = 0;
        const int NewFields = 0x0940;
        if (input.Length < MagicLength + 4)
        {
            return -1;
        }

        var isNew = BinaryPrimitives.ReadUInt16BigEndian(input[MagicLength..]) >= NewFields;
        var at = MagicLength + 4 + (isNew ? 2 : 0) + 1 + (isNew ? 1 : 0);
        if (input.Length < at + 4)
        {
            return -1;
        }

        flags = BinaryPrimitives.ReadUInt32BigEndian(input[at..]);
        at += 4 + ((flags & Filter) != 0 ? 4 : 0) + 8 + (isNew ? 4 : 0);
        if (input.Length <= at)
        {
            return -1;
        }

        at += 1 + input[at] + 4;
        if ((flags & ExtraField) != 0)
        {
            if (input.Length < at + 4)
            {
                return -1;
            }

            var extra = BinaryPrimitives.ReadUInt32BigEndian(input[at..]);
            if (extra > input.Length - at)
            {
                return -1;
            }

            at += 4 + (int)extra + 4;
        }

        return at <= input.Length ? at : -1;
    }
}
