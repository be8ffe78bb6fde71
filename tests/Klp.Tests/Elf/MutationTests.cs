using Klp.Base;
using Klp.Elf;
using Klp.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Klp.Tests.Elf;

/// <summary>Random damage to real objects, then read, edit and write: a code or a file, never an exception, never a flood of memory.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int Seed = 1120;

    [Fact]
    public void Ten_thousand_damaged_objects_are_refused_or_survive_every_edit()
    {
        var rounds = Soak.Rounds(10_000);
        var seed = Soak.IsWished ? Environment.TickCount : Seed;
        output.WriteLine($"seed {seed}, {rounds} rounds");
        var random = new Random(seed);
        var objects = SampleObjects.ByCompiler.Values.ToArray();
        var survived = 0;
        for (var round = 0; round < rounds; round++)
        {
            var bytes = objects[random.Next(objects.Length)].ToArray();
            var damaged = Damage(bytes, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var diagnostics = new DiagnosticBag();
            try
            {
                if (ElfFile.Read(damaged, "damaged.o", diagnostics) is { } file)
                {
                    survived++;
                    Edit(file, random);
                    var written = file.Write();
                    Assert.InRange(written.Length, 64, bytes.Length * 4 + 200_000);
                }
                else
                {
                    Assert.StartsWith("KLP06", Assert.Single(diagnostics).Id, StringComparison.Ordinal);
                }
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}, round {round}: {e}");
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < bytes.Length * 100L + 5_000_000, $"seed {seed}, round {round} took too much memory");
        }

        // Otherwise this would test the first check of the reader only.
        Assert.InRange(survived, rounds / 10, rounds);
    }

    private static Memory<byte> Damage(byte[] bytes, Random random)
    {
        var sectionTable = (int)BitConverter.ToUInt64(bytes, 40);
        var end = sectionTable > 0 && sectionTable < bytes.Length ? sectionTable : bytes.Length / 2;
        for (var change = random.Next(1, 6); change > 0; change--)
        {
            var at = random.Next(5) switch
            {
                0 => random.Next(64),
                1 or 2 => random.Next(end, bytes.Length),
                _ => random.Next(bytes.Length),
            };
            bytes[at] = random.Next(3) switch { 0 => 0xff, 1 => (byte)(bytes[at] ^ (1 << random.Next(8))), _ => (byte)random.Next(256) };
        }

        return random.Next(20) == 0 ? bytes.AsMemory(0, random.Next(bytes.Length)) : bytes;
    }

    private static void Edit(ElfFile file, Random random)
    {
        for (var step = random.Next(3); step >= 0; step--)
        {
            switch (random.Next(7))
            {
                case 0:
                    file.RemoveSymbols((_, _) => random.Next(4) == 0);
                    break;
                case 1:
                    file.RemoveSections((_, _) => random.Next(6) == 0);
                    break;
                case 2:
                    file.SortSymbols();
                    break;
                case 3:
                    file.Compact();
                    break;
                case 4:
                    file.AddSection(new ElfSection { Name = ".new", Type = SectionType.ProgBits, Data = new byte[random.Next(100)], Alignment = 8 });
                    break;
                case 5:
                    file.AddSymbol(new ElfSymbol { Name = "new_symbol" });
                    break;
                default:
                    _ = LineTable.Read(file).Find(random.Next(20), (ulong)random.Next(100));
                    break;
            }
        }
    }
}
