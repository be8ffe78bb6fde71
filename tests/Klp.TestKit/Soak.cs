using System.Globalization;

namespace Klp.TestKit;

/// <summary>How many random rounds a mutation test does: its own number, <c>KLP_SOAK</c> times as many where that is set.</summary>
public static class Soak
{
    /// <summary>The seed of every run; printed with a failure, so that it can be repeated.</summary>
    public const int Seed = 20261120;

    public static int Rounds(int ordinary) =>
        int.TryParse(Environment.GetEnvironmentVariable("KLP_SOAK"), NumberStyles.None, CultureInfo.InvariantCulture, out var times) ? ordinary * Math.Max(1, times) : ordinary;
}
