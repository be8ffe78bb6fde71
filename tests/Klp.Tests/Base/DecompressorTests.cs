using System.IO.Compression;
using Klp.Base;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Base;

/// <summary>Every compression a kernel or a module comes in, unpacked; and what happens when it is cut, damaged or a bomb.</summary>
public sealed class DecompressorTests
{
    public static IEnumerable<object[]> Samples => CompressedSamples.All.Keys.Concat(["Gzip", "GzipWithName", "Zlib"]).Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_a_tool_packed_comes_out_again_and_what_follows_is_left_alone(string name)
    {
        var packed = Packed(name);
        byte[] withTail = [.. packed, 0x10, 0x20, 0x30, 0x40];
        var diagnostics = new DiagnosticBag();
        var unpacked = Decompressor.Decompress(withTail, "file", 1 << 20, diagnostics, CompressedSamples.Length);
        Assert.Empty(diagnostics);
        Assert.NotNull(unpacked);
        Assert.Equal(CompressedSamples.Text(), unpacked.Bytes.ToArray());
        Assert.Equal(packed.Length, unpacked.Consumed);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_stream_cut_anywhere_is_an_error_with_a_code(string name)
    {
        var packed = Packed(name);
        for (var length = 0; length < packed.Length; length += 1 + length / 40)
        {
            var diagnostics = new DiagnosticBag();
            var unpacked = Decompressor.Decompress(packed.AsSpan(0, length), "file", 1 << 20, diagnostics);
            Assert.True(unpacked is null, $"cut at {length} of {packed.Length}");
            Assert.All(diagnostics, d => Assert.Matches("^KLP023[0-5]$", d.Id));
            Assert.NotEmpty(diagnostics);
        }
    }

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Zlib")]
    [InlineData("Xz")]
    [InlineData("Lzma")]
    [InlineData("Bzip2")]
    public void What_takes_long_can_be_cancelled(string name) => Assert.Throws<OperationCanceledException>(
        () => Decompressor.Decompress(Packed(name), "file", 1 << 20, [], cancellation: new CancellationToken(canceled: true)));

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_limit_is_exact(string name)
    {
        var packed = Packed(name);
        var diagnostics = new DiagnosticBag();
        Assert.NotNull(Decompressor.Decompress(packed, "file", CompressedSamples.Length, diagnostics));
        Assert.Null(Decompressor.Decompress(packed, "file", CompressedSamples.Length - 1, diagnostics));
        Assert.Equal("KLP0234", Assert.Single(diagnostics).Id);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Random_damage_never_crashes_and_never_passes_the_limit(string name)
    {
        var packed = Packed(name);
        var random = new Random(20261120);
        for (var round = 0; round < 400; round++)
        {
            var damaged = (byte[])packed.Clone();
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            var diagnostics = new DiagnosticBag();
            var unpacked = Decompressor.Decompress(damaged, "file", 16 << 10, diagnostics);
            Assert.Equal(unpacked is null, diagnostics.HasErrors);
            Assert.True(unpacked is null || (unpacked.Bytes.Length <= 16 << 10 && unpacked.Consumed <= damaged.Length));
        }
    }

    [Fact]
    public void A_bomb_costs_no_more_than_the_limit()
    {
        var bomb = Gzip(new byte[64 << 20]);
        Assert.True(bomb.Length < 100_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var diagnostics = new DiagnosticBag();
        Assert.Null(Decompressor.Decompress(bomb, "bomb.gz", 1 << 20, diagnostics, expected: long.MaxValue));
        Assert.Equal("KLP0234", Assert.Single(diagnostics).Id);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    /// <summary>The dictionary's size is in the stream's header, and the library would take all of it at once.</summary>
    [Fact]
    public void A_stream_that_asks_for_a_huge_dictionary_is_refused_without_the_advice_to_free_memory()
    {
        var packed = Packed("Lzma");
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(packed.AsSpan(1), 1u << 30);
        Assert.Equal(CompressionFormat.Lzma, Decompressor.Sniff(packed));
        var diagnostics = new DiagnosticBag();
        Assert.Null(Decompressor.Decompress(packed, "fix.ko.lzma", 1 << 20, diagnostics));
        var error = Assert.Single(diagnostics);
        Assert.Equal(("KLP0235", Severity.Error, "fix.ko.lzma"), (error.Id, error.Severity, error.Place.File));
        Assert.Contains("dictionary is larger than 128 MB", error.Message, StringComparison.Ordinal);
        Assert.Contains("decompress it yourself", error.Cure, StringComparison.Ordinal);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(packed.AsSpan(1), 128u << 20);
        Assert.Equal(CompressedSamples.Text(), Decompressor.Decompress(packed, "fix.ko.lzma", 1 << 20, diagnostics)?.Bytes.ToArray());
    }

    /// <summary>A process of its own: here the libraries are long loaded. A file of the library's name that is none stands before the machine's.</summary>
    [Theory]
    [InlineData("Xz", "xz", "liblzma.so.5", "liblzma5")]
    [InlineData("Zstd", "zstd", "libzstd.so.1", "libzstd1")]
    [InlineData("Bzip2", "bzip2", "libbz2.so.1.0", "libbz2-1.0")]
    public async Task A_library_that_is_missing_is_named_with_its_package(string sample, string word, string library, string package)
    {
        using var folder = new TemporaryFolder();
        folder.Write("lib/" + library, "");
        var module = folder.Write("fix.ko", Packed(sample));
        using var tool = new KlpProcess($"export LD_LIBRARY_PATH='{folder.Combine("lib")}'", "unconvert", module, folder.Combine("plain.ko"));
        var (status, _, error) = await tool.EndAsync();
        Assert.Equal(1, status);
        Assert.Contains($"fix.ko: error KLP0231: This is {word} data, and the library that reads it, {library}, is not on this machine", error, StringComparison.Ordinal);
        Assert.Contains("Debian: " + package, error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.Combine("plain.ko")));
    }

    [Fact]
    public void An_unpackable_input_names_the_formats()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(Decompressor.Decompress("plain text"u8, "notes.txt", 1 << 20, diagnostics));
        Assert.Equal("KLP0230", Assert.Single(diagnostics).Id);
    }

    [Theory]
    [InlineData("123456789", 0xCBF43926u, 0x091E01DEu, 0x937BAD67u)]
    [InlineData("", 0u, 1u, 0x02CC5D05u)]
    public void Checksums_have_their_published_values(string text, uint crc, uint adler, uint xxhash)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(text);
        Assert.Equal(crc, Checksums.Crc32(bytes));
        Assert.Equal(adler, Checksums.Adler32(bytes));
        Assert.Equal(xxhash, Checksums.XxHash32(bytes));
    }

    private static byte[] Packed(string name) => name switch
    {
        "Gzip" => Gzip(CompressedSamples.Text()),
        "GzipWithName" => WithName(Gzip(CompressedSamples.Text())),
        "Zlib" => Zlib(CompressedSamples.Text()),
        _ => CompressedSamples.Compressed(name),
    };

    private static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.SmallestSize))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }

    private static byte[] WithName(byte[] gzip)
    {
        gzip[3] = 8; // FNAME
        return [.. gzip[..10], .. "vmlinux.bin\0"u8, .. gzip[10..]];
    }

    private static byte[] Zlib(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.SmallestSize))
        {
            zlib.Write(content);
        }

        return stream.ToArray();
    }
}
