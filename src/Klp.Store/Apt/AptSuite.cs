using System.Text;
using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Store;

/// <summary>
/// One suite of a mirror for one architecture (and this machine's), in a state folder of its own: lists, cache and foreign architecture are only there.
/// Signatures and hashes are apt's to check.
/// </summary>
internal sealed partial class AptSuite
{
    // A day; who asks for a kernel that is not in the lists has them read again sooner.
    private static readonly TimeSpan ListsAreGood = TimeSpan.FromDays(1);

    private static readonly string[] WithoutSecurity = ["sid", "unstable", "experimental", "rc-buggy"];

    private readonly StoreContext _context;
    private readonly AptCommand _command;
    private readonly string _state;

    private AptSuite(StoreContext context, AptMirror mirror, string suite, string state)
    {
        (_context, Mirror, Suite, _state) = (context, mirror, suite, state);
        _command = new AptCommand(context, Path.Combine(state, "apt.conf"));
    }

    public AptMirror Mirror { get; }

    public string Suite { get; }

    /// <summary>The main number of the Debian release, such as <c>12</c>; null for suites that are none.</summary>
    public string? DebianRelease { get; private set; }

    /// <summary>Whether the lists were read from the archive by this object, so that reading them again would bring nothing.</summary>
    public bool IsFresh { get; private set; }

    private string Updated => Path.Combine(_state, "updated");

    /// <summary>Writes the state folder; null with KLP0262 where the store cannot be written.</summary>
    public static AptSuite? Open(StoreContext context, AptMirror mirror, string suite, DebianArchitecture target, DebianArchitecture host, DiagnosticBag diagnostics)
    {
        // Both become words of apt's files, the suite a folder's name too.
        if (!SuiteName().IsMatch(suite) || mirror.Archive.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            diagnostics.Error("KLP0265", SourcePlace.None, $"'{suite}' of '{mirror.Archive}' is no suite of a Debian archive.", "Name a suite by one word, such as trixie or sid (--suite), and the archive by its address without blanks (--mirror).");
            return null;
        }

        var sources = Sources(mirror, suite, target, host);
        var state = Path.Combine(context.Directory, StoreFolder.AptFolder, $"{suite}-{target.Debian}-{Digest.OfText(sources)[..8]}");
        try
        {
            foreach (var folder in new[] { "lists/partial", "cache/archives/partial", "debs" })
            {
                Directory.CreateDirectory(Path.Combine(state, folder));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StoreFolder.ReportUnusable(context.Directory, e, diagnostics);
            return null;
        }

        var written = SafeFile.WriteText(Path.Combine(state, "sources.list"), sources, diagnostics)
            && SafeFile.WriteText(Path.Combine(state, "status"), "", diagnostics)
            && SafeFile.WriteText(Path.Combine(state, "apt.conf"), Configuration(state, target, host), diagnostics);
        return written ? new AptSuite(context, mirror, suite, state) : null;
    }

    /// <summary>Reads the archive's lists where ours are old, or at once; false with KLP0265 and apt's words.</summary>
    public async Task<bool> UpdateAsync(bool now, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (!now && File.Exists(Updated) && (DateTime.UtcNow - File.GetLastWriteTimeUtc(Updated)).Duration() < ListsAreGood)
        {
            return true;
        }

        var step = $"Reading Debian {Suite}'s lists of packages";
        _context.Say(step);
        if (await _command.RunAsync("apt-get", ["update", "-q"], diagnostics, cancellation, onPercent: p => _context.OnProgress?.Invoke(new StoreProgress(step, p, 100))).ConfigureAwait(false) is not { } result)
        {
            return false;
        }

        // apt goes on with old lists after some failures and calls them warnings; a signature that does not hold is one.
        var complaints = AptCommand.Complaints(result);
        if (result.ExitCode != 0 || complaints.Any(c => c.StartsWith("Err:", StringComparison.Ordinal) || c.Contains("not signed", StringComparison.Ordinal)))
        {
            if (IsOnlySecurityOutOfStep(complaints))
            {
                diagnostics.Warning("KLP0282", new SourcePlace(Mirror.Security), $"The security archive's lists for Debian {Suite} cannot be read, so its newer kernels are not known here.", "Try again later; the lines below are apt's own.", complaints);
            }
            else
            {
                SafeFile.Discard(Updated);
                diagnostics.Error(
                    "KLP0265", Mirror.Archive, $"The lists of packages of Debian {Suite} cannot be read, or their signature does not hold.",
                    "The lines below are apt's own. Check the network and the suite's name; the store is as it was.", complaints);
                return false;
            }
        }

        IsFresh = true;
        return SafeFile.WriteText(Updated, DateTime.UtcNow.ToString("O"), diagnostics, keepEqual: false);
    }

    /// <summary>The suite's packages that can matter for kernels; null where the lists cannot be read.</summary>
    public async Task<PackageList?> ReadAsync(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (await _command.RunAsync("apt-get", ["indextargets", "--format", "$(FILENAME)|$(VERSION)", "Created-By: Packages"], diagnostics, cancellation).ConfigureAwait(false) is not { } result)
        {
            return null;
        }

        var packages = new List<Package>();
        foreach (var parts in result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('|')))
        {
            DebianRelease ??= char.IsAsciiDigit(parts[^1].FirstOrDefault()) ? string.Concat(parts[^1].TakeWhile(char.IsAsciiDigit)) : null;
            if (Text(parts[0], diagnostics) is not { } text)
            {
                return null;
            }

            packages.AddRange(ControlFile.Read(text, n => n.StartsWith("linux-", StringComparison.Ordinal) || n == DebianKernels.Shell || DebianKernels.IsLibrary(n)).Select(Package.From).OfType<Package>());
        }

        return new PackageList(packages);
    }

