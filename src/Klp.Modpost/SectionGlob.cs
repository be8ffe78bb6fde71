namespace Klp.Modpost;

/// <summary>Linker-script globs over section names: <c>*</c>, <c>?</c>, <c>[a-z]</c>, as fnmatch without flags.</summary>
public static class SectionGlob
{
    public static bool Matches(string glob, string name)
    {
        // The usual two-pointer walk: on a mismatch go back to the last star and let it eat one more.
        int g = 0, n = 0, star = -1, starName = 0;
        while (n < name.Length)
        {
            if (g < glob.Length && glob[g] == '*')
            {
                (star, starName) = (g++, n);
            }
            else if (g < glob.Length && MatchesOne(glob, g, name[n], out var next))
            {
                (g, n) = (next, n + 1);
            }
            else if (star >= 0)
            {
                (g, n) = (star + 1, ++starName);
            }
            else
            {
                return false;
            }
        }

        return glob.AsSpan(g).IndexOfAnyExcept('*') < 0;
    }

    private static bool MatchesOne(string glob, int at, char c, out int next)
    {
        next = at + 1;
        if (glob[at] != '[')
        {
            return glob[at] == '?' || glob[at] == c;
        }

        var close = glob.IndexOf(']', Math.Min(at + 2, glob.Length));
        if (close < 0)
        {
            return c == '[';
        }

        next = close + 1;
        var set = glob.AsSpan(at + 1, close - at - 1);
        var negated = set[0] is '!' or '^';
        set = negated ? set[1..] : set;
        var found = false;
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                found |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else
            {
                found |= c == set[i];
            }
        }

        return found != negated;
    }
}
