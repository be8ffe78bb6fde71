using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>The index held against the running kernel: its whole symbol table, loaded modules, and what it resolves for object, name and position.</summary>
public sealed class PositionProofTests(ProofBoots boots) : IClassFixture<ProofBoots>
{
    public static IEnumerable<object[]> Releases => Kernels.NewestOfEachSeries;

    /// <summary>The small kernels of other machines too; SymbolTableTests has their whole tables.</summary>
    public static IEnumerable<object[]> ReleasesAndSmall => [.. Releases, .. Kernels.SmallIn("positions that the kernel resolves").Select(k => new object[] { k.Release })];

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_running_kernel_has_exactly_the_symbols_that_were_read_from_its_image(string release)
    {
        var boot = await boots.GetAsync(release);
        var table = KernelImage.Load(Kernels.ByRelease(release).ImageFile, new DiagnosticBag())!.Kallsyms;
        var text = new StringBuilder(table.Count * 48);
        for (var i = 0; i < table.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.AddressOf(i):x16} {table.TypeOf(i)} {table.NameOf(i)}\n");
        }

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text.ToString()))), boot.Result["vmlinux"].Text.Split(' ')[0]);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_loaded_module_has_all_symbols_that_are_not_of_its_init_in_their_order(string release)
    {
        var boot = await boots.GetAsync(release);
        var diagnostics = new DiagnosticBag();
        foreach (var module in boot.Targets)
        {
            var running = Running(boot, module);
            var expected = boot.Index.All(module, diagnostics).Where(s => !s.IsInit).Select(s => s.Name);
            Assert.Equal(expected.Order(StringComparer.Ordinal), running.Select(s => s.Name).Order(StringComparer.Ordinal));

            // In each group of one name the kernel's order is ours: every address is its section's base and the symbol's value.
            var bases = SectionBases(boot, module);
            var compared = 0;
            foreach (var group in running.GroupBy(s => s.Name))
            {
                var found = boot.Index.Find(module, group.Key, diagnostics).Where(s => !s.IsInit).ToList();

                // Per-CPU data is the one section that the kernel tells no address of.
                if (found.TrueForAll(s => bases.ContainsKey(s.SectionIndex)))
                {
                    Assert.Equal(found.Select(s => bases[s.SectionIndex] + s.Address), group.Select(s => s.Address));
                    compared += found.Count;
                }
            }

            Assert.True(compared > running.Count * 9 / 10, $"{module}: {compared} of {running.Count}");
        }

        Assert.Empty(diagnostics);
    }

    [Theory]
    [MemberData(nameof(ReleasesAndSmall))]
    public async Task What_the_kernel_resolves_for_object_name_and_position_is_what_the_index_expects(string release)
    {
        var boot = await boots.GetAsync(release);
        var (ofVmlinux, ofModule) = Kernels.ByRelease(release).IsForeign ? (100, 3) : (500, 100);
        Assert.True(boot.Symbols.Count(s => s.Object == ObjectName.Vmlinux) >= ofVmlinux && boot.Targets.All(t => boot.Symbols.Count(s => s.Object == t) > ofModule));
        var bases = boot.Targets.ToDictionary(t => t, t => SectionBases(boot, t));
        var resolved = boot.Result["resolved"].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Hex).ToList();
        // arm64 and s390x run as a whole where they are loaded, not where they were linked; one distance for all of them.
        var distance = Kernels.ByRelease(release).IsForeign ? resolved[0] - boot.Symbols[0].Address : 0;
        var expected = boot.Symbols.Select(s => s.Object == ObjectName.Vmlinux ? s.Address + distance : bases[s.Object][s.SectionIndex] + s.Address);
        Assert.Equal(boot.Symbols.Zip(expected).Select(Show), boot.Symbols.Zip(resolved).Select(Show));
    }

    private static string Show((KernelSymbol Symbol, ulong Address) pair) => $"{pair.Symbol.Object}.{pair.Symbol.Name},{pair.Symbol.Position} {pair.Address:x}";

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static List<(ulong Address, string Name)> Running(ProofBoot boot, string module) =>
        [.. boot.Result[module].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', '\t')).Select(f => (Hex(f[0]), f[2]))];

    /// <summary>Where each section of a loaded module is, by index, as the kernel itself says it.</summary>
    private static Dictionary<int, ulong> SectionBases(ProofBoot boot, string module)
    {
        var addresses = boot.Result["sections of " + module].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToDictionary(f => f[0], f => Hex(f[1][2..]));
        var sections = boot.Index.Modules!.Load(module, new DiagnosticBag())!.Sections;
        return sections.Index().Where(s => addresses.ContainsKey(s.Item.Name)).ToDictionary(s => s.Index, s => addresses[s.Item.Name]);
    }
}
