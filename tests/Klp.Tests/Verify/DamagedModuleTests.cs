using Klp.Base;
using Klp.Elf;
using Klp.TestKit;
using Klp.Verify;
using Xunit;
using Xunit.Abstractions;

namespace Klp.Tests.Verify;

/// <summary>Random damage to a converted module: the reader refuses it or the verifier says what it finds; neither throws or takes memory without measure.</summary>
public sealed class DamagedModuleTests(ITestOutputHelper output)
{
    private const int Seed = 707;
    private const int Rounds = 5000;

    [Fact]
    public void A_damaged_module_is_examined_to_the_end()
    {
        var rounds = Soak.Rounds(Rounds);
        var seed = Soak.IsWished ? Environment.TickCount : Seed;
        output.WriteLine($"seed {seed}, {rounds} rounds");
        var random = new Random(seed);
        var good = FinishedModule.For(VerifyBench.Kernel).Bytes;
        var symbols = CCompiler.Read(good);
        var headers = (int)BitConverter.ToUInt64(good, 40);
        var table = symbols.Sections[symbols.SymbolTableIndex];
        var livepatch = symbols.LivepatchSection();
        (int From, int To)[] sensitive =
        [
            (headers, headers + symbols.Sections.Count * ElfFile.SectionHeaderSize), ((int)table.RecordedOffset, (int)(table.RecordedOffset + table.Size)),
            ((int)livepatch.RecordedOffset, (int)(livepatch.RecordedOffset + livepatch.Size)), (0, good.Length),
        ];
        var examined = 0;
        for (var round = 0; round < rounds; round++)
        {
            var bytes = good.ToArray();
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                var (from, to) = sensitive[random.Next(sensitive.Length)];
                bytes[random.Next(from, to)] = (byte)(random.Next(3) == 0 ? 0xff : random.Next(256));
            }

            var diagnostics = new DiagnosticBag();
            if (ElfFile.Read(bytes, "damaged.ko", diagnostics) is not { } module)
            {
                continue;
            }

            examined++;
            try
            {
                Verifier.Verify(VerifyBench.Input(module) with { HoldsContract = random.Next(2) == 0 }, diagnostics);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}: {e}");
            }

            Assert.InRange(diagnostics.Count, 0, 3000);
        }

        Assert.InRange(examined, rounds / 4, rounds);
    }
}
