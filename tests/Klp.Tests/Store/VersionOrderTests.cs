using System.Diagnostics;
using Klp.Store;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>Which version is newer: dpkg is the judge of packages, the kernels' own habits of releases.</summary>
public sealed class VersionOrderTests
{
    private static readonly string[] Versions =
    [
        "6.1.192-2", "6.1.192-10", "6.1.9-1", "6.12~rc6-1~exp1", "6.12-1", "6.12.117-1~bpo12+1", "6.12.117-1", "1:1.3.1-1", "1:1.2.3.4", "2.36-9+deb12u14", "2.36-9", "0", "7.2.13+deb14-1", "7.2.13-1", "3.0~", "3.0a", "3.0+",
    ];

    [Fact]
    public void Packages_are_ordered_as_dpkg_orders_them()
    {
        // One dpkg for all pairs.
        var pairs = Versions.SelectMany(a => Versions.Select(b => (a, b))).ToArray();
        var script = string.Concat(pairs.Select(p => $"dpkg --compare-versions '{p.a}' lt '{p.b}' && echo -1 || {{ dpkg --compare-versions '{p.a}' eq '{p.b}' && echo 0 || echo 1; }}\n"));
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true })!;
        var dpkg = shell.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        shell.WaitForExit();

        Assert.Equal(pairs.Zip(dpkg, (p, said) => $"{p.a} {p.b} {said}"), pairs.Select(p => $"{p.a} {p.b} {Math.Sign(DebianVersion.Order.Compare(p.a, p.b))}"));
    }

    [Fact]
    public void Kernels_are_ordered_by_version_and_the_plain_flavour_is_the_newest_of_one_version()
    {
        string[] ordered = ["5.10.0-28-amd64", "6.1.0-9-amd64", "6.1.0-56-cloud-amd64", "6.1.0-56-rt-amd64", "6.1.0-56-amd64", "6.12~rc6-amd64", "6.12.9+deb12-amd64", "6.12.117+deb12-amd64", "7.2.13+deb14-amd64"];
        Assert.Equal(ordered, ordered.Reverse().Order(ReleaseOrder.Instance));
    }

    [Theory]
    [InlineData("6.1.0-56-cloud-amd64", "6.1", "cloud-amd64")]
    [InlineData("6.1.0-0.deb11.13-amd64", "6.1", "amd64")]
    [InlineData("7.2.13+deb14-arm64-16k", "7.2", "arm64-16k")]
    [InlineData("6.12~rc6-amd64", "6.12", "amd64")]
    [InlineData("6.12.0", "6.12", "")]
    public void A_release_is_version_and_flavour(string release, string series, string flavour) =>
        Assert.Equal(new ReleaseName(release, series, flavour), ReleaseName.Parse(release));
}
