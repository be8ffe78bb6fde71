using Klp.Base;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Kernel;

/// <summary>What a build says of a kernel that is not here.</summary>
public sealed class KernelRequestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_kernel_to_paste_is_the_stores_newest_and_not_the_last_of_the_alphabet()
    {
        Tree("6.1.0-1-amd64");
        Tree("7.0-arm64");
        _folder.Write("aliases/newest", "6.1.0-1-amd64\n");
        Assert.Contains("<TargetKernel>6.1.0-1-amd64</TargetKernel>", Ask("nosuch").Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_is_called_one_and_not_offered_to_be_added()
    {
        Tree("6.1.0-1-amd64");
        var error = Ask("6.*");
        Assert.Contains("a pattern", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("klp kernel add", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_of_the_store_that_lost_its_tree_is_damaged_and_not_missing()
    {
        _folder.Write("6.1.0-1-amd64/kernel.json", "{}");
        _folder.Write("6.1.0-1-amd64/kernel.seal", "5 build/Makefile\n");
        var error = Ask("6.1.0-1-amd64");
        Assert.Equal("KLP0275", error.Id);
        Assert.Contains("klp kernel remove 6.1.0-1-amd64", error.Cure, StringComparison.Ordinal);
    }

    private Diagnostic Ask(string name)
    {
        var diagnostics = new DiagnosticBag();
        Assert.False(new KernelRequest { ProjectFile = "/p/p.klpproj", Name = name, Release = name, Store = _folder.Path, Root = _folder.Combine("machine") }.Check(diagnostics));
        return Assert.Single(diagnostics);
    }

    private void Tree(string release)
    {
        _folder.Write(release + "/build/Makefile", "all:\n");
        _folder.Write(release + "/build/include/generated/utsrelease.h", "");
    }
}
