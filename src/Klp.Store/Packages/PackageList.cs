namespace Klp.Store;

/// <summary>The packages of a suite that can matter for kernels, by name.</summary>
public sealed class PackageList(IEnumerable<Package> packages)
{
    private readonly ILookup<string, Package> _byName = packages.ToLookup(p => p.Name, StringComparer.Ordinal);

    public IEnumerable<string> Names => _byName.Select(g => g.Key);

    /// <summary>The newest package of a name for an architecture (or for all), of exactly one version where one is asked for.</summary>
    public Package? Find(string name, string architecture, string? version = null) =>
        _byName[name].Where(p => (p.Architecture == architecture || p.Architecture == "all") && (version is null || p.Version == version)).MaxBy(p => p.Version, DebianVersion.Order);

    /// <summary>The first of some alternatives that is here.</summary>
    public Package? Find(IReadOnlyList<Dependency> alternatives, string architecture) =>
        alternatives.Select(d => Find(d.Name, architecture, d.ExactVersion)).FirstOrDefault(p => p is not null);
}
