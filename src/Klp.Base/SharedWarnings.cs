namespace Klp.Base;

/// <summary>Warnings of several kernels as one list: what is the same on several of them is said once, with the kernels it holds for.</summary>
public static class SharedWarnings
{
    /// <param name="said">What was said on which kernel, in the order it was said. The same twice on one kernel counts once.</param>
    /// <param name="kernels">How many kernels there are.</param>
    /// <returns>In the order of the first mention. Notes are the first kernel's: they may name its own headers.</returns>
    public static IReadOnlyList<Diagnostic> Merge(IEnumerable<(string Kernel, Diagnostic Diagnostic)> said, int kernels)
    {
        var merged = new List<(Diagnostic First, List<string> Kernels)>();
        var known = new Dictionary<Diagnostic, int>();
        foreach (var (kernel, diagnostic) in said)
        {
            var key = diagnostic with { Notes = null };
            if (!known.TryGetValue(key, out var index))
            {
                known[key] = index = merged.Count;
                merged.Add((diagnostic, []));
            }

            if (!merged[index].Kernels.Contains(kernel))
            {
                merged[index].Kernels.Add(kernel);
            }
        }

        return [.. merged.Select(m => With(m.First, m.Kernels, kernels))];
    }

    private static Diagnostic With(Diagnostic diagnostic, List<string> on, int kernels)
    {
        var where = on.Count == kernels && kernels > 3 ? $"(on all {kernels} kernels)" : $"(on {string.Join(", ", on)})";
        return diagnostic with { Cure = diagnostic.Cure is { Length: > 0 } cure ? $"{cure} {where}" : where };
    }
}