    /// <summary>
    /// Fetches packages, checked by apt against the signed lists, and again by us. What was fetched before an interruption is not fetched again.
    /// </summary>
    /// <returns>The files, in the order of the packages; null with KLP0266 and apt's words.</returns>
    public async Task<IReadOnlyList<string>?> DownloadAsync(IReadOnlyList<Package> packages, string step, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var missing = packages.Where(p => !IsHere(p)).ToList();
        if (missing.Count > 0)
        {
            // What an interrupted call left is gone on with; where that does not lead to the right file it is fetched anew.
            var wasCutOff = missing.Exists(p => File.Exists(FileOf(p)));
            var result = await FetchAsync(missing, step, diagnostics, cancellation).ConfigureAwait(false);
            if (wasCutOff && result is not null && missing.FindAll(p => !IsHere(p)) is { Count: > 0 } still)
            {
                Discard(still);
                result = await FetchAsync(still, step, diagnostics, cancellation).ConfigureAwait(false);
            }

            if (result is null)
            {
                return null;
            }

            if (result.ExitCode != 0 || missing.Find(p => !IsHere(p)) is not null)
            {
                var complaints = AptCommand.Complaints(result);
                diagnostics.Error(
                    "KLP0266", Mirror.Archive, $"The packages cannot be fetched: {Reason(complaints, missing.Where(p => !IsHere(p)))}.",
                    "Try again: what is here already is not fetched again. The store is as it was.", complaints);
                return null;
            }
        }

        return [.. packages.Select(FileOf)];
    }

    private Task<ProcessResult?> FetchAsync(IReadOnlyList<Package> packages, string step, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        _context.Say(step);
        return _command.RunAsync(
            "apt-get", ["download", "-q", .. packages.Select(p => p.AptName)], diagnostics, cancellation, Path.Combine(_state, "debs"), p => _context.OnProgress?.Invoke(new StoreProgress(step, p, 100)));
    }

    /// <summary>Removes fetched packages, once the kernel is in the store.</summary>
    public void Discard(IEnumerable<Package> packages)
    {
        foreach (var package in packages)
        {
            SafeFile.Discard(FileOf(package));
        }
    }

