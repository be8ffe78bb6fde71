using System.Buffers.Binary;
using System.IO.Compression;
using Klp.Base;
using Klp.Elf;
using Klp.Guest;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Guest;

/// <summary>A kernel of another machine: told by its image, and what the guest needs of that machine is asked for by name.</summary>
public class ForeignGuestTests
{
    public static TheoryData<string, string> Images => new()
    {
        { "arm64", "qemu-system-arm" }, { "ppc64le", "qemu-system-ppc" }, { "s390x", "qemu-system-misc" },
    };

    [Theory]
    [MemberData(nameof(Images))]
    public async Task An_emulator_and_a_busybox_that_are_missing_are_named_with_the_architecture_of_the_image(string architecture, string package)
    {
        using var folder = new TemporaryFolder();
        var image = folder.Write("entry/image", Head(architecture));
        var diagnostics = new DiagnosticBag();
        var result = await GuestRunner.RunAsync(Request(folder, image), diagnostics, CancellationToken.None);

        Assert.Null(result);
        Assert.Contains($"apt-get install {package};", diagnostics.Single(d => d.Id == "KLP0800").Cure);
        var shell = diagnostics.Single(d => d.Id == "KLP0860");
        Assert.Contains($"is for {architecture}:", shell.Message);
        Assert.Contains(folder.Combine("entry", "root", "bin", "busybox"), shell.Cure);
        Assert.Equal(2, diagnostics.Count);
    }

    [Theory]
    [InlineData("entry/root/bin/busybox", "entry/image")]
    [InlineData("entry/root/usr/bin/busybox", "entry/root/boot/vmlinuz")]
    public async Task A_busybox_of_the_kernels_own_system_is_taken(string busybox, string image)
    {
        using var folder = new TemporaryFolder();
        folder.Write(busybox, StaticProgram(ElfMachine.S390));
        var diagnostics = new DiagnosticBag();
        await GuestRunner.RunAsync(Request(folder, folder.Write(image, Head("s390x"))), diagnostics, CancellationToken.None);

        Assert.Equal("KLP0800", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public async Task A_busybox_of_another_machine_is_not_taken()
    {
        using var folder = new TemporaryFolder();
        folder.Write("entry/root/bin/busybox", StaticProgram(ElfMachine.Ppc64));
        var diagnostics = new DiagnosticBag();
        await GuestRunner.RunAsync(Request(folder, folder.Write("entry/image", Head("s390x"))), diagnostics, CancellationToken.None);

        Assert.Contains(diagnostics, d => d.Id == "KLP0860");
    }

    [Fact]
    public async Task A_compressed_image_of_arm64_is_looked_into()
    {
        using var folder = new TemporaryFolder();
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            zip.Write(Head("arm64"));
        }

        var diagnostics = new DiagnosticBag();
        await GuestRunner.RunAsync(Request(folder, folder.Write("image", packed.ToArray())), diagnostics, CancellationToken.None);

        Assert.Equal(["KLP0800", "KLP0860"], diagnostics.Select(d => d.Id).Order());
    }

    private static GuestRequest Request(TemporaryFolder folder, string image) => new()
    {
        ImageFile = image, Steps = [new GuestStep("s", "true")], SearchPath = folder.Combine("empty"), TemporaryDirectory = folder.Path,
    };

    /// <summary>As much of an image as tells its machine.</summary>
    private static byte[] Head(string architecture)
    {
        var head = new byte[GuestArchitecture.HeadLength];
        switch (architecture)
        {
            case "arm64":
                "ARM\x64"u8.CopyTo(head.AsSpan(56));
                break;
            case "s390x":
                "S390EP"u8.CopyTo(head.AsSpan(0x10008));
                break;
            default:
                StaticProgram(ElfMachine.Ppc64).CopyTo(head, 0);
                break;
        }

        return head;
    }

    /// <summary>An ELF program with one segment and no interpreter.</summary>
    private static byte[] StaticProgram(ElfMachine machine)
    {
        var isBig = machine == ElfMachine.S390;
        var file = new byte[128];
        "\x7f"u8.CopyTo(file);
        "ELF"u8.CopyTo(file.AsSpan(1));
        (file[4], file[5], file[6]) = (2, isBig ? (byte)2 : (byte)1, 1);
        Write16(16, 2);
        Write16(18, (ushort)machine);
        file[isBig ? 39 : 32] = 64;
        Write16(54, 56);
        Write16(56, 1);
        file[isBig ? 67 : 64] = 1;
        return file;

        void Write16(int at, ushort value)
        {
            if (isBig)
            {
                BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(at), value);
            }
            else
            {
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);
            }
        }
    }
}
