using Klp.Base;
using Klp.Store;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>Projects and the kernel store: a copied kernel serves like the first, a damaged one is refused, one that is not there is offered.</summary>
public sealed class KernelStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("stores");

    private string Store => _folder.Combine("store");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_kernel_copied_to_another_store_builds_the_same_module_and_needs_nothing_of_the_first()
    {
        var kernel = Kernels.BySeries("6.12");
        var first = Path.GetDirectoryName(kernel.BuildDirectory)!;
        Directory.CreateDirectory(Store);
        // Without its modules, which this patch has no use for.
        Run("sh", "-c", "tar -C \"$1\" --exclude='*/modules/*/kernel' -cf - . | { mkdir \"$2\" && tar -C \"$2\" -xf -; }", "sh", first, Path.Combine(Store, kernel.Release));
        using var here = SdkProject.Patch(kernel);
        using var there = SdkProject.Patch(kernel);
        there.Environment["KLP_KERNEL_STORE"] = Store;

        here.Build().Succeeded();
        there.Build().Succeeded();

        Assert.Equal(File.ReadAllBytes(here.Module(kernel)), File.ReadAllBytes(there.Module(kernel)));
        var mentions = Directory.EnumerateFiles(Path.Combine(there.Folder, "obj"), "*", SearchOption.AllDirectories).Where(f => File.ReadAllText(f).Contains(first + "/", StringComparison.Ordinal));
        Assert.Empty(mentions);
    }

    [Fact]
    public async Task A_kernel_that_was_damaged_since_it_was_added_is_refused_before_anything_is_compiled()
    {
        var small = await AddSmallKernelAsync();
        await File.AppendAllTextAsync(Path.Combine(Store, small.Release, "build/Module.symvers"), "x");
        using var project = SdkProject.Empty();
        project.Write("fix.c", "this is no C");

        var build = project.Build("-p:KlpKernelStore=" + Store, "-p:TargetKernel=newest").FailedWith("KLP0275");

        Assert.Contains($"klp kernel verify {small.Release}", build.Errors.Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6.1.0-99-amd64", "Get it: klp kernel add 6.1.0-99-amd64.")]
    [InlineData("debian13", "Get it: klp kernel add debian13.")]
    [InlineData("mine", "klp kernel add newest --alias mine")]
    public async Task A_kernel_that_is_not_in_the_store_is_offered_and_what_is_there_is_listed(string name, string offer)
    {
        var small = await AddSmallKernelAsync();
        using var project = SdkProject.Empty();
        project.Write("fix.c", "");

        var text = project.Build("-p:KlpKernelStore=" + Store, "-p:TargetKernel=" + name).FailedWith("KLP0020").Errors.Single().Text;

        Assert.Contains(offer, text, StringComparison.Ordinal);
        Assert.Contains($"here: {small.Release}", text, StringComparison.Ordinal);
        Assert.Contains($"alias: newest ({small.Release})", text, StringComparison.Ordinal);
    }

    private async Task<SmallKernel> AddSmallKernelAsync()
    {
        var small = new SmallKernel();
        var diagnostics = new DiagnosticBag();
        var request = new AddRequest { What = small.WriteTo(_folder.Combine("debs")) };
        Assert.Single(await KernelStore.AddAsync(new StoreContext(Store, CleanEnvironment.Create()), request, diagnostics, CancellationToken.None));
        return small;
    }

    private static void Run(params string[] words)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(words[0], words[1..]))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
