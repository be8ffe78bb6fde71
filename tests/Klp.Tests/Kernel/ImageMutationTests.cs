using System.Diagnostics;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Kernel;

/// <summary>Damaged images and symbol tables: a coded error or a smaller truth, never a crash, a hang or a flood of memory.</summary>
public sealed class ImageMutationTests
{
    private const int TableRounds = 10_000;
    private const int ImageRounds = 200;

    [Fact]
    public void Ten_thousand_damaged_symbol_tables_are_survived()
    {
        var kernels = (from layout in Enum.GetValues<SyntheticLayout>() from order in Enum.GetValues<ByteOrder>() select new SyntheticKernel(layout, order, 300).Payload).ToArray();
        var random = new Random(Soak.Seed);
        for (var round = 0; round < Soak.Rounds(TableRounds); round++)
        {
            // Past banner, notes and sites: where the tables are.
            var kernel = kernels[round % kernels.Length];
            Survives(Mutation.Of(kernel, random, from: 0x1200), $"table round {round}", TimeSpan.FromSeconds(2), 8 << 20);
        }
    }

    [Fact]
    public void Damaged_small_boot_images_are_survived()
    {
        var kernel = new SyntheticKernel(functions: 300);
        byte[][] images = [kernel.BzImage(), kernel.Payload, kernel.RawImage(), SyntheticKernel.Gzip(kernel.Payload)];
        var random = new Random(Soak.Seed);
        for (var round = 0; round < Soak.Rounds(2_000); round++)
        {
            Survives(Mutation.Of(images[round % images.Length], random), $"small image round {round}", TimeSpan.FromSeconds(2), 80 << 20);
        }
    }

    [Fact]
    public void Two_hundred_damaged_distribution_kernels_are_survived()
    {
        var images = Kernels.NewestOfEachSeries.Select(r => File.ReadAllBytes(Kernels.ByRelease((string)r[0]).ImageFile)).ToArray();
        var rounds = Soak.Rounds(ImageRounds);
        var seeds = Enumerable.Range(0, rounds).Select(i => Soak.Seed + i);
        Parallel.ForEach(seeds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            // Half of the damage goes to the first kilobytes: the boot header and the start of the stream.
            var random = new Random(seed);
            // Mostly the newest, which unpacks in a quarter of the time.
            var image = seed % 8 == 0 ? images[0] : images[^1];
            Survives(Mutation.Of(image, random, 0, random.Next(2) == 0 ? 24 << 10 : int.MaxValue), $"seed {seed}", TimeSpan.FromSeconds(20), 64 << 20);
        });
    }

    private static void Survives(byte[] image, string what, TimeSpan longest, long mostExtra)
    {
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var diagnostics = new DiagnosticBag();
        KernelImage? read;
        try
        {
            read = KernelImage.Read(image, "vmlinuz", diagnostics);
            for (var i = 0; i < read?.Kallsyms.Count; i += 97)
            {
                _ = read.Kallsyms.NameOf(i);
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {Soak.Seed}, {what}: {e.Message}", e);
        }

        Assert.True(read is not null || diagnostics.HasErrors, what);
        Assert.All(diagnostics, d => Assert.Matches("^KLP02[34][0-9]$", d.Id));
        Assert.True(clock.Elapsed < longest, $"{what} took {clock.Elapsed}");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, mostExtra + 40L * image.Length);
    }
}
