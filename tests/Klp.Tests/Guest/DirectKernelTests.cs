using Klp.Guest;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Guest;

/// <summary>Which images hold a kernel that QEMU can enter directly.</summary>
public class DirectKernelTests
{
    public static IEnumerable<object[]> Releases => Kernels.NewestBootableOfEachSeries;

    [Theory]
    [MemberData(nameof(Releases))]
    public void A_distributions_image_holds_one(string release)
    {
        var kernel = DirectKernel.Of(Kernels.ByRelease(release).ImageFile);
        Assert.NotNull(kernel);

        // The note damaged in any way: an answer, whichever it is.
        var head = kernel.Value.Span[..4096].ToArray();
        Assert.False(DirectKernel.HasEntry(head));
        var random = new Random(Soak.Seed);
        var whole = kernel.Value.ToArray();
        for (var round = 0; round < Soak.Rounds(1000); round++)
        {
            var at = random.Next(1024);
            var old = whole[at];
            whole[at] = (byte)random.Next(256);
            DirectKernel.HasEntry(whole);
            whole[at] = old;
        }

        Assert.True(DirectKernel.HasEntry(whole));
    }

    [Fact]
    public void What_is_no_image_of_x86_holds_none()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(DirectKernel.Of(folder.Combine("missing")));
        Assert.Null(DirectKernel.Of(folder.Write("text", "not a kernel")));
        Assert.False(DirectKernel.HasEntry(CCompiler.Compile("int x;")));
    }
}