    // A mirror that is being synchronised. What apt could not check it does not use; only the main archive must be whole.
    private bool IsOnlySecurityOutOfStep(string[] complaints) =>
        Mirror.Security is { } security && complaints.Any(c => c.Contains(security, StringComparison.Ordinal)) && complaints.All(c =>
            (c.Contains(security, StringComparison.Ordinal) && !c.Contains("signed", StringComparison.Ordinal) && !c.Contains("signature", StringComparison.Ordinal))
            || c.StartsWith("E: Some index files failed", StringComparison.Ordinal));

    private static string Reason(string[] complaints, IEnumerable<Package> missing) =>
        complaints.Any(c => c.Contains("Hash Sum mismatch", StringComparison.Ordinal) || c.Contains("unexpected size", StringComparison.Ordinal))
            ? "what the archive sends is not what its signed list names; the archive has changed in between, or its copy is damaged"
            : complaints.Any(c => c.Contains("No space left", StringComparison.Ordinal) || c.Contains("enough free space", StringComparison.Ordinal)) ? "no space is left on the device"
            : string.Join(", ", missing.Select(p => p.Name)) is { Length: > 0 } names ? names + " did not come" : "apt failed";

    private bool IsHere(Package package) => Digest.OfFile(FileOf(package)) == package.Sha256;

    // apt escapes the colon of an epoch in the names of files.
    private string FileOf(Package package) => Path.Combine(_state, "debs", $"{package.Name}_{package.Version.Replace(":", "%3a", StringComparison.Ordinal)}_{package.Architecture}.deb");

    private static string? Text(string file, DiagnosticBag diagnostics)
    {
        if (SafeFile.Read(file, diagnostics) is not { } bytes)
        {
            return null;
        }

        return Decompressor.Sniff(bytes) == CompressionFormat.None
            ? Encoding.UTF8.GetString(bytes)
            : Decompressor.Decompress(bytes, file, Decompressor.ReasonableLimit(bytes.Length), diagnostics) is { } text ? Encoding.UTF8.GetString(text.Bytes.Span) : null;
    }

    private static string Sources(AptMirror mirror, string suite, DebianArchitecture target, DebianArchitecture host)
    {
        var release = suite.Split('-')[0];
        var architectures = string.Join(',', new[] { host.Debian, target.Debian }.Distinct());
        var options = $"[arch={architectures}{(mirror.Keyring is null ? "" : " signed-by=" + mirror.Keyring)}]";
        var lines = new List<string> { $"deb {options} {mirror.Archive} {suite} main" };
        if (release != suite)
        {
            lines.Add($"deb {options} {mirror.Archive} {release} main");
        }

        if (suite == "experimental")
        {
            lines.Add($"deb {options} {mirror.Archive} unstable main");
        }

        if (mirror.Security is not null && !WithoutSecurity.Contains(release))
        {
            lines.Add($"deb {options} {mirror.Security} {release}-security main");
        }

        return string.Join('\n', lines.Distinct()) + "\n";
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9.~_-]*$")]
    private static partial Regex SuiteName();

    /// <summary>
    /// The machine's hooks are cleared: some remove its caches after every update. A change of a suite's name (stable becomes oldstable) is no
    /// question here, since the signature is checked all the same.
    /// </summary>
    private static string Configuration(string state, DebianArchitecture target, DebianArchitecture host) => $"""
        #clear APT::Architectures;
        #clear APT::Update::Post-Invoke;
        #clear APT::Update::Post-Invoke-Success;
        APT::Architecture "{host.Debian}";
        APT::Architectures:: "{host.Debian}";
        APT::Architectures:: "{target.Debian}";
        APT::Sandbox::User "root";
        APT::Status-Fd "2";
        Dir::Etc::sourcelist "{state}/sources.list";
        Dir::Etc::sourceparts "-";
        Dir::State "{state}";
        Dir::State::lists "{state}/lists";
        Dir::State::status "{state}/status";
        Dir::Cache "{state}/cache";
        Dir::Cache::archives "{state}/cache/archives";
        Acquire::Languages "none";
        Acquire::AllowReleaseInfoChange "true";
        Acquire::Retries "2";
        Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
        Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
        Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
        Acquire::IndexTargets::deb::DEP-11-icons-hidpi::DefaultEnabled "false";
        Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";

        """;
}
