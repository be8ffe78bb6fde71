using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Klp.Tests.Conversion;

/// <summary>
/// Damaged modules through reader, plan and conversion: nothing crashes or hangs, and what comes out is written without harm.
/// </summary>
public sealed class ConversionMutationTests(ITestOutputHelper output)
{
    private const int Seed = 20_261_120;
    private static readonly int s_count = Soak.Rounds(10_000);

    private const string Source = """
        extern int foo(int), bar(int), baz(int), both(int);
        extern int second(int) __asm__(".klp.sym.rela.vmlinux.vmlinux.two.2");
        static const struct { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { baz, 2 } };
        static __attribute__((noinline)) int helper(int a) { return both(a) + 1; }
        static int (*const operations[])(int) = { helper, bar };
        int init_module(void) { return bar(1); }
        int replacement(int a) { return foo(a) + bar(a) + baz(a) + second(a) + helper(a) + operations[a & 1](a) + 1; }
        """;

    [Fact]
    public void Ten_thousand_damaged_modules_neither_crash_nor_hang()
    {
        using var bench = new PlanBench();
        bench.Symbol("vmlinux", "foo");
        bench.Symbol("vmlinux", "two", 2);
        bench.Symbol("vmlinux", "baz", 2);
        bench.Symbol("ext4", "both");
        bench.Export("bar", "vmlinux");
        bench.Patch("ext4", "replacement");
        var unconverted = TestMachine.X86_64.Compile(Source, "-g0");
        var original = unconverted.Write();
        Assert.True(bench.Run(unconverted) is not null, bench.Diagnostics.ToString());
        byte[][] seeds = [original, bench.OutputBytes, .. OtherSeeds()];
        var template = bench.Input(CCompiler.Read(original), new DiagnosticBag());

        var old = LoaderRules.For("5.4");
        var random = new Random(Seed);
        output.WriteLine($"seed {Seed}");
        var (read, converted) = (0, 0);
        for (var i = 0; i < s_count; i++)
        {
            var bytes = Mutate(seeds[i % seeds.Length], random);
            try
            {
                var diagnostics = new DiagnosticBag();
                if (ElfFile.Read(bytes, "mutant.ko", diagnostics) is not { } module)
                {
                    Assert.True(diagnostics.HasErrors);
                    continue;
                }

                read++;
                var plan = SymbolPlan.Compute(template with { Module = module, Rules = i % 3 == 0 ? old : template.Rules, Lines = LineTable.Read(module) }, diagnostics);
                if (diagnostics.HasErrors || Converter.Convert(module, plan, i % 3 == 0 ? old : template.Rules, diagnostics) is not { } result)
                {
                    Assert.True(diagnostics.HasErrors, "refused without a word");
                    continue;
                }

                converted++;
                var written = result.Write();
                Assert.True(written.Length < bytes.Length * 4 + 65_536, "the output grew beyond reason");
                Unconverter.Unconvert(result, diagnostics).Write();
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"mutation {i} of seed {Seed}: {e}");
            }
        }

        output.WriteLine($"{read} of {s_count} could be read, {converted} converted");
        Assert.True(converted > s_count / 20, "almost nothing got through: the mutations test the reader only");
    }

    /// <summary>Every machine's branch decoding and relocations, line tables, groups, and objtool's list of relocations.</summary>
    private static IEnumerable<byte[]> OtherSeeds()
    {
        foreach (var machine in TestMachine.All)
        {
            yield return machine.Compile(Source, "-g", "-ffunction-sections").Write();
        }

        yield return TestMachine.X86_64.Compile(PlanCase.Read("T44-lists-for-two-objects.c").Source).Write();
        yield return TestMachine.X86_64.Compile(PlanCase.Read("T62-alternatives-that-wait-for-their-module.c").Source).Write();
    }

    /// <summary>One to four changes: a bit, a byte, a word of an interesting size, a cut.</summary>
    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = (byte[])seed.Clone();
        for (var change = random.Next(4); change >= 0; change--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2 when at + 8 <= bytes.Length:
                    ulong[] values = [0, 1, 0xffff, 0x7fffffff, 0xffffffff, 0x7fffffffffffffff, ulong.MaxValue, (ulong)bytes.Length];
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), values[random.Next(values.Length)]);
                    break;
                case 3 when at + 4 <= bytes.Length:
                    BitConverter.TryWriteBytes(bytes.AsSpan(at & ~3), random.Next(64));
                    break;
                case 4 when random.Next(20) == 0:
                    return bytes[..at];
                default:
                    bytes[at] = 0;
                    break;
            }
        }

        return bytes;
    }
}
