using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>Kernels that were compiled with gcc plugins, whose build trees do not hold them: what may be left out of a patch, and what may not.</summary>
public sealed class GccPluginTests : IDisposable
{
    private readonly TreeMirror _tree = new(Kernels.BySeries("6.1"));
    private readonly DiagnosticBag _said = new();
    private readonly TemporaryFolder _folder = new();

    // The machine's gcc may be of another patch level than the kernel's, which is told.
    private IEnumerable<Diagnostic> Said => _said.Where(d => d.Severity != Severity.Information);

    public void Dispose()
    {
        _tree.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_missing_gcc_plugin_that_changes_no_layout_is_a_warning_and_headers_do_not_ask_for_it()
    {
        _tree.Configure(("GCC_PLUGINS", "y"), ("GCC_PLUGIN_LATENT_ENTROPY", "y"), ("GCC_PLUGIN_STACKLEAK", "y"), ("STACKLEAK_TRACK_MIN_SIZE", "100"));
        var profile = await KernelProbe.GetAsync(Request(), _said, CancellationToken.None);
        Assert.True(profile is not null, _said.ToString());
        Assert.Equal([("KLP0120", Severity.Warning), ("KLP0120", Severity.Warning)], Said.Select(d => (d.Id, d.Severity)));
        Assert.Equal(["latent_entropy_plugin.so", "stackleak_plugin.so"], Said.Select(d => Path.GetFileName(d.Place.File)).Order(StringComparer.Ordinal));
        Assert.All(Said, d => Assert.Contains("the patch is built without it", d.Message, StringComparison.Ordinal));
        Assert.All(Said, d => Assert.Contains("gcc plugins", d.Cure, StringComparison.Ordinal));
        Assert.DoesNotContain(profile.CompilerFlags, f => f.Contains("plugin", StringComparison.OrdinalIgnoreCase));
        using var project = new SampleProject(Kernels.BySeries("6.1")) { Profile = profile };
        project.Write("a.c", SampleProject.Livepatch);
        Assert.Equal(["a.c"], await project.CompileAsync("a.c"));
        Assert.Empty(project.Diagnostics);
    }

    [Fact]
    public async Task A_missing_gcc_plugin_that_shuffles_structs_is_an_error()
    {
        _tree.Configure(("GCC_PLUGINS", "y"), ("RANDSTRUCT", "y"), ("RANDSTRUCT_FULL", "y"), ("GCC_PLUGIN_RANDSTRUCT", "y"));
        Assert.Null(await KernelProbe.GetAsync(Request(), _said, CancellationToken.None));
        var error = Assert.Single(Said);
        Assert.Equal(("KLP0120", Severity.Error), (error.Id, error.Severity));
        Assert.Equal("randomize_layout_plugin.so", Path.GetFileName(error.Place.File));
        Assert.Contains("wrong fields", error.Message, StringComparison.Ordinal);
        Assert.Contains("the very gcc", error.Cure, StringComparison.Ordinal);
    }

    private ProbeRequest Request() => new() { BuildDirectory = _tree.Directory, CacheDirectory = _folder.Combine("cache"), SearchPath = KernelProfiles.SearchPath };
}
