using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Store;

/// <summary>The store's aliases: one-line files that hold a release. <c>newest</c> and <c>debianNN</c> are kept up here; <c>default</c> and the user's own are set once.</summary>
internal static partial class StoreAliases
{
    public const string Newest = "newest", Default = "default";

    /// <summary>Aliases and what they mean, by name.</summary>
    public static SortedDictionary<string, string> Read(string store)
    {
        var aliases = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var folder = Path.Combine(store, StoreFolder.AliasFolder);
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Where(f => !Path.GetFileName(f).StartsWith('.') && new FileInfo(f).Length > 0) : [])
        {
            try
            {
                aliases[Path.GetFileName(file)] = File.ReadAllText(file).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Removed in this moment, or another user's: no alias of ours.
            }
        }

        return aliases;
    }

    /// <summary>KLP0274 where a word cannot be an alias: it becomes a file's name, and must not be a release or a word with a meaning of its own.</summary>
    public static bool Check(string name, DiagnosticBag diagnostics)
    {
        if (Form().IsMatch(name) && name is not ("running" or Newest) && !Kept().IsMatch(name) && ReleaseName.Parse(name) is null)
        {
            return true;
        }

        diagnostics.Error("KLP0274", SourcePlace.None, $"'{name}' cannot be an alias of a kernel: it is a release, has a meaning of its own, or is no plain word.", "Choose letters, digits, '.', '-' and '_', starting with a letter.");
        return false;
    }

    public static bool Set(string store, string name, string release, DiagnosticBag diagnostics) =>
        SafeFile.WriteText(Path.Combine(store, StoreFolder.AliasFolder, name), release + "\n", diagnostics);

    /// <summary>
    /// Brings the kept aliases in line with what is in the store, and removes those that lead nowhere. Kernels of this machine's architecture come first:
    /// a project that names none of its own must not wake up with a cross build.
    /// </summary>
    public static bool Refresh(string store, DebianArchitecture? host, DiagnosticBag diagnostics)
    {
        var releases = StoreFolder.Releases(store);
        var wanted = Wanted(store, host);
        var good = true;
        foreach (var (name, release) in Read(store))
        {
            if (!wanted.ContainsKey(name) && (name == Newest || !releases.Contains(release)))
            {
                SafeFile.Discard(Path.Combine(store, StoreFolder.AliasFolder, name));
            }
        }

        foreach (var (name, release) in wanted)
        {
            good &= Set(store, name, release, diagnostics);
        }

        return good;
    }

    /// <summary>Whether there is nothing to do for <see cref="Refresh"/> and there is a default: a store that only can be read needs no more.</summary>
    public static bool AreInLine(string store, DebianArchitecture? host)
    {
        var here = Read(store);
        return here.ContainsKey(Default) && Wanted(store, host).All(w => here.GetValueOrDefault(w.Key) == w.Value);
    }

    // No alias of the store's own leads to a damaged kernel while there are others.
    private static Dictionary<string, string> Wanted(string store, DebianArchitecture? host)
    {
        var kernels = StoreFolder.Releases(store).Select(r => StoreEntry.Read(store, r)).Where(k => k.HasTree).ToList();
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Best(kernels, host) is { } newest)
        {
            wanted[Newest] = newest;
        }

        foreach (var release in kernels.Where(k => k.Manifest?.DebianRelease is { Length: > 0 }).GroupBy(k => k.Manifest!.DebianRelease))
        {
            wanted["debian" + release.Key] = Best(release.ToList(), host)!;
        }

        return wanted;
    }

    private static string? Best(List<StoreEntry> kernels, DebianArchitecture? host) =>
        (kernels.FindAll(k => k.Architecture == host?.Kernel) is { Count: > 0 } own ? own : kernels).LastOrDefault()?.Release;

    [GeneratedRegex("^debian[0-9]+$")]
    private static partial Regex Kept();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9._-]{0,62}$")]
    private static partial Regex Form();
}
