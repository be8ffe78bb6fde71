using System.Buffers.Binary;

namespace Klp.TestKit;

/// <summary>Random damage to bytes, of the kinds that hurt parsers: flipped bits, extreme numbers, moved and cut pieces.</summary>
public static class Mutation
{
    /// <summary>A damaged copy; only bytes from <paramref name="from"/> to <paramref name="to"/> change.</summary>
    public static byte[] Of(byte[] original, Random random, int from = 0, int to = int.MaxValue)
    {
        to = Math.Min(to, original.Length);
        var bytes = (byte[])original.Clone();
        for (var n = random.Next(1, 5); n > 0; n--)
        {
            var at = random.Next(from, to);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    Number(bytes, at & ~3, to, random);
                    break;
                case 3:
                    bytes.AsSpan(at, Math.Min(to - at, random.Next(1, 64))).Fill((byte)(random.Next(2) * 255));
                    break;
                case 4:
                    var source = random.Next(from, to);
                    var length = Math.Min(random.Next(1, 256), to - Math.Max(source, at));
                    bytes.AsSpan(source, length).CopyTo(bytes.AsSpan(at));
                    break;
                default:
                    if (random.Next(8) == 0)
                    {
                        Array.Resize(ref bytes, at);
                        return bytes;
                    }

                    bytes[at]++;
                    break;
            }
        }

        return bytes;
    }

    private static void Number(byte[] bytes, int at, int to, Random random)
    {
        uint[] extremes = [0, 1, 0x7f, 0xff, 0x100, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, (uint)bytes.Length, (uint)random.Next()];
        if (to - at >= 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), extremes[random.Next(extremes.Length)]);
        }
    }
}
