using System.Text;

namespace Klp.TestKit;

/// <summary>
/// Table compression as the kernel has it: bytes that occur in names stand for themselves, the others for frequent pairs of tokens, nested.
/// </summary>
public sealed class SyntheticTokens
{
    private const int MostPairs = 80;

    public SyntheticTokens(IEnumerable<string> names)
    {
        var texts = names.Select(Encoding.Latin1.GetBytes).ToArray();
        Tokens = Enumerable.Repeat("", 256).ToArray();
        foreach (var value in texts.SelectMany(t => t))
        {
            Tokens[value] = ((char)value).ToString();
        }

        var free = new Queue<int>(Enumerable.Range(0, 256).Where(i => Tokens[i].Length == 0).Reverse());
        for (var n = 0; n < MostPairs && free.TryDequeue(out var code); n++)
        {
            var pair = MostFrequent(texts);
            Tokens[code] = Tokens[pair.First] + Tokens[pair.Second];
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = Replace(texts[i], pair, (byte)code);
            }
        }

        Encoded = texts;
    }

    public string[] Tokens { get; }

    /// <summary>Each name, type letter first, as codes.</summary>
    public byte[][] Encoded { get; }

    private static (byte First, byte Second) MostFrequent(byte[][] texts)
    {
        var counts = new int[1 << 16];
        foreach (var text in texts)
        {
            for (var i = 0; i + 1 < text.Length; i++)
            {
                counts[text[i] << 8 | text[i + 1]]++;
            }
        }

        var best = Array.IndexOf(counts, counts.Max());
        return ((byte)(best >> 8), (byte)best);
    }

    private static byte[] Replace(byte[] text, (byte First, byte Second) pair, byte code)
    {
        var result = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && text[i] == pair.First && text[i + 1] == pair.Second)
            {
                result.Add(code);
                i++;
            }
            else
            {
                result.Add(text[i]);
            }
        }

        return [.. result];
    }
}
