using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Kernel;

/// <summary>The machine of a kernel image from its first bytes.</summary>
public sealed class ImageMachineTests
{
    [Fact]
    public void Every_kernel_of_the_store_says_its_machine() =>
        Assert.All(Kernels.Bootable, k => Assert.Equal(k.Architecture!.Machine, ImageMachine.Of(k.ImageFile)));

    [Theory]
    [InlineData("x86_64")]
    [InlineData("arm64")]
    [InlineData("ppc64le")]
    [InlineData("s390x")]
    public void An_ELF_image_says_it_in_its_header(string name)
    {
        var machine = TestMachine.Named(name);
        Assert.Equal(machine.Machine, ImageMachine.Of(machine.Compile("int x;").Write()));
    }

    [Fact]
    public void An_arm64_image_and_an_EFI_stub_say_it_in_theirs()
    {
        var image = new byte[256];
        "ARM\x64"u8.CopyTo(image.AsSpan(56));
        Assert.Equal(ElfMachine.AArch64, ImageMachine.Of(image));

        var stub = new byte[256];
        "MZ"u8.CopyTo(stub);
        stub[0x3c] = 0x80;
        "PE\0\0"u8.CopyTo(stub.AsSpan(0x80));
        (stub[0x84], stub[0x85]) = (0x64, 0xaa);
        Assert.Equal(ElfMachine.AArch64, ImageMachine.Of(stub));
    }

    /// <summary>No length and no place of the PE header may make it read beyond the bytes.</summary>
    [Fact]
    public void Bytes_that_tell_nothing_tell_nothing()
    {
        var bytes = new byte[600];
        "MZ"u8.CopyTo(bytes);
        for (var length = 0; length <= bytes.Length; length += 7)
        {
            foreach (var at in (uint[])[0, 64, 590, 594, 600, uint.MaxValue])
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(0x3c), at);
                Assert.Null(ImageMachine.Of(bytes.AsSpan(0, length)));
            }
        }

        Assert.Null(ImageMachine.Of("/no/such/image"));
    }
}
