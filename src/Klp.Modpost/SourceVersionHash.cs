using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Klp.Modpost;

/// <summary>
/// MD4 as modpost computes it: with words taken big-endian, which makes it nobody else's MD4. Names content, protects nothing.
/// </summary>
/// <remarks>Source: RFC 1320 for the rounds; scripts/mod/sumversion.c for the byte order, the unswapped length and the form of the result.</remarks>
internal sealed class SourceVersionHash
{
    private readonly byte[] _block = new byte[64];
    private readonly uint[] _state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
    private ulong _count;

    public void Add(byte value)
    {
        _block[(int)(_count++ & 63)] = value;
        if ((_count & 63) == 0)
        {
            Transform(Words());
        }
    }

    /// <summary>32 hexadecimal digits, upper case.</summary>
    public string Finish()
    {
        var used = (int)(_count & 63);
        _block.AsSpan(used).Clear();
        _block[used] = 0x80;
        if (used >= 56)
        {
            Transform(Words());
            Array.Clear(_block);
        }

        var words = Words();
        words[14] = (uint)(_count << 3);
        words[15] = (uint)(_count >> 29);
        Transform(words);
        return string.Concat(_state.Select(s => BinaryPrimitives.ReverseEndianness(s).ToString("X8", CultureInfo.InvariantCulture)));
    }

    private uint[] Words()
    {
        var words = new uint[16];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32BigEndian(_block.AsSpan(i * 4));
        }

        return words;
    }

    private void Transform(uint[] x)
    {
        var (a, b, c, d) = (_state[0], _state[1], _state[2], _state[3]);
        for (var step = 0; step < 48; step++)
        {
            var (round, i) = (step / 16, step % 16);
            var word = round switch { 0 => i, 1 => (i % 4 * 4) + (i / 4), _ => Reversed(i) };
            var mixed = round switch { 0 => (b & c) | (~b & d), 1 => (b & c) | (b & d) | (c & d), _ => b ^ c ^ d };
            var constant = round switch { 0 => 0u, 1 => 0x5a827999u, _ => 0x6ed9eba1u };
            var value = BitOperations.RotateLeft(a + mixed + x[word] + constant, Shift(round, i));
            (a, b, c, d) = (d, value, b, c);
        }

        _state[0] += a;
        _state[1] += b;
        _state[2] += c;
        _state[3] += d;
    }

    private static int Shift(int round, int i) => (round, i % 4) switch
    {
        (0, 0) or (1, 0) or (2, 0) => 3,
        (0, 1) => 7,
        (0, 2) => 11,
        (0, _) => 19,
        (1, 1) => 5,
        (1, 2) => 9,
        (1, _) => 13,
        (_, 1) => 9,
        (_, 2) => 11,
        _ => 15,
    };

    // The third round takes words in the order of their four index bits read backwards: 0 8 4 12 2 10 …
    private static int Reversed(int i) => ((i & 1) << 3) | ((i & 2) << 1) | ((i & 4) >> 1) | (i >> 3);
}
