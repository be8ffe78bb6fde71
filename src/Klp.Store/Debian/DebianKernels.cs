using Klp.Base;

namespace Klp.Store;

/// <summary>The kernels of a suite: finds them in its list of packages and says what each consists of.</summary>
/// <param name="host">Of the machine that will build.</param>
/// <param name="target">Of the kernels.</param>
public sealed class DebianKernels(PackageList packages, DebianArchitecture host, DebianArchitecture target)
{
    /// <summary>The user space of a virtual machine that boots the kernel; for this machine's own kernels that of this machine serves.</summary>
    internal const string Shell = "busybox-static";

    private const string Headers = "linux-headers-";

    /// <summary>Every release whose headers are there whole, oldest first. A meta package (<c>linux-headers-amd64</c>) names no common half.</summary>
    public IReadOnlyList<string> Releases { get; } =
    [
        .. packages.Names.Where(n => n.StartsWith(Headers, StringComparison.Ordinal)).Where(n => Common(packages.Find(n, target.Debian)) is not null && packages.Find(n, target.Debian) is { } headers
            && headers.Architecture == target.Debian).Select(n => n[Headers.Length..]).Where(r => ReleaseName.Parse(r) is not null && Image(packages, r, target) is not null).Order(ReleaseOrder.Instance),
    ];

    /// <summary>What a word of the user's means here: a release, a series such as <c>6.1</c>, or <c>newest</c>; null where nothing fits.</summary>
    public string? Find(string word, string? flavour) => word switch
    {
        "newest" => Releases.LastOrDefault(r => Fits(r, flavour)),
        _ when Releases.Contains(word) => word,
        _ => Releases.LastOrDefault(r => ReleaseName.Parse(r)!.Series == word && Fits(r, flavour)),
    };

    /// <summary>The packages of a release; null with KLP0270 where the archive lacks one.</summary>
    public DebianKernel? Describe(string release, DiagnosticBag diagnostics)
    {
        var before = diagnostics.Count;
        var headers = packages.Find(Headers + release, target.Debian)!;
        var names = new List<Package> { headers, Image(packages, release, target)! };
        names.AddRange(Chosen(headers, target, n => n.StartsWith("linux-base-" + release, StringComparison.Ordinal), diagnostics));
        names.AddRange(Chosen(names[1], target, n => n.StartsWith("linux-", StringComparison.Ordinal) && n.Contains("-" + release, StringComparison.Ordinal), diagnostics));
        names.AddRange(Chosen(headers, target, n => n.StartsWith(Headers, StringComparison.Ordinal), diagnostics));
        var tools = Chosen(headers, host, n => n.StartsWith("linux-kbuild-", StringComparison.Ordinal), diagnostics).ToList();
        names.AddRange(tools);
        if (tools.Count == 0 && diagnostics.Count == before)
        {
            diagnostics.Error("KLP0270", headers.Name, $"{headers.Name} names no linux-kbuild package, so the kernel's build tools cannot be found.", "Try another suite (--suite).");
        }

        // A suite without it is no reason not to build: the boot says what it misses (KLP0860).
        if (target != host && packages.Find(Shell, target.Debian) is { } shell)
        {
            names.Add(shell);
        }

        return diagnostics.Count > before
            ? null
            : new DebianKernel(release, target, [.. names.DistinctBy(p => p.AptName)], Libraries(tools), Compilers(headers), BuildPackages(tools));
    }

    private bool Fits(string release, string? flavour) => ReleaseName.Parse(release)!.IsFlavour(flavour ?? target.Flavour, target.Flavour);

    private static Dependency? Common(Package? headers) =>
        headers?.Depends.SelectMany(d => d).FirstOrDefault(d => d.Name.StartsWith(Headers, StringComparison.Ordinal) && (d.Name.EndsWith("-common", StringComparison.Ordinal) || d.Name.EndsWith("-common-rt", StringComparison.Ordinal)));

    // The signed image where there is one: it is what machines run, and its bytes are the unsigned one's.
    private static Package? Image(PackageList packages, string release, DebianArchitecture target) =>
        packages.Find("linux-image-" + release, target.Debian) ?? packages.Find($"linux-image-{release}-unsigned", target.Debian);

    private IEnumerable<Package> Chosen(Package of, DebianArchitecture architecture, Func<string, bool> wanted, DiagnosticBag diagnostics)
    {
        foreach (var alternatives in of.Depends.Where(d => d.Any(a => wanted(a.Name))))
        {
            if (packages.Find(alternatives, architecture.Debian) is { } found)
            {
                yield return found;
                continue;
            }

            var name = string.Join(" or ", alternatives.Select(a => a.ExactVersion is null ? a.Name : $"{a.Name} {a.ExactVersion}"));
            diagnostics.Error("KLP0270", of.Name, $"{of.Name} {of.Version} needs {name} for {architecture.Debian}, which this suite does not have.", "Its packages are of different days; try again later, or another release.");
        }
    }

    /// <summary>What the tools are linked against, and what that is linked against: everything of the suite whose name is a library's.</summary>
    private List<Package> Libraries(List<Package> tools)
    {
        var found = new Dictionary<string, Package>(StringComparer.Ordinal);
        var left = new Stack<Package>(tools);
        while (left.TryPop(out var package))
        {
            foreach (var alternatives in package.Depends)
            {
                if (packages.Find(alternatives, host.Debian) is { } library && IsLibrary(library.Name) && found.TryAdd(library.Name, library))
                {
                    left.Push(library);
                }
            }
        }

        return [.. found.Values.OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    internal static bool IsLibrary(string name) => (name.StartsWith("lib", StringComparison.Ordinal) && !name.EndsWith("-dev", StringComparison.Ordinal) && !name.EndsWith("-bin", StringComparison.Ordinal)) || name == "zlib1g";

    /// <summary>gcc-12 itself, or what linux-compiler-gcc-12-x86 names; <c>-for-host</c> packages stand for the architecture's compiler of that version.</summary>
    private string[] Compilers(Package headers)
    {
        var named = headers.Depends.SelectMany(d => d).Select(d => d.Name).ToList();
        var behind = named.Where(n => n.StartsWith("linux-compiler-", StringComparison.Ordinal)).SelectMany(n => packages.Find(n, target.Debian)?.Depends.SelectMany(d => d).Select(d => d.Name) ?? []);
        var version = named.Concat(behind).Where(n => n.StartsWith("gcc-", StringComparison.Ordinal)).Select(n => n.Split('-')[1]).Distinct();
        return [.. version.Select(v => target == host ? $"gcc-{v}" : $"gcc-{v}-{target.CrossPrefix}")];
    }

    private static string[] BuildPackages(List<Package> tools) =>
        [.. tools.SelectMany(t => t.Depends).SelectMany(d => d.Take(1)).Select(d => d.Name).Where(n => !n.StartsWith("linux-", StringComparison.Ordinal) && n != "libc6").Distinct()];
}
