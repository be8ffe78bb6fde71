using Klp.Base;
using Klp.Store;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>Which packages of a suite a kernel consists of, for this machine and for another.</summary>
public sealed class DebianKernelsTests
{
    private const string Release = "6.1.0-9-s390x";

    private static readonly DebianArchitecture s_amd64 = DebianArchitecture.Find("amd64")!, s_s390x = DebianArchitecture.Find("s390x")!;

    [Fact]
    public void A_kernel_of_another_machine_brings_that_machines_shell_and_this_machines_tools()
    {
        var kernel = Describe(s_amd64, Suite("busybox-static s390x 2", "busybox-static amd64 2"));
        Assert.Equal(
            [$"linux-headers-{Release}:s390x=1", $"linux-image-{Release}:s390x=1", "linux-headers-6.1.0-9-common:all=1", "linux-kbuild-6.1:amd64=1", "busybox-static:s390x=2"],
            kernel.Packages.Select(p => p.AptName));
        Assert.Equal(["gcc-12-s390x-linux-gnu"], kernel.Compilers);
    }

    [Fact]
    public void A_kernel_of_this_machine_is_booted_with_its_shell() =>
        Assert.DoesNotContain(Describe(s_s390x, Suite("linux-kbuild-6.1 s390x 1", "busybox-static s390x 2")).Packages, p => p.Name == "busybox-static");

    [Fact]
    public void A_suite_without_a_shell_has_the_kernel_all_the_same() => Assert.Equal(4, Describe(s_amd64, Suite("busybox-static amd64 2")).Packages.Count);

    private static DebianKernel Describe(DebianArchitecture host, PackageList suite)
    {
        var diagnostics = new DiagnosticBag();
        var kernel = new DebianKernels(suite, host, s_s390x).Describe(Release, diagnostics);
        Assert.Empty(diagnostics);
        return kernel!;
    }

    private static PackageList Suite(params string[] more) => new(
    [
        New($"linux-headers-{Release}", "s390x", "1", "linux-headers-6.1.0-9-common (= 1), linux-kbuild-6.1, gcc-12"), New("linux-headers-6.1.0-9-common", "all", "1"), New($"linux-image-{Release}", "s390x", "1", "kmod"),
        New("linux-kbuild-6.1", "amd64", "1"), .. more.Select(m => m.Split(' ')).Select(m => New(m[0], m[1], m[2])),
    ]);

    private static Package New(string name, string architecture, string version, string depends = "") => new(name, version, architecture, [.. Dependency.Parse(depends)], 0, "");
}
