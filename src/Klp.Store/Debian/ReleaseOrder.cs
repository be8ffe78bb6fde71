namespace Klp.Store;

/// <summary>Older kernels first: numbers by value, <c>~rc</c> before its release; of one version the plain flavour last, so that it counts as the newest.</summary>
public sealed class ReleaseOrder : IComparer<string>
{
    public static ReleaseOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (flavourX, flavourY) = (Flavour(x), Flavour(y));
        var versions = DebianVersion.Order.Compare(Version(x, flavourX), Version(y, flavourY));
        return versions != 0 ? versions : flavourX.Length != flavourY.Length ? flavourY.Length - flavourX.Length : string.CompareOrdinal(x, y);
    }

    private static string Flavour(string? release) => ReleaseName.Parse(release ?? "")?.Flavour ?? "";

    private static string Version(string? release, string flavour) => (release ?? "")[..^flavour.Length].TrimEnd('-');
}
