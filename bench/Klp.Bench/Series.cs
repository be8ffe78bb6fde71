namespace Klp.Bench;

/// <summary>The times of one command over all rounds, in seconds.</summary>
internal sealed record Series(string Name, List<double> Seconds)
{
    public double Median => Seconds.Order().ElementAt(Seconds.Count / 2);

    public double Minimum => Seconds.Min();
}
