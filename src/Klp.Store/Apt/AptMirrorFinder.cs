using Klp.Base;

namespace Klp.Store;

/// <summary>Finds the Debian mirror that apt on this machine is configured with. Reads only; nothing of the machine's apt changes.</summary>
internal static class AptMirrorFinder
{
    private static readonly string[] Keyrings = ["debian-archive-keyring.gpg", "debian-archive-keyring.pgp"];

    /// <returns>Null with KLP0264 where apt is not there or knows no Debian archive.</returns>
    public static async Task<AptMirror?> FindAsync(StoreContext context, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var command = new AptCommand(context, null);
        if (await command.RunAsync("apt-get", ["indextargets", "--format", "$(REPO_URI)|$(RELEASE)|$(ORIGIN)", "Created-By: Packages"], diagnostics, cancellation).ConfigureAwait(false) is not { } result)
        {
            return null;
        }

        // apt tells only of archives whose lists it has read; whose the others are, only their address says.
        var debian = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('|')).Where(p => p is [_, _, "Debian"]).Select(p => (Uri: p[0].TrimEnd('/'), Suite: p[1]))
            .Concat(AptSourceFiles.Read(context.Root).Where(s => s.Uri.Split('/')[^1].StartsWith("debian", StringComparison.Ordinal))).ToList();
        var archive = debian.Find(s => !s.Suite.Contains('-', StringComparison.Ordinal) && !s.Suite.Contains('/', StringComparison.Ordinal));
        if (archive.Uri is null)
        {
            diagnostics.Error(
                "KLP0264", SourcePlace.None, "apt on this machine is configured with no Debian archive, so Debian's kernels cannot be looked up.",
                "Give package files instead: klp kernel add linux-image….deb linux-headers….deb …");
            return null;
        }

        var security = debian.Find(s => s.Suite.EndsWith("-security", StringComparison.Ordinal)).Uri;
        var keyring = Keyrings.Select(k => $"{context.Root}/usr/share/keyrings/{k}").FirstOrDefault(File.Exists);
        return new AptMirror(archive.Uri, security, keyring, archive.Suite);
    }
}
