using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Klp.Symbols;
using Xunit;

namespace Klp.Tests.Symbols.Index;

/// <summary>The tables of one object against the obvious implementation.</summary>
public sealed class ObjectSymbolsTests
{
    private static Gen<string> Name =>
        Gen.Elements("a", "ab", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghabcdefgh", "f", "f.isra.0", "f.cold", "f0", "g_long_name_of_a_function", "g_long_name_of_a_functioN", "z\u00ff");

    [Fact]
    public void Look_ups_give_each_names_symbols_in_the_order_they_were_added()
    {
        Prop.ForAll(Gen.ArrayOf(Name).ToArbitrary(), names =>
        {
            var builder = new ObjectSymbolsBuilder();
            for (var i = 0; i < names.Length; i++)
            {
                builder.Add(names[i], (ulong)i, 't', 0, i % 5, i % 3 == 0 ? $"f{i % 4}.c" : null);
            }

            var symbols = ObjectSymbols.Open("vmlinux", builder.Build())!;
            foreach (var name in names.Append("missing").Distinct())
            {
                var expected = names.Index().Where(n => n.Item == name).Select(n => ((ulong)n.Index, n.Index % 5, n.Index % 3 == 0 ? $"f{n.Index % 4}.c" : null)).ToList();
                var found = symbols.Find(name);
                Assert.Equal(expected, found.Select(s => (s.Address, s.SectionIndex, s.SourceFile)));
                Assert.Equal(Enumerable.Range(1, expected.Count), found.Select(s => s.Position));
            }

            Assert.Equal(names.Distinct().Where(n => n.StartsWith("f.", StringComparison.Ordinal)).Order(StringComparer.Ordinal), symbols.NamesWithPrefix("f."));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Names_are_sorted_by_their_bytes()
    {
        var random = new Random(7);
        var builder = new ObjectSymbolsBuilder();
        var names = Enumerable.Range(0, 5000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => (char)random.Next('!', 'D')))).ToList();
        names.ForEach(n => builder.Add(n, 0, 't'));
        var symbols = ObjectSymbols.Open("vmlinux", builder.Build())!;
        var sorted = Enumerable.Range(0, symbols.NameCount).Select(i => Encoding.Latin1.GetString(symbols.Name(i)));
        Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), sorted);
    }

    [Fact]
    public void The_edit_distance_is_the_textbooks()
    {
        Prop.ForAll(Gen.ArrayOf(Gen.Elements('a', 'b', 'c')).Two().ToArbitrary(), pair =>
        {
            byte[] a = Encoding.ASCII.GetBytes(pair.Item1), b = Encoding.ASCII.GetBytes(pair.Item2);
            for (var worst = 1; worst <= 4; worst++)
            {
                Assert.Equal(Math.Min(worst + 1, Textbook(a, b)), NearestNames.Distance(a, b, worst));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    /// <summary>Optimal string alignment, the whole table.</summary>
    private static int Textbook(byte[] a, byte[] b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                d[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
