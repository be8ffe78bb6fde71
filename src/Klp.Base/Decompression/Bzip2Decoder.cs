using System.Runtime.InteropServices;

namespace Klp.Base;

/// <summary>bzip2 through libbz2 (bzlib.h), one stream.</summary>
internal sealed unsafe partial class Bzip2Decoder : IDecoder
{
    private const string Library = "libbz2.so.1.0";
    private const int Ok = 0, EndOfStream = 4, MemoryError = -3;

    public (string Library, string Package)? Needs => (Library, "Debian: libbz2-1.0, Fedora: bzip2-libs");

    public StreamEnd Decode(ReadOnlySpan<byte> input, OutputBuffer output, out int consumed)
    {
        consumed = 0;
        var stream = default(BzStream);
        if (BZ2_bzDecompressInit(&stream, 0, 0) != Ok)
        {
            return StreamEnd.NoMemory;
        }

        try
        {
            fixed (byte* next = input)
            {
                stream.NextIn = next;
                stream.AvailableIn = (uint)input.Length;
                var end = Pump(&stream, output);
                consumed = input.Length - (int)stream.AvailableIn;
                return end;
            }
        }
        finally
        {
            BZ2_bzDecompressEnd(&stream);
        }
    }

    private static StreamEnd Pump(BzStream* stream, OutputBuffer output)
    {
        byte overflow;
        while (true)
        {
            var room = output.Piece();
            int status, written;
            var inputBefore = stream->AvailableIn;
            fixed (byte* next = room)
            {
                stream->NextOut = room.IsEmpty ? &overflow : next;
                stream->AvailableOut = room.IsEmpty ? 1 : (uint)room.Length;
                var before = stream->AvailableOut;
                status = BZ2_bzDecompress(stream);
                written = (int)(before - stream->AvailableOut);
            }

            if (room.IsEmpty && written > 0)
            {
                return StreamEnd.TooLarge;
            }

            output.Advance(written);
            switch (status)
            {
                case EndOfStream:
                    return StreamEnd.Complete;
                case MemoryError:
                    return StreamEnd.NoMemory;
                case Ok when written > 0 || stream->AvailableIn != inputBefore:
                    continue;
                case Ok:
                    return StreamEnd.Truncated; // no input left, nothing more comes out
                default:
                    return StreamEnd.Corrupt;
            }
        }
    }

    [LibraryImport(Library)]
    private static partial int BZ2_bzDecompressInit(BzStream* stream, int verbosity, int small);

    [LibraryImport(Library)]
    private static partial int BZ2_bzDecompress(BzStream* stream);

    [LibraryImport(Library)]
    private static partial int BZ2_bzDecompressEnd(BzStream* stream);

    /// <summary>bz_stream.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BzStream
    {
        public byte* NextIn;
        public uint AvailableIn;
        public uint TotalInLow;
        public uint TotalInHigh;
        public byte* NextOut;
        public uint AvailableOut;
        public uint TotalOutLow;
        public uint TotalOutHigh;
        public void* State;
        public void* Allocate;
        public void* Free;
        public void* Opaque;
    }
}
