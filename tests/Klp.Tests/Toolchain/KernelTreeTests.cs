using Klp.Base;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>A kernel's build tree: what can be read without asking make, and what is said when something is missing.</summary>
public sealed class KernelTreeTests : IDisposable
{
    private readonly TreeMirror _mirror = new(Kernels.BySeries("6.1"));
    private readonly DiagnosticBag _said = new();

    public void Dispose() => _mirror.Dispose();

    [Theory]
    [MemberData(nameof(Kernels.NewestOfEachSeries), MemberType = typeof(Kernels))]
    public void A_distributions_tree_tells_release_configuration_and_files(string release)
    {
        var tree = KernelTree.Open(Kernels.ByRelease(release).BuildDirectory, _said);
        Assert.Empty(_said);
        Assert.Equal(release, tree!.Release);
        Assert.Equal("x86", tree.SourceArchitecture);
        Assert.True(File.Exists(tree.SymversFile));
        Assert.EndsWith("module.lds", tree.ModuleScriptFile, StringComparison.Ordinal);
        Assert.True(tree.Config.IsSet("LIVEPATCH"));
        Assert.False(tree.Config.IsSet("NO_SUCH_OPTION"));
        Assert.StartsWith("gcc", tree.Config["CC_VERSION_TEXT"].Replace("x86_64-linux-gnu-", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.True(tree.Config.Count > 5000);
        Assert.All(tree.Config.Take(50), p => Assert.Equal(p.Value, tree.Config[p.Key]));
        Assert.DoesNotContain('\"', tree.Config["DEFAULT_HOSTNAME"]);
    }

    [Fact]
    public void A_missing_tree_names_the_package()
    {
        var error = Error("KLP0200", "/lib/modules/6.9.9-nobody-amd64/build");
        Assert.Contains("linux-headers-6.9.9-nobody-amd64", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dangling_link_says_where_it_leads()
    {
        var link = Path.Combine(_mirror.Root, "lib/modules/6.8.0-1-amd64/build");
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, "/usr/src/linux-headers-6.8.0-1-amd64-gone");
        var error = Error("KLP0200", link);
        Assert.Contains("/usr/src/linux-headers-6.8.0-1-amd64-gone", error.Message, StringComparison.Ordinal);
        Assert.Contains("linux-headers-6.8.0-1-amd64", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_no_tree_is_told_apart()
    {
        var said = Errors(_mirror.Root);
        Assert.Contains(said, d => d.Id == "KLP0201");
    }

    [Fact]
    public void Missing_sources_name_debians_common_package()
    {
        var common = Directory.GetDirectories(Path.GetDirectoryName(_mirror.Directory)!, "*-common").Single();
        File.Delete(common);
        Assert.Contains("apt install " + Path.GetFileName(common), Error("KLP0202").Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_build_tools_name_debians_kbuild_package()
    {
        File.Delete(_mirror.Path("scripts"));
        File.CreateSymbolicLink(_mirror.Path("scripts"), "../../lib/linux-kbuild-6.1/scripts");
        Assert.Contains("apt install linux-kbuild-6.1", Error("KLP0203").Cure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("include/config/auto.conf", "KLP0204")]
    [InlineData("include/generated/autoconf.h", "KLP0204")]
    [InlineData("include/generated/utsrelease.h", "KLP0205")]
    [InlineData("Module.symvers", "KLP0211")]
    public void A_missing_file_has_its_own_error(string file, string code)
    {
        _mirror.Delete(file);
        Error(code);
    }

    [Theory]
    [InlineData("include/config/auto.conf", "KLP0204")]
    [InlineData("include/generated/utsrelease.h", "KLP0205")]
    [InlineData("Module.symvers", "KLP0211")]
    public void An_empty_file_is_as_good_as_missing(string file, string code)
    {
        _mirror.Edit(file, _ => "");
        Assert.Contains(Errors(_mirror.Directory), d => d.Id == code);
    }

    [Fact]
    public void A_binary_configuration_is_no_configuration()
    {
        File.WriteAllBytes(_mirror.Own("include/config/auto.conf"), [.. Enumerable.Range(0, 4000).Select(i => (byte)(i * 37))]);
        Assert.Contains(Errors(_mirror.Directory), d => d.Id == "KLP0204");
    }

    [Fact]
    public void A_kernel_without_livepatching_is_refused_before_anything_is_compiled()
    {
        _mirror.Configure(("LIVEPATCH", null));
        Error("KLP0207");
    }

    [Fact]
    public void A_kernel_without_modules_is_refused()
    {
        _mirror.Configure(("MODULES", null));
        Error("KLP0206");
    }

    [Fact]
    public void A_32_bit_kernel_is_refused()
    {
        _mirror.Configure(("64BIT", null));
        Error("KLP0208");
    }

    [Theory]
    [InlineData("6.1.0-56-amd64", true, true)]
    [InlineData("5.15.0-9-cfi", false, true)]
    [InlineData("6.0.19", false, true)]
    [InlineData("6.1.0-56-amd64", false, false)]
    public void The_form_of_call_checks_that_needs_an_lto_link_is_refused(string release, bool hasShadow, bool isRefused)
    {
        _mirror.Configure(("CFI_CLANG", "y"), ("LTO_CLANG", "y"));
        File.WriteAllText(_mirror.Own("include/generated/utsrelease.h"), $"#define UTS_RELEASE \"{release}\"\n");
        if (hasShadow)
        {
            _mirror.Configure(("CFI_CLANG_SHADOW", "y"));
        }

        if (!isRefused)
        {
            Assert.NotNull(KernelTree.Open(_mirror.Directory, _said));
            Assert.Empty(_said);
            return;
        }

        var error = Error("KLP0209");
        Assert.Contains("clang CFI (5.13 to 6.0)", error.Message, StringComparison.Ordinal);
        Assert.Contains("6.1 and newer", error.Cure, StringComparison.Ordinal);
        Assert.EndsWith("include/config/auto.conf", error.Place.File, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_architecture_is_refused()
    {
        _mirror.Configure(("X86", null));
        Error("KLP0208");
    }

    [Fact]
    public void A_path_that_make_cannot_take_is_refused()
    {
        using var mirror = new TreeMirror(Kernels.BySeries("6.1"), "my kernels/src");
        Error("KLP0210", mirror.Directory);
    }

    [Fact]
    public void Several_problems_are_said_at_once()
    {
        _mirror.Configure(("LIVEPATCH", null));
        _mirror.Delete("include/generated/utsrelease.h");
        _mirror.Delete("Module.symvers");
        Assert.Equal(["KLP0205", "KLP0207", "KLP0211"], Errors(_mirror.Directory).Select(d => d.Id).Order());
    }

    [Fact]
    public void Another_symvers_file_can_be_named()
    {
        var symvers = _mirror.Path("Module.symvers");
        var elsewhere = Path.Combine(_mirror.Root, "symvers");
        File.Copy(symvers, elsewhere);
        _mirror.Delete("Module.symvers");
        Assert.Equal(elsewhere, KernelTree.Open(_mirror.Directory, _said, elsewhere)?.SymversFile);
        Assert.Empty(_said);
    }

    [Fact]
    public void Quotes_around_a_value_are_taken_off_once()
    {
        var config = new KernelConfig("CONFIG_A=\"text\"\nCONFIG_B=plain\nCONFIG_C=y\n# CONFIG_D is not set\nCONFIG_E=\"\"\nXCONFIG_F=y\nCONFIG_G=m\r\n");
        Assert.Equal(("text", "plain", ""), (config["A"], config["B"], config["E"]));
        Assert.True(config.IsSet("C") && config.IsSet("G") && !config.IsSet("D") && !config.IsSet("F") && !config.IsSet("B"));
        Assert.Equal(5, config.Count);
    }

    private Diagnostic Error(string code, string? directory = null) => Assert.Single(Errors(directory ?? _mirror.Directory), d => d.Id == code);

    private DiagnosticBag Errors(string directory)
    {
        Assert.Null(KernelTree.Open(directory, _said));
        Assert.All(_said, d => Assert.Equal(Severity.Error, d.Severity));
        Assert.All(_said, d => Assert.False(string.IsNullOrEmpty(d.Cure), d.Id));
        return _said;
    }
}
