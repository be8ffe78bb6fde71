using Klp.Store;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>Which archive apt is configured with, where it has read no lists yet.</summary>
public sealed class AptSourceTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Both_forms_of_source_files_are_read()
    {
        _root.Write("etc/apt/sources.list", "# deb http://old/debian sarge main\ndeb [arch=amd64 signed-by=/k] http://mirror/debian/ bookworm main contrib\ndeb-src http://mirror/debian bookworm main\n");
        _root.Write("etc/apt/sources.list.d/debian.sources", "Types: deb deb-src\n# a comment\nURIs: http://deb/debian\nSuites: trixie trixie-updates\nComponents: main\n\nTypes: deb\nURIs: http://deb/debian-security\nSuites: trixie-security\nEnabled: no\n");
        _root.Write("etc/apt/sources.list.d/debian.sources.bak", "Types: deb\nURIs: http://bak/debian\nSuites: x\n");

        Assert.Equal([("http://mirror/debian", "bookworm"), ("http://deb/debian", "trixie"), ("http://deb/debian", "trixie-updates")], AptSourceFiles.Read(_root.Path));
    }

    [Fact]
    public async Task A_security_archive_whose_lists_apt_has_not_read_is_known_too()
    {
        using var archive = new AptRepository();
        archive.Publish(new SmallKernel());
        var sources = _root.Write("etc/apt/sources.list", $"deb [signed-by={archive.Keyring}] {archive.Uri} {archive.Suite} main\n");
        Directory.CreateDirectory(_root.Combine("lists", "partial"));
        var configuration = _root.Write("apt.conf", $"""
            Dir::Etc::sourcelist "{sources}"; Dir::Etc::sourceparts "-"; Dir::State::lists "{_root.Combine("lists")}"; Dir::Cache "{_root.Path}"; APT::Sandbox::User "";
            """);
        var environment = CleanEnvironment.Create(("APT_CONFIG", configuration));
        CCompiler.Run("env", "/", "APT_CONFIG=" + configuration, "apt-get", "update");
        File.AppendAllText(sources, "deb http://mirror/debian-security bookworm-security main\n");

        var found = await AptMirrorFinder.FindAsync(new StoreContext(_root.Path, environment) { Root = _root.Path }, [], CancellationToken.None);

        Assert.Equal((archive.Uri, "http://mirror/debian-security", archive.Suite), (found!.Archive, found.Security, found.Suite));
    }

    [Theory]
    [InlineData("newest", "bookworm")]
    [InlineData("6.12.117+deb12-amd64", "trixie bookworm oldstable stable testing unstable")]
    [InlineData("7.2.13+deb14-amd64", "trixie forky unstable oldstable stable testing")]
    [InlineData("6.1", "trixie oldstable stable testing unstable")]
    public void A_kernel_is_looked_for_where_it_is_likely_first(string word, string expected) =>
        Assert.Equal(expected, string.Join(' ', AptSuites.ToSearch(word == "newest" ? "bookworm" : "trixie", word)));
}
