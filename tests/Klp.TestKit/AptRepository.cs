using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Klp.TestKit;

/// <summary>A Debian archive on disk, signed with a key made for it: what apt fetches from it, it checks like any other.</summary>
public sealed class AptRepository : IDisposable
{
    private readonly TemporaryFolder _folder = new("apt");
    private readonly string _suite;

    // Its agent's socket must have a short path, and the folder be nobody else's.
    private readonly string _gpg = Directory.CreateTempSubdirectory("klp-gpg-").FullName;

    public AptRepository(string suite = "bookworm")
    {
        _suite = suite;
        Gpg("--quick-gen-key", "--passphrase", "", "archive@example.org", "ed25519", "sign", "never");
        Gpg("--output", Keyring, "--export");
    }

    /// <summary>URI of the archive.</summary>
    public string Uri => "file:" + _folder.Combine("archive");

    public string Suite => _suite;

    /// <summary>The keys that sign it.</summary>
    public string Keyring => _folder.Combine("keys.gpg");

    /// <summary>Path of a package's file in the archive.</summary>
    public string FileOf(string name) => _folder.Combine("archive", "pool", name);

    /// <summary>Writes kernels into the archive and signs its lists anew.</summary>
    public void Publish(params IEnumerable<SmallKernel> kernels)
    {
        var packages = new StringBuilder();
        foreach (var (name, control, content) in kernels.SelectMany(k => k.Packages()))
        {
            _folder.Write(Path.Combine("archive", "pool", name), content);
            packages.Append(control).Append(CultureInfo.InvariantCulture, $"Filename: pool/{name}\nSize: {content.Length}\nSHA256: {Sha256(content)}\n\n");
        }

        var list = Encoding.UTF8.GetBytes(packages.ToString());
        var path = $"main/binary-{SmallKernel.Architecture}/Packages";
        _folder.Write(Path.Combine("archive", "dists", _suite, path), list);
        var release = _folder.Write("Release", string.Create(CultureInfo.InvariantCulture, $"""
            Origin: Debian
            Suite: {_suite}
            Codename: {_suite}
            Version: 12.9
            Date: {DateTime.UtcNow:R}
            Architectures: {SmallKernel.Architecture}
            Components: main
            SHA256:
             {Sha256(list)} {list.Length} {path}

            """));
        File.Delete(_folder.Combine("archive", "dists", _suite, "InRelease"));
        Gpg("--output", _folder.Combine("archive", "dists", _suite, "InRelease"), "--clearsign", release);
    }

    public void Dispose()
    {
        // The key's agent ends with its folder.
        Directory.Delete(_gpg, recursive: true);
        _folder.Dispose();
    }

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private void Gpg(params string[] words)
    {
        using var gpg = Process.Start(new ProcessStartInfo("gpg", ["--homedir", _gpg, "--batch", "--yes", "--pinentry-mode", "loopback", .. words]) { RedirectStandardError = true })!;
        var said = gpg.StandardError.ReadToEnd();
        gpg.WaitForExit();
        if (gpg.ExitCode != 0)
        {
            throw new InvalidOperationException($"gpg failed (apt install gpg gpg-agent): {said}");
        }
    }
}
