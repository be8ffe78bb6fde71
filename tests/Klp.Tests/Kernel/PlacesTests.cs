using Klp.Base;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Kernel;

/// <summary>Where trees lie, what names mean, which overrides are taken.</summary>
public sealed class PlacesTests
{
    [Theory]
    [InlineData("", "6.1.0-1-amd64", true)]
    [InlineData("6.1.*", "6.1.0-1-amd64", true)]
    [InlineData("6.1.*", "6.12.0-1-amd64", false)]
    [InlineData("6.1.*; 6.12.*", "6.12.0-1-amd64", true)]
    [InlineData("!*-rt-*", "6.1.0-1-amd64", true)]
    [InlineData("!*-rt-*", "6.1.0-1-rt-amd64", false)]
    [InlineData("6.1.*;!*-rt-*", "6.1.0-1-rt-amd64", false)]
    [InlineData("!6.1.*;!6.12.*", "6.6.0", true)]
    public void A_pattern_is_a_list_of_wildcards_in_which_a_mark_excludes(string patterns, string release, bool matches) =>
        Assert.Equal(matches, KernelPattern.Matches(patterns, release));

    [Fact]
    public void A_rule_that_a_distribution_backported_can_be_named()
    {
        var diagnostics = new DiagnosticBag();

        var rules = LoaderRulesOverride.Apply(LoaderRules.For("5.4.0-1"), "EarlyVmlinuxRelocations=true; maximumsymbolname=511", "p", diagnostics);

        Assert.Empty(diagnostics);
        Assert.True(rules!.EarlyVmlinuxRelocations);
        Assert.Equal(511, rules.MaximumSymbolName);
    }

    [Fact]
    public void Every_word_that_is_no_rule_is_said()
    {
        var diagnostics = new DiagnosticBag();

        Assert.Null(LoaderRulesOverride.Apply(LoaderRules.For("6.1"), "Nonsense=1;EarlyVmlinuxRelocations=perhaps;UsesArchSections", "p", diagnostics));

        Assert.Equal(["KLP0029", "KLP0029", "KLP0029"], diagnostics.Select(d => d.Id));
    }

    [Theory]
    [InlineData("fix-cve_2026", true)]
    [InlineData("my fix", false)]
    [InlineData("grün", false)]
    [InlineData("a.b", false)]
    [InlineData("", false)]
    [InlineData("a23456789012345678901234567890123456789012345678901234567", false)]
    public void A_module_is_called_what_the_kernel_can_call_it(string name, bool good) => Assert.Equal(good, ModuleName.Check(name, "p", new DiagnosticBag()));

    [Fact]
    public void Trees_are_found_where_distributions_put_them_and_what_is_none_is_not()
    {
        using var root = new TemporaryFolder();
        foreach (var folder in new[] { "store/6.1.0-a/build", "root/lib/modules/6.1.0-b/build", "root/usr/src/linux-headers-6.1.0-c", "root/usr/src/kernels/6.1.0-d", "root/usr/src/linux-headers-6.1.0-b" })
        {
            root.Write(folder + "/Makefile", "");
            root.Write(folder + "/include/generated/utsrelease.h", "");
        }

        root.Write("root/usr/src/linux-headers-6.1.0-common/Makefile", "");
        root.Write("root/lib/modules/6.1.0-e/modules.dep", "");

        var found = KernelPlaces.Find(root.Path + "/store", root.Path + "/root");

        Assert.Equal(["6.1.0-a", "6.1.0-b", "6.1.0-c", "6.1.0-d"], found.Select(p => p.Release));
        Assert.EndsWith("lib/modules/6.1.0-b/build", found[1].BuildDirectory, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ID=debian", "apt install linux-headers-6.1.0-1")]
    [InlineData("ID=linuxmint\nID_LIKE=\"ubuntu debian\"", "apt install linux-headers-6.1.0-1")]
    [InlineData("ID=\"rhel\"", "dnf install kernel-devel-6.1.0-1")]
    [InlineData("ID=gentoo", "KlpKernelBuildDirectory")]
    public void The_package_is_named_in_the_distributions_own_words(string release, string expected)
    {
        using var root = new TemporaryFolder();
        root.Write("etc/os-release", release + "\n");

        Assert.Contains(expected, InstallHint.ForHeaders("6.1.0-1", root.Path), StringComparison.Ordinal);
    }
}
