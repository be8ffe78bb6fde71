using System.Buffers.Binary;

namespace Klp.Base;

/// <summary>LZ4 in its two containers (lz4_Frame_format.md 1.6, legacy frame for kernel images), decoded here: the block format is a page long.</summary>
internal sealed class Lz4Decoder(CompressionFormat format) : IDecoder
{
    private const int LegacyBlockSize = 8 << 20;

    public (string Library, string Package)? Needs => null;

    public StreamEnd Decode(ReadOnlySpan<byte> input, OutputBuffer output, out int consumed) =>
        format == CompressionFormat.Lz4 ? DecodeFrame(input, output, out consumed) : DecodeLegacy(input, output, out consumed);

    /// <summary>Blocks of a 4-byte size and data, each of 8 MB content but the last. The end is the input's, or a size no block can have.</summary>
    private static StreamEnd DecodeLegacy(ReadOnlySpan<byte> input, OutputBuffer output, out int consumed)
    {
        consumed = 4;
        while (input.Length - consumed >= 4)
        {
            var size = BinaryPrimitives.ReadUInt32LittleEndian(input[consumed..]);
            if (size == 0 || size > LegacyBlockSize + LegacyBlockSize / 255 + 16)
            {
                break;
            }

            // A kernel build appends the content's size: the last four bytes, equal to what came out.
            if (input.Length - consumed - 4 == 0 && size == (uint)output.Length)
            {
                break;
            }

            if (size > input.Length - consumed - 4)
            {
                return StreamEnd.Truncated;
            }

            var before = output.Length;
            var end = DecodeBlock(input.Slice(consumed + 4, (int)size), output, before, LegacyBlockSize);
            if (end != StreamEnd.Complete)
            {
                return end;
            }

            consumed += 4 + (int)size;
            if (output.Length - before < LegacyBlockSize)
            {
                return StreamEnd.Complete;
            }
        }

        return output.Length == 0 ? StreamEnd.Truncated : StreamEnd.Complete;
    }

    private static StreamEnd DecodeFrame(ReadOnlySpan<byte> input, OutputBuffer output, out int consumed)
    {
        const int IndependentBlocks = 0x20, BlockChecksum = 0x10, ContentSize = 8, ContentChecksum = 4, DictionaryId = 1;
        consumed = 0;
        if (input.Length < 7)
        {
            return StreamEnd.Truncated;
        }

        var flags = input[4];
        var blockCode = input[5] >> 4 & 7;
        if (flags >> 6 != 1 || blockCode < 4 || (flags & DictionaryId) != 0)
        {
            return StreamEnd.Corrupt;
        }

        var blockSize = 1 << (8 + 2 * blockCode);
        var at = 6 + ((flags & ContentSize) != 0 ? 8 : 0) + 1;
        while (true)
        {
            if (input.Length - at < 4)
            {
                return StreamEnd.Truncated;
            }

            var word = BinaryPrimitives.ReadUInt32LittleEndian(input[at..]);
            at += 4;
            if (word == 0)
            {
                break;
            }

            var size = word & 0x7fffffff;
            if (size > blockSize)
            {
                return StreamEnd.Corrupt;
            }

            if (size > input.Length - at)
            {
                return StreamEnd.Truncated;
            }

            var block = input.Slice(at, (int)size);
            var start = output.Length;
            var end = word >> 31 != 0 ? CopyBlock(block, output) : DecodeBlock(block, output, (flags & IndependentBlocks) != 0 ? start : 0, blockSize);
            if (end != StreamEnd.Complete)
            {
                return end;
            }

            at += (int)size + ((flags & BlockChecksum) != 0 ? 4 : 0);
        }

        if ((flags & ContentChecksum) != 0)
        {
            if (input.Length - at < 4)
            {
                return StreamEnd.Truncated;
            }

            if (BinaryPrimitives.ReadUInt32LittleEndian(input[at..]) != Checksums.XxHash32(output.Written))
            {
                return StreamEnd.Corrupt;
            }

            at += 4;
        }

        consumed = at;
        return StreamEnd.Complete;
    }

    private static StreamEnd CopyBlock(ReadOnlySpan<byte> block, OutputBuffer output)
    {
        var room = output.Reserve(block.Length);
        if (room.IsEmpty && block.Length > 0)
        {
            return StreamEnd.TooLarge;
        }

        block.CopyTo(room);
        output.Advance(block.Length);
        return StreamEnd.Complete;
    }

    /// <summary>One block: sequences of a token, literals, and a match (offset back, at least 4 long); the last sequence has literals only.</summary>
    /// <param name="earliest">Output position before which no match may reach.</param>
    private static StreamEnd DecodeBlock(ReadOnlySpan<byte> block, OutputBuffer output, int earliest, int largest)
    {
        var start = output.Length;
        var at = 0;
        while (at < block.Length)
        {
            var token = block[at++];
            if (!ReadLength(block, ref at, token >> 4, out var literals) || literals > block.Length - at)
            {
                return StreamEnd.Corrupt;
            }

            if (literals > largest - (output.Length - start))
            {
                return StreamEnd.Corrupt;
            }

            var end = CopyBlock(block.Slice(at, literals), output);
            if (end != StreamEnd.Complete)
            {
                return end;
            }

            at += literals;
            if (at == block.Length)
            {
                return StreamEnd.Complete;
            }

            if (block.Length - at < 2)
            {
                return StreamEnd.Corrupt;
            }

            var distance = BinaryPrimitives.ReadUInt16LittleEndian(block[at..]);
            at += 2;
            if (!ReadLength(block, ref at, token & 15, out var match) || distance == 0 || distance > output.Length - earliest
                || match + 4 > largest - (output.Length - start))
            {
                return StreamEnd.Corrupt;
            }

            if (!output.CopyBack(distance, match + 4))
            {
                return StreamEnd.TooLarge;
            }
        }

        return StreamEnd.Corrupt; // a block ends inside a sequence's literals, never before a token
    }

    private static bool ReadLength(ReadOnlySpan<byte> block, ref int at, int nibble, out int length)
    {
        length = nibble;
        if (nibble != 15)
        {
            return true;
        }

        while (at < block.Length && length < int.MaxValue - 512)
        {
            var b = block[at++];
            length += b;
            if (b != 255)
            {
                return true;
            }
        }

        return false;
    }
}
