using System.Text;
using Klp.Base;

namespace Klp.Symbols;

/// <summary>Names a typing error may have meant: least edit distance, looked for among all names of some objects.</summary>
public static class NearestNames
{
    private const int LongestName = 256;

    internal static IReadOnlyList<string> Find(string name, IEnumerable<ObjectSymbols> objects, int count)
    {
        var wanted = Latin1.Bytes(name);
        if (count <= 0 || wanted.Length is 0 or > LongestName)
        {
            return [];
        }

        // A third of the letters wrong is another word.
        var worst = Math.Max(1, Math.Min(4, wanted.Length / 3));
        var best = new List<(int Distance, string Name)>();
        foreach (var symbols in objects)
        {
            for (var i = 0; i < symbols.NameCount; i++)
            {
                var candidate = symbols.Name(i);
                if (Math.Abs(candidate.Length - wanted.Length) > worst)
                {
                    continue;
                }

                var distance = Distance(wanted, candidate, worst);
                if (distance <= worst && distance > 0)
                {
                    best.Add((distance, Encoding.Latin1.GetString(candidate)));
                }
            }

            GC.KeepAlive(symbols);
        }

        return [.. best.Distinct().OrderBy(b => b.Distance).ThenBy(b => b.Name, StringComparer.Ordinal).Take(count).Select(b => b.Name)];
    }

    /// <summary>The nearest of some names, best first.</summary>
    public static IReadOnlyList<string> Among(IEnumerable<string> names, string name, int count)
    {
        var wanted = Latin1.Bytes(name);
        var worst = Math.Max(1, Math.Min(4, wanted.Length / 3));
        return wanted.Length is 0 or > LongestName
            ? []
            : [.. names.Where(n => n != name && Math.Abs(n.Length - wanted.Length) <= worst)
                .Select(n => (Distance: Distance(wanted, Latin1.Bytes(n), worst), Name: n)).Where(n => n.Distance <= worst)
                .OrderBy(n => n.Distance).ThenBy(n => n.Name, StringComparer.Ordinal).Take(count).Select(n => n.Name)];
    }

    /// <summary>Edit distance with swapped neighbours as one error; more than <paramref name="worst"/> comes back as worst + 1.</summary>
    internal static int Distance(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, int worst)
    {
        if (b.Length > LongestName + 8)
        {
            return worst + 1;
        }

        Span<int> before = stackalloc int[b.Length + 1];
        Span<int> last = stackalloc int[b.Length + 1];
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            row.Fill(worst + 1);
            row[0] = i;
            var least = i;
            // Cells farther than worst from the diagonal cannot lead to a result.
            for (var j = Math.Max(1, i - worst); j <= Math.Min(b.Length, i + worst); j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                var value = Math.Min(last[j - 1] + cost, 1 + Math.Min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    value = Math.Min(value, before[j - 2] + 1);
                }

                row[j] = value;
                least = Math.Min(least, value);
            }

            if (least > worst)
            {
                return worst + 1;
            }

            var free = before;
            before = last;
            last = row;
            row = free;
        }

        return Math.Min(last[b.Length], worst + 1);
    }
}
