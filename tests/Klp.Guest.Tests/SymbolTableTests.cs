using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Klp.Base;
using Klp.Guest;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>The symbol table that is read from an image, on every architecture and in every form of image: it is the running kernel's own, entry for entry.</summary>
public class SymbolTableTests
{
    /// <summary>In the whole run also the small kernels, and Debian's own of other machines that are here with their image: those boot with the busybox that came with them.</summary>
    public static IEnumerable<object[]> Releases =>
    [
        [Kernels.Newest.Release],
        .. Kernels.SmallIn("symbol tables of running kernels").Concat(Tier.IsWhole ? Kernels.Foreign.Where(k => k.IsWhole) : []).Select(k => new object[] { k.Release }),
    ];

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_running_kernel_has_exactly_the_symbols_of_its_image_in_their_order(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var table = KernelImage.Load(kernel.ImageFile, new DiagnosticBag())!.Kallsyms;
        var diagnostics = new DiagnosticBag();
        var request = Machine.Request(kernel,
            new GuestStep("first", "echo 0 > /proc/sys/kernel/kptr_restrict; head -n 1 /proc/kallsyms"),
            new GuestStep("symbols", "grep -v '\\]$' /proc/kallsyms | sha256sum")) with { KernelOptions = ["nokaslr"] };
        var result = await GuestRunner.RunAsync(request, diagnostics, CancellationToken.None);
        Assert.Empty(diagnostics);

        // Where the image is relocated while it boots, its own table counts from the image's start.
        var shift = ulong.Parse(result!["first"].Text.Split(' ')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) - table.AddressOf(0);
        var text = new StringBuilder(table.Count * 48);
        for (var i = 0; i < table.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.AddressOf(i) + shift:x16} {table.TypeOf(i)} {table.NameOf(i)}\n");
        }

        Assert.True(table.Count > 10_000, $"{table.Count} symbols");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text.ToString()))), result["symbols"].Text.Split(' ')[0]);
    }
}
