using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>A kernel's name becomes a release, a tree, an image and modules during evaluation. The machine is a made-up one: a folder in the place of <c>/</c>.</summary>
public sealed class KernelNameTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Without_a_name_the_running_kernel_is_taken_if_its_tree_is_here()
    {
        Running("6.1.0-1-amd64");
        Tree("lib/modules/6.1.0-1-amd64/build", "6.1.0-1-amd64");
        Tree("usr/src/linux-headers-6.12.0-9-amd64", "6.12.0-9-amd64");
        Store("aliases/default", "6.12.0-9-amd64\n");

        var found = Evaluate();

        Assert.Equal("6.1.0-1-amd64", found["KlpKernelRelease"]);
        Assert.Equal(Path.Combine(_root.Path, "lib/modules/6.1.0-1-amd64/build"), found["_KlpTree"]);
    }

    [Fact]
    public void Without_the_running_kernels_tree_the_stores_default_is_taken()
    {
        Running("5.10.0-7-cloud");
        Tree("store/6.12.0-9-amd64/build", "6.12.0-9-amd64");
        Tree("usr/src/linux-headers-6.1.0-1-amd64", "6.1.0-1-amd64");
        Store("aliases/default", "6.12.0-9-amd64\n");

        var found = Evaluate();

        Assert.Equal("6.12.0-9-amd64", found["KlpKernelRelease"]);
        Assert.Equal(Path.Combine(_root.Path, "store/6.12.0-9-amd64/build"), found["_KlpTree"]);
    }

    [Fact]
    public void The_only_tree_is_taken_and_Debians_shared_half_is_none()
    {
        Running("5.10.0-7-cloud");
        Tree("usr/src/linux-headers-6.1.0-1-amd64", "6.1.0-1-amd64");
        _root.Write("usr/src/linux-headers-6.1.0-1-common/Makefile", "");
        _root.Write("lib/modules/5.10.0-7-cloud/modules.builtin", "");

        Assert.Equal("6.1.0-1-amd64", Evaluate()["KlpKernelRelease"]);
    }

    [Fact]
    public void One_kernel_in_two_places_is_still_the_only_one()
    {
        Tree("usr/src/linux-headers-6.1.0-1-amd64", "6.1.0-1-amd64");
        Tree("store/6.1.0-1-amd64/build", "6.1.0-1-amd64");
        Store("aliases/other", "x");

        Assert.Equal("6.1.0-1-amd64", Evaluate()["KlpKernelRelease"]);
    }

    [Fact]
    public void Several_trees_and_none_of_them_running_is_an_error_that_lists_them_with_the_line_to_paste()
    {
        Running("5.10.0-7-cloud");
        Tree("usr/src/linux-headers-6.1.0-1-amd64", "6.1.0-1-amd64");
        Tree("usr/src/kernels/6.12.0-9.fc41.x86_64", "6.12.0-9.fc41.x86_64");
        Tree("lib/modules/6.2.0-3-amd64/build", "6.2.0-3-amd64");
        using var project = SdkProject.Empty();
        project.Write("a.c", "");

        var build = project.Build(Options()).FailedWith("KLP0021");

        var text = build.Errors.Single().Text;
        Assert.Contains("<TargetKernel>6.2.0-3-amd64</TargetKernel>", text, StringComparison.Ordinal);
        Assert.Contains("6.1.0-1-amd64", text, StringComparison.Ordinal);
        Assert.Contains("6.12.0-9.fc41.x86_64", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "No kernel build tree is here")]
    [InlineData("6.1.0-1-amd64", "apt install linux-headers-6.1.0-1-amd64")]
    [InlineData("../x", "neither a kernel release nor an alias")]
    public void A_kernel_that_is_not_here_is_an_error_that_says_what_to_install(string name, string expected)
    {
        _root.Write("etc/os-release", "PRETTY_NAME=\"Debian\"\nID=debian\n");
        using var project = SdkProject.Empty();
        project.Write("a.c", "");

        var build = project.Build([.. Options(), "-p:TargetKernel=" + name]).FailedWith("KLP0020");

        Assert.Contains(expected, build.Errors.Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("running", "6.1.0-1-amd64")]
    [InlineData("debian12", "6.1.0-1-amd64")]
    [InlineData("6.1.0-1-amd64", "6.1.0-1-amd64")]
    [InlineData(" 6.9.9 ", "6.9.9")]
    public void A_name_is_running_or_an_alias_of_the_store_or_a_release(string name, string release)
    {
        Running("6.1.0-1-amd64");
        Store("aliases/debian12", "6.1.0-1-amd64\n");

        var found = Evaluate("-p:TargetKernel=" + name);

        Assert.Equal(release, found["KlpKernelRelease"]);
        Assert.EndsWith($"/bin/{release}/fix.ko", found["TargetPath"], StringComparison.Ordinal);
        Assert.Equal(release, found["TargetFramework"]);
    }

    [Fact]
    public void The_image_and_the_modules_are_found_beside_a_tree_under_another_root()
    {
        Tree("elsewhere/usr/src/linux-headers-6.1.0-1-amd64", "6.1.0-1-amd64");
        _root.Write("elsewhere/boot/vmlinuz-6.1.0-1-amd64", "");
        _root.Write("elsewhere/lib/modules/6.1.0-1-amd64/modules.builtin", "");

        var found = Evaluate("-p:KlpKernelBuildDirectory=" + Path.Combine(_root.Path, "elsewhere/usr/src/linux-headers-6.1.0-1-amd64/"));

        Assert.Equal("6.1.0-1-amd64", found["KlpKernelRelease"]);
        Assert.Equal(Path.Combine(_root.Path, "elsewhere/boot/vmlinuz-6.1.0-1-amd64"), found["_KlpImage"]);
        Assert.Equal(Path.Combine(_root.Path, "elsewhere/lib/modules/6.1.0-1-amd64"), found["_KlpModules"]);
    }

    [Fact]
    public void Image_and_modules_can_be_named()
    {
        Tree("usr/src/linux-headers-6.1.0-1-amd64", "6.1.0-1-amd64");
        _root.Write("boot/vmlinuz-6.1.0-1-amd64", "");

        var found = Evaluate("-p:KlpKernelImageFile=/k/vmlinuz", "-p:KlpKernelModulesDirectory=mods");

        Assert.Equal("/k/vmlinuz", found["_KlpImage"]);
        Assert.EndsWith("/fix/mods", found["_KlpModules"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_headers_only_machine_has_no_image_and_no_modules()
    {
        Tree("usr/src/linux-headers-6.1.0-1-amd64", "6.1.0-1-amd64");
        _root.Write("lib/modules/6.1.0-1-amd64/placeholder", "");

        var found = Evaluate();

        Assert.Equal("", found["_KlpImage"]);
        Assert.Equal("", found["_KlpModules"]);
    }

    [Fact]
    public void A_folder_that_is_no_tree_and_two_kernels_at_once_are_errors()
    {
        Tree("usr/src/linux-headers-6.1.0-1-amd64", "6.1.0-1-amd64");
        using var project = SdkProject.Empty();
        project.Write("a.c", "");

        project.Build([.. Options(), "-p:KlpKernelBuildDirectory=" + _root.Path]).FailedWith("KLP0022");
        project.Build([.. Options(), "-p:KlpKernelBuildDirectory=/no/such/folder"]).FailedWith("KLP0022");
        project.Build([.. Options(), "-p:TargetKernel=6.2", $"-p:KlpKernelBuildDirectory={_root.Path}/usr/src/linux-headers-6.1.0-1-amd64"]).FailedWith("KLP0023");
    }

    private void Running(string release) => _root.Write("proc/sys/kernel/osrelease", release + "\n");

    private void Store(string name, string content) => _root.Write("store/" + name, content);

    private void Tree(string folder, string release)
    {
        _root.Write(folder + "/Makefile", "");
        _root.Write(folder + "/include/generated/utsrelease.h", $"#define UTS_RELEASE \"{release}\"\n");
    }

    private string[] Options() => [$"-p:_KlpRoot={_root.Path}", $"-p:KlpKernelStore={_root.Path}/store"];

    private IReadOnlyDictionary<string, string> Evaluate(params string[] arguments)
    {
        using var project = SdkProject.Empty();
        return project.Evaluate(["KlpKernelRelease", "_KlpTree", "_KlpImage", "_KlpModules", "TargetPath", "TargetFramework"], [.. Options(), .. arguments]);
    }
}
