using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Klp.Symbols;

/// <summary>A 64-bit checksum at memory speed: finds damage, not malice. Four lanes of multiply and rotate over little-endian words.</summary>
internal static class IndexChecksum
{
    private const ulong P1 = 0x9E3779B185EBCA87, P2 = 0xC2B2AE3D27D4EB4F, P3 = 0x165667B19E3779F9;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong a = P1, b = P2, c = P3, d = (ulong)bytes.Length * P1;
        if (BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(bytes);
            var i = 0;
            for (; i + 4 <= words.Length; i += 4)
            {
                a = ulong.RotateLeft(a + words[i] * P2, 31) * P1;
                b = ulong.RotateLeft(b + words[i + 1] * P2, 31) * P1;
                c = ulong.RotateLeft(c + words[i + 2] * P2, 31) * P1;
                d = ulong.RotateLeft(d + words[i + 3] * P2, 31) * P1;
            }

            bytes = bytes[(i * 8)..];
        }

        for (; bytes.Length >= 32; bytes = bytes[32..])
        {
            a = ulong.RotateLeft(a + BinaryPrimitives.ReadUInt64LittleEndian(bytes) * P2, 31) * P1;
            b = ulong.RotateLeft(b + BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) * P2, 31) * P1;
            c = ulong.RotateLeft(c + BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) * P2, 31) * P1;
            d = ulong.RotateLeft(d + BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]) * P2, 31) * P1;
        }

        var hash = ulong.RotateLeft(a, 1) + ulong.RotateLeft(b, 7) + ulong.RotateLeft(c, 12) + ulong.RotateLeft(d, 18);
        foreach (var value in bytes)
        {
            hash = ulong.RotateLeft(hash ^ value * P3, 11) * P1;
        }

        hash = (hash ^ hash >> 33) * P2;
        hash = (hash ^ hash >> 29) * P3;
        return hash ^ hash >> 32;
    }
}
