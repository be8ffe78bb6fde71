using System.Buffers.Binary;

namespace Klp.Toolchain;

/// <summary>What <see cref="StateWriter"/> and <see cref="StateReader"/> agree on.</summary>
internal static class StateFile
{
    /// <summary>"KLPSTAT1" as bytes.</summary>
    public const ulong Magic = 0x31544154_53504c4b;

    /// <summary>Detects damage (a torn write, a bit flip), not malice: a multiply-and-rotate over words of 8 bytes.</summary>
    public static ulong CheckSum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0x9e3779b97f4a7c15UL ^ (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            sum = ulong.RotateLeft((sum ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0xff51afd7ed558ccdUL, 29);
        }

        foreach (var b in bytes)
        {
            sum = ulong.RotateLeft((sum ^ b) * 0xc4ceb9fe1a85ec53UL, 29);
        }

        return sum ^ (sum >> 32);
    }
}
