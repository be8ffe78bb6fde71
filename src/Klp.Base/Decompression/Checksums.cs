using System.Buffers.Binary;

namespace Klp.Base;

/// <summary>The checksums compressed streams carry: CRC-32 (IEEE, reflected), Adler-32 and xxHash-32.</summary>
public static class Checksums
{
    /// <summary>CRC-32 as gzip, xz and modpost's versions use it.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var tables = Crc32Tables();
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = tables[(7 << 8) + (int)(low & 0xff)] ^ tables[(6 << 8) + (int)(low >> 8 & 0xff)]
                ^ tables[(5 << 8) + (int)(low >> 16 & 0xff)] ^ tables[(4 << 8) + (int)(low >> 24)]
                ^ tables[(3 << 8) + (int)(high & 0xff)] ^ tables[(2 << 8) + (int)(high >> 8 & 0xff)]
                ^ tables[(1 << 8) + (int)(high >> 16 & 0xff)] ^ tables[(int)(high >> 24)];
        }

        foreach (var b in bytes)
        {
            crc = tables[(int)((crc ^ b) & 0xff)] ^ crc >> 8;
        }

        return ~crc;
    }

    /// <summary>Adler-32 (RFC 1950), continuing from <paramref name="seed"/>.</summary>
    public static uint Adler32(ReadOnlySpan<byte> bytes, uint seed = 1)
    {
        const uint Modulus = 65521;
        const int Chunk = 5552; // the most bytes whose sums stay below 2^32
        uint a = seed & 0xffff, b = seed >> 16;
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(Chunk, bytes.Length)];
            foreach (var value in part)
            {
                a += value;
                b += a;
            }

            a %= Modulus;
            b %= Modulus;
            bytes = bytes[part.Length..];
        }

        return b << 16 | a;
    }

    /// <summary>xxHash-32 with seed 0, the check of LZ4 frames.</summary>
    public static uint XxHash32(ReadOnlySpan<byte> bytes)
    {
        const uint P1 = 2654435761, P2 = 2246822519, P3 = 3266489917, P4 = 668265263, P5 = 374761393;
        var length = (uint)bytes.Length;
        uint hash;
        if (bytes.Length >= 16)
        {
            uint v1 = unchecked(P1 + P2), v2 = P2, v3 = 0, v4 = unchecked(0 - P1);
            for (; bytes.Length >= 16; bytes = bytes[16..])
            {
                v1 = Round(v1, bytes);
                v2 = Round(v2, bytes[4..]);
                v3 = Round(v3, bytes[8..]);
                v4 = Round(v4, bytes[12..]);
            }

            hash = uint.RotateLeft(v1, 1) + uint.RotateLeft(v2, 7) + uint.RotateLeft(v3, 12) + uint.RotateLeft(v4, 18);
        }
        else
        {
            hash = P5;
        }

        hash += length;
        for (; bytes.Length >= 4; bytes = bytes[4..])
        {
            hash = uint.RotateLeft(hash + BinaryPrimitives.ReadUInt32LittleEndian(bytes) * P3, 17) * P4;
        }

        foreach (var b in bytes)
        {
            hash = uint.RotateLeft(hash + b * P5, 11) * P1;
        }

        hash = (hash ^ hash >> 15) * P2;
        hash = (hash ^ hash >> 13) * P3;
        return hash ^ hash >> 16;

        static uint Round(uint value, ReadOnlySpan<byte> from) =>
            uint.RotateLeft(value + BinaryPrimitives.ReadUInt32LittleEndian(from) * P2, 13) * P1;
    }

    // Eight tables for eight bytes at a step; 8 KB, made in some microseconds, so there is no reason to keep them.
    private static uint[] Crc32Tables()
    {
        var tables = new uint[8 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xEDB88320u ^ value >> 1 : value >> 1;
            }

            tables[(int)i] = value;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            tables[i] = tables[(int)(tables[i - 256] & 0xff)] ^ tables[i - 256] >> 8;
        }

        return tables;
    }
}
