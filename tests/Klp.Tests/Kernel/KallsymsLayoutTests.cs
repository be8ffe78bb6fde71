using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Kernel;

/// <summary>The embedded symbol table in every layout since 5.4, both byte orders, written by an encoder that shares no code with the decoder.</summary>
public sealed class KallsymsLayoutTests
{
    public static IEnumerable<object[]> Layouts =>
        from layout in Enum.GetValues<SyntheticLayout>()
        from order in Enum.GetValues<ByteOrder>()
        select new object[] { layout, order };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_symbol_comes_back_with_its_address_type_and_name(SyntheticLayout layout, ByteOrder order)
    {
        var kernel = new SyntheticKernel(layout, order);
        var image = Read(kernel.Payload);
        Assert.Equal(kernel.Symbols, Decoded(image.Kallsyms));
        Assert.Equal(SyntheticKernel.Release, image.Release);
        Assert.Equal(kernel.BuildId, image.BuildId);
        Assert.Equal(order, image.ByteOrder);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_kernel_with_thousands_of_symbols_and_any_remainder_of_a_marker_step(SyntheticLayout layout, ByteOrder order)
    {
        foreach (var functions in new[] { 256, 480, 1003, 4097 })
        {
            var kernel = new SyntheticKernel(layout, order, functions);
            Assert.Equal(kernel.Symbols, Decoded(Read(kernel.Payload).Kallsyms));
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Ftrace_sites_and_init_memory_are_those_of_the_image(SyntheticLayout layout, ByteOrder order)
    {
        var image = Read(new SyntheticKernel(layout, order).Payload);
        Assert.NotNull(image.Ftrace);
        for (var function = 0; function < 600; function++)
        {
            var address = SyntheticKernel.FunctionAddress(function);
            Assert.Equal(SyntheticKernel.HasSite(function), image.Ftrace.IsInside(address, 0x40));
            Assert.False(image.IsInit(address));
        }

        var setup = Assert.Single(image.Kallsyms.IndicesOf("setup_thing"));
        Assert.True(image.IsInit(image.Kallsyms.AddressOf(setup)));
    }

    [Fact]
    public void A_raw_image_is_read_as_an_ELF_one_is()
    {
        var kernel = new SyntheticKernel(SyntheticLayout.PlainOffsets615);
        var image = Read(kernel.RawImage());
        Assert.Equal(kernel.Symbols, Decoded(image.Kallsyms));
        Assert.Equal(SyntheticKernel.Release, image.Release);
        Assert.Equal(kernel.BuildId, image.BuildId);
        Assert.True(image.Ftrace!.IsInside(SyntheticKernel.FunctionAddress(1), 0x40));
    }

    [Fact]
    public void A_raw_image_whose_offsets_count_from_their_own_place_has_addresses_from_its_start()
    {
        var kernel = new SyntheticKernel(SyntheticLayout.PlaceRelative7);
        var image = Read(kernel.RawImage());
        var distance = kernel.Symbols[0].Address - image.Kallsyms.AddressOf(0);
        Assert.Equal(kernel.Symbols, Decoded(image.Kallsyms).Select(s => s with { Address = s.Address + distance }));
        Assert.Equal(SyntheticKernel.Release, image.Release);
        Assert.Equal(kernel.BuildId, image.BuildId);
    }

    [Theory]
    [InlineData("bzImage")]
    [InlineData("Image.gz")]
    [InlineData("zboot")]
    [InlineData("unknown wrapper")]
    public void The_kernel_is_found_in_its_packaging(string packaging)
    {
        var kernel = new SyntheticKernel();
        var packed = SyntheticKernel.Gzip(kernel.Payload);
        byte[] image = packaging switch
        {
            "bzImage" => kernel.BzImage(),
            "Image.gz" => SyntheticKernel.Gzip(kernel.RawImage()),
            "zboot" => [.. "MZ\0\0zimg"u8, .. BitConverter.GetBytes(64), .. BitConverter.GetBytes(packed.Length), .. new byte[48], .. packed],
            _ => [.. new byte[777], .. packed, .. new byte[99]],
        };
        Assert.Equal(kernel.Symbols, Decoded(Read(image).Kallsyms));
    }

    [Fact]
    public void A_file_without_a_kernel_is_an_error_with_a_code()
    {
        Assert.Equal("KLP0240", Error(new byte[10_000]));
        Assert.Equal("KLP0240", Error([]));
        Assert.Equal("KLP0241", Error(new SyntheticKernel().Payload[..0x1100]));
        Assert.Equal("KLP0241", Error(SyntheticKernel.Gzip([.. "Linux version 6.1.0 (x)"u8, .. new byte[9000]])));
    }

    private static string Error(byte[] image)
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(KernelImage.Read(image, "vmlinuz", diagnostics));
        return Assert.Single(diagnostics).Id;
    }

    private static KernelImage Read(byte[] image)
    {
        var diagnostics = new DiagnosticBag();
        var read = KernelImage.Read(image, "vmlinuz", diagnostics);
        Assert.True(read is not null, diagnostics.ToString());
        return read;
    }

    private static IEnumerable<SyntheticSymbol> Decoded(KallsymsTable table) =>
        Enumerable.Range(0, table.Count).Select(i => new SyntheticSymbol(table.AddressOf(i), table.TypeOf(i), table.NameOf(i)));
}
