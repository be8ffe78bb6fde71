namespace Klp.Store;

/// <summary>Compares Debian package versions as dpkg does: epoch, upstream, revision; digits by value, letters before other signs, <c>~</c> before the end.</summary>
public sealed class DebianVersion : IComparer<string>
{
    public static DebianVersion Order { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (epochX, upstreamX, revisionX) = Split(x ?? "");
        var (epochY, upstreamY, revisionY) = Split(y ?? "");
        return epochX != epochY ? epochX.CompareTo(epochY) : Part(upstreamX, upstreamY) is not 0 and var upstream ? upstream : Part(revisionX, revisionY);
    }

    private static (long Epoch, string Upstream, string Revision) Split(string version)
    {
        var colon = version.IndexOf(':');
        var epoch = colon > 0 && long.TryParse(version[..colon], out var number) ? number : 0;
        var rest = version[(colon + 1)..];
        var dash = rest.LastIndexOf('-');
        return dash < 0 ? (epoch, rest, "") : (epoch, rest[..dash], rest[(dash + 1)..]);
    }

    private static int Part(ReadOnlySpan<char> x, ReadOnlySpan<char> y)
    {
        while (!x.IsEmpty || !y.IsEmpty)
        {
            var wordX = Take(ref x, digits: false);
            var wordY = Take(ref y, digits: false);
            for (var i = 0; i < Math.Max(wordX.Length, wordY.Length); i++)
            {
                var (a, b) = (Weight(wordX, i), Weight(wordY, i));
                if (a != b)
                {
                    return a - b;
                }
            }

            var numberX = Take(ref x, digits: true).TrimStart('0');
            var numberY = Take(ref y, digits: true).TrimStart('0');
            var order = numberX.Length != numberY.Length ? numberX.Length - numberY.Length : numberX.SequenceCompareTo(numberY);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> text, bool digits)
    {
        var length = 0;
        while (length < text.Length && char.IsAsciiDigit(text[length]) == digits)
        {
            length++;
        }

        var taken = text[..length];
        text = text[length..];
        return taken;
    }

    private static int Weight(ReadOnlySpan<char> word, int index) =>
        index >= word.Length ? 0 : word[index] == '~' ? -1 : char.IsAsciiLetter(word[index]) ? word[index] : word[index] + 256;
}
