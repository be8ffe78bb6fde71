using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>A part of the target kernel is missing or broken: its message names the part, the reason and the way out.</summary>
public sealed class KernelPartTests(BuiltPatch patch) : IClassFixture<BuiltPatch>
{
    [Theory]
    [InlineData("KlpKernelImageFile", "/no/such/vmlinuz", "KLP0011", "Correct KlpKernelImageFile")]
    [InlineData("KlpKernelModulesDirectory", "/no/such/modules", "KLP0260", "normally /lib/modules/<release>")]
    [InlineData("KlpModuleSymversFile", "/no/such/Module.symvers", "KLP0211", "is missing")]
    [InlineData("TargetKernel", "6.9.9-none", "KLP0020", "linux-headers-6.9.9-none")]
    public void A_part_that_is_missing_is_named_with_its_cure(string property, string value, string code, string words)
    {
        Refusal.One(patch.Project, patch.Project.Build($"-p:{property}={value}"), code, words);
        patch.AssertUntouched();
    }

    [Theory]
    [InlineData("KlpKernelImageFile", "", "KLP0240", "No kernel was found in this file")]
    [InlineData("KlpKernelImageFile", "This is no kernel.", "KLP0240", "Give the whole kernel image")]
    [InlineData("KlpModuleSymversFile", "", "KLP0211", "is empty")]
    [InlineData("KlpModuleSymversFile", "0x12345678\tprintk\n\u0001\u0002 what\n", "KLP0502", "2 line(s)")]
    public void A_part_that_is_something_else_is_named_with_its_cure(string property, string content, string code, string words)
    {
        var file = patch.Write("part", System.Text.Encoding.UTF8.GetBytes(content));
        var error = Refusal.One(patch.Project, patch.Project.Build($"-p:{property}={file}"), code, words);
        Assert.Equal(file, error.File);
        patch.AssertUntouched();
    }

    [Fact]
    public void An_image_that_is_cut_off_or_damaged_says_so()
    {
        var image = File.ReadAllBytes(BuiltPatch.Kernel.ImageFile);
        var cut = patch.Write("cut", image.AsSpan(0, image.Length / 2));
        Refusal.One(patch.Project, patch.Project.Build("-p:KlpKernelImageFile=" + cut), "KLP0240", "cut off");

        image[image.Length / 2] ^= 4;
        var flipped = patch.Write("flipped", image);
        Refusal.One(patch.Project, patch.Project.Build("-p:KlpKernelImageFile=" + flipped), "KLP0233", "damaged", "again");
        patch.AssertUntouched();
    }

    [Fact]
    public void An_image_that_this_user_may_not_read_names_two_ways_out()
    {
        var image = patch.Write("vmlinuz", "secret"u8);
        SmallerWorld.Mode(image, "0");
        patch.Project.Wrapper = SmallerWorld.Unprivileged;
        try
        {
            var error = Refusal.One(patch.Project, patch.Project.Build("-p:KlpKernelImageFile=" + image), "KLP0011", "permission denied", "sudo chmod a+r " + image, "KlpKernelImageFile");
            Assert.Equal(image, error.File);
        }
        finally
        {
            patch.Project.Wrapper = [];
        }

        patch.AssertUntouched();
    }

    [Fact]
    public void An_image_of_another_kernel_is_refused()
    {
        Refusal.One(patch.Project, patch.Project.Build("-p:KlpKernelImageFile=" + Kernels.BySeries("6.12").ImageFile), "KLP0303", "6.12", "6.1", "KlpKernelImageFile");
        patch.AssertUntouched();
    }
}
