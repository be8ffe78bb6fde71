using System.Runtime.InteropServices;

namespace Klp.Base;

/// <summary>zstd through libzstd (zstd.h, stable API), one frame.</summary>
/// <remarks>
/// The whole frame is decoded at once, straight into the output: the streaming interface would allocate a window
/// as large as the kernel (level 22 uses 128 MB) beside it.
/// </remarks>
internal sealed unsafe partial class ZstdDecoder : IDecoder
{
    private const string Library = "libzstd.so.1";
    private const ulong SizeUnknown = ulong.MaxValue;
    private const ulong SizeError = ulong.MaxValue - 1;

    // ZSTD_ErrorCode values, stable since 1.3.1 (zstd_errors.h).
    private const int MemoryError = 64, OutputTooSmall = 70, InputTooSmall = 72;

    public (string Library, string Package)? Needs => (Library, "Debian: libzstd1, Fedora: libzstd");

    public StreamEnd Decode(ReadOnlySpan<byte> input, OutputBuffer output, out int consumed)
    {
        consumed = 0;
        fixed (byte* from = input)
        {
            var frame = ZSTD_findFrameCompressedSize(from, (nuint)input.Length);
            if (ZSTD_isError(frame) != 0)
            {
                return ZSTD_getErrorCode(frame) == InputTooSmall ? StreamEnd.Truncated : StreamEnd.Corrupt;
            }

            var size = ZSTD_getFrameContentSize(from, frame);
            var isKnown = size is not (SizeUnknown or SizeError);
            if (isKnown && size > int.MaxValue)
            {
                return StreamEnd.TooLarge;
            }

            // Without a size in the frame: the caller's expectation (already in the buffer) first, then the bound its blocks give.
            var end = isKnown ? DecodeInto(from, frame, output, output.Reserve((int)size), size == 0) : DecodeInto(from, frame, output, output.Free(), false);
            if (end == StreamEnd.TooLarge && !isKnown)
            {
                var bound = ZSTD_decompressBound(from, frame);
                end = bound > int.MaxValue ? StreamEnd.TooLarge : DecodeInto(from, frame, output, LargestRoom(output, (int)bound), false);
            }

            consumed = (int)frame;
            return end;
        }
    }

    private static Span<byte> LargestRoom(OutputBuffer output, int bound)
    {
        var room = output.Reserve(bound);
        return room.IsEmpty ? output.ReserveAll() : room;
    }

    private static StreamEnd DecodeInto(byte* from, nuint length, OutputBuffer output, Span<byte> room, bool isEmptyContent)
    {
        if (room.IsEmpty && !isEmptyContent)
        {
            return StreamEnd.TooLarge;
        }

        byte nothing;
        fixed (byte* to = room)
        {
            var written = ZSTD_decompress(to is null ? &nothing : to, (nuint)room.Length, from, length);
            if (ZSTD_isError(written) == 0)
            {
                output.Advance((int)written);
                return StreamEnd.Complete;
            }

            return ZSTD_getErrorCode(written) switch
            {
                OutputTooSmall => StreamEnd.TooLarge,
                MemoryError => StreamEnd.NoMemory,
                InputTooSmall => StreamEnd.Truncated,
                _ => StreamEnd.Corrupt,
            };
        }
    }

    [LibraryImport(Library)]
    private static partial nuint ZSTD_findFrameCompressedSize(byte* from, nuint length);

    [LibraryImport(Library)]
    private static partial ulong ZSTD_getFrameContentSize(byte* from, nuint length);

    [LibraryImport(Library)]
    private static partial ulong ZSTD_decompressBound(byte* from, nuint length);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_decompress(byte* to, nuint capacity, byte* from, nuint length);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint result);

    [LibraryImport(Library)]
    private static partial int ZSTD_getErrorCode(nuint result);
}
