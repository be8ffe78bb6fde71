using System.Globalization;

namespace Klp.TestKit;

/// <summary>
/// How many random rounds a test does: its own number; ten times as many in the whole run (<c>eng/test.sh --all</c>), where it says no other factor;
/// <c>KLP_SOAK</c> times as many where that is set (<c>--soak N</c>).
/// </summary>
public static class Soak
{
    /// <summary>The seed of every run; printed with a failure, so that it can be repeated.</summary>
    public const int Seed = 20261120;

    /// <summary>Whether somebody asked for more rounds than the runs have: those are other ones each time.</summary>
    public static bool IsWished => Wished > 0;

    private static int Wished => int.TryParse(Environment.GetEnvironmentVariable("KLP_SOAK"), NumberStyles.None, CultureInfo.InvariantCulture, out var times) ? times : 0;

    public static int Rounds(int ordinary, int whole = 10) => ordinary * (IsWished ? Wished : Tier.IsWhole ? whole : 1);
}
