using System.Runtime.InteropServices;

namespace Klp.Base;

/// <summary>xz and old lzma through liblzma (lzma/base.h, lzma/container.h, ABI 5): BCJ filters and all checks are the library's.</summary>
internal sealed unsafe partial class XzDecoder(CompressionFormat format) : IDecoder
{
    private const string Library = "liblzma.so.5";
    private const int Ok = 0, EndOfStream = 1, MemoryError = 5, MemoryLimit = 6, BufferError = 10;
    private const int Run = 0, Finish = 3;

    /// <summary>Kernel images use dictionaries up to 128 MB (xz --lzma2=dict=128MiB on powerpc and s390); the rest is the library's own.</summary>
    private const ulong MemoryBound = 192UL << 20;

    public (string Library, string Package)? Needs => (Library, "Debian: liblzma5, Fedora: xz-libs");

    public StreamEnd Decode(ReadOnlySpan<byte> input, OutputBuffer output, out int consumed)
    {
        consumed = 0;
        var stream = default(LzmaStream);
        var started = format == CompressionFormat.Xz ? lzma_stream_decoder(&stream, MemoryBound, 0) : lzma_alone_decoder(&stream, MemoryBound);
        if (started != Ok)
        {
            return StreamEnd.NoMemory;
        }

        try
        {
            fixed (byte* next = input)
            {
                stream.NextIn = next;
                stream.AvailableIn = (nuint)input.Length;
                var end = Pump(&stream, output);
                consumed = (int)stream.TotalIn;
                return end;
            }
        }
        finally
        {
            lzma_end(&stream);
        }
    }

    private static StreamEnd Pump(LzmaStream* stream, OutputBuffer output)
    {
        byte overflow;
        while (true)
        {
            var room = output.Piece();
            int status;
            fixed (byte* next = room)
            {
                // At the limit one more byte may be asked for, to see whether the stream ends exactly here.
                stream->NextOut = room.IsEmpty ? &overflow : next;
                stream->AvailableOut = room.IsEmpty ? 1 : (nuint)room.Length;
                var before = stream->AvailableOut;
                status = lzma_code(stream, stream->AvailableIn == 0 ? Finish : Run);
                var written = (int)(before - stream->AvailableOut);
                if (room.IsEmpty && written > 0)
                {
                    return StreamEnd.TooLarge;
                }

                output.Advance(written);
            }

            switch (status)
            {
                case Ok:
                    continue;
                case EndOfStream:
                    return StreamEnd.Complete;
                case BufferError:
                    return StreamEnd.Truncated;
                case MemoryError:
                    return StreamEnd.NoMemory;
                case MemoryLimit:
                    return StreamEnd.TooHungry;
                default:
                    return StreamEnd.Corrupt;
            }
        }
    }

    [LibraryImport(Library)]
    private static partial int lzma_stream_decoder(LzmaStream* stream, ulong memoryLimit, uint flags);

    [LibraryImport(Library)]
    private static partial int lzma_alone_decoder(LzmaStream* stream, ulong memoryLimit);

    [LibraryImport(Library)]
    private static partial int lzma_code(LzmaStream* stream, int action);

    [LibraryImport(Library)]
    private static partial void lzma_end(LzmaStream* stream);

    /// <summary>lzma_stream; the reserved tail is larger than the library's, which does no harm.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct LzmaStream
    {
        public byte* NextIn;
        public nuint AvailableIn;
        public ulong TotalIn;
        public byte* NextOut;
        public nuint AvailableOut;
        public ulong TotalOut;
        public void* Allocator;
        public void* Internal;
        public fixed ulong Reserved[16];
    }
}
