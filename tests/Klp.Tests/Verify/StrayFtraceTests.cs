using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Verify;

/// <summary>Functions behind which a nameless one with an ftrace site lies: which kernels have them, and what the verifier says to a patch of one.</summary>
public sealed class StrayFtraceTests
{
    private static readonly SourcePlace Line = new("fix.c", 7);

    public static IEnumerable<object[]> OfThisMachine =>
        [.. Kernels.NewestBootableOfEachSeries, .. Tier.Includes("stray ftrace sites in the cloud and rt kernels") ? Kernels.Flavours.Select(k => new object[] { k.Release }) : []];

    [Theory]
    [MemberData(nameof(OfThisMachine))]
    public void No_function_of_an_x86_64_kernel_has_a_stray_site(string release)
    {
        var image = KernelImage.Load(Kernels.ByRelease(release).ImageFile, new DiagnosticBag())!;
        var (patchable, stray) = Count(image);
        Assert.InRange(patchable, 20_000, image.Ftrace!.Count);
        Assert.Equal(0, stray);
    }

    [Theory]
    [InlineData(ElfMachine.X86_64, 0, 0x40, false)] // the exact one is asked for first
    [InlineData(ElfMachine.X86_64, 4, 0x40, true)] // behind endbr64
    [InlineData(ElfMachine.X86_64, 4, 0x104, false)] // the next function's
    [InlineData(ElfMachine.Ppc64, 12, 0x40, true)]
    [InlineData(ElfMachine.Ppc64, 12, 0xfc, true)]
    [InlineData(ElfMachine.Ppc64, 12, 0x10c, false)]
    [InlineData(ElfMachine.S390, 0, 0x40, false)]
    [InlineData(ElfMachine.AArch64, 0, 0x40, true)] // recorded at the start, hooked one instruction later
    [InlineData(ElfMachine.AArch64, -8, 0xf8, false)] // the next function's, recorded in front of it
    public void A_second_site_in_the_range_is_stray_unless_the_first_is_at_the_start(ElfMachine machine, int own, int other, bool isStray)
    {
        const ulong start = 0xc0001000;
        var sites = new FtraceSites([start + (ulong)other, start - 0x80, start + (ulong)own, start + 0x400], machine);
        Assert.True(sites.IsInside(start, 0x100));
        Assert.Equal(isStray, sites.HasStray(start, 0x100));
    }

    [Fact]
    public void A_site_that_is_not_at_a_functions_entry_makes_it_no_patchable_one() => Assert.False(new FtraceSites([0x1010], ElfMachine.X86_64).IsInside(0x1000, 0x100));

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)] // before 5.18 only the start was looked at
    public void A_claim_on_a_function_with_a_stray_site_is_warned_of(bool isStray, bool isSearched, bool isWarned)
    {
        var symbol = new KernelSymbol("vmlinux", "loadavg_proc_show", 0x1000, 't', 1, 1, false, null) { HasFtraceEntry = true, HasStrayFtraceSite = isStray };
        var input = VerifyBench.Input(VerifyBench.Good());
        var rules = LoaderRulesOverride.Apply(input.Rules, $"SearchesFunctionForFtraceSite={(isSearched ? "true" : "false")}", "fix.klpproj", new DiagnosticBag())!;
        var patched = new PatchedObject("vmlinux", [new PatchedFunction("loadavg_proc_show", 0, 1, 0, "replacement", Line)], [], Line);
        var found = VerifyBench.Verify(input with { Rules = rules, Index = SymbolIndex.FromSymbols([symbol], rules), Patch = new PatchModel { Objects = [patched], IsReadable = true, HasPatch = true } })
            .Where(d => d.Id == "KLP0792");
        Assert.Equal(isWarned ? [(Severity.Warning, Line)] : [], found.Select(d => (d.Severity, d.Place)));
    }

    /// <summary>The image's functions outside init memory that ftrace can hook, and how many of them have a stray site.</summary>
    private static (int Patchable, int Stray) Count(KernelImage image)
    {
        var addresses = image.Kallsyms.Addresses;
        var (patchable, stray) = (0, 0);
        for (int i = 0, next; i < addresses.Length; i = next)
        {
            for (next = i + 1; next < addresses.Length && addresses[next] == addresses[i];)
            {
                next++;
            }

            var size = next < addresses.Length ? addresses[next] - addresses[i] : 0;
            if (!image.IsInit(addresses[i]) && image.Ftrace!.IsInside(addresses[i], size))
            {
                patchable++;
                stray += image.Ftrace.HasStray(addresses[i], size) ? 1 : 0;
            }
        }

        return (patchable, stray);
    }
}
