using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Klp.Base;
using Klp.Guest;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>The index held against the running kernel: its whole symbol table, line by line, and that of a loaded module.</summary>
public sealed class KallsymsProofTests
{
    private const string Module = "ext4";

    public static IEnumerable<object[]> Releases => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_running_kernel_has_exactly_the_symbols_that_were_read_from_its_image(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = kernel.ImageFile, ModulesDirectory = kernel.ModulesDirectory, Release = release }, null, LoaderRules.For(release), diagnostics);
        Assert.True(index is not null, diagnostics.ToString());
        var modules = index.Modules!.DependencyClosure(Module).Reverse().Select(name => new GuestModule(name, index.Modules.ReadBytes(name, diagnostics)!.Value)).ToList();
        Assert.False(diagnostics.HasErrors, diagnostics.ToString());

        var request = Machine.Request(kernel, [
            new GuestStep("addresses are shown", "echo 0 > /proc/sys/kernel/kptr_restrict") { Role = GuestStepRole.Required },
            new GuestStep("vmlinux", "grep -v '\\]$' /proc/kallsyms | sha256sum"),
            .. modules.Select(m => GuestStep.Insert("load " + m.Name, m)),
            new GuestStep("module", $"grep '\\[{Module}\\]$' /proc/kallsyms")])
            with { Modules = modules, KernelOptions = ["nokaslr"] };
        var result = await GuestRunner.RunAsync(request, diagnostics, CancellationToken.None);
        Assert.False(diagnostics.HasErrors, diagnostics.ToString());

        Assert.Equal(DigestOf(kernel.ImageFile), result!["vmlinux"].Text.Split(' ')[0]);
        CheckModule(index, result["module"].Text, diagnostics);
    }

    private static string DigestOf(string imageFile)
    {
        var table = KernelImage.Load(imageFile, new DiagnosticBag())!.Kallsyms;
        var text = new StringBuilder(table.Count * 48);
        for (var i = 0; i < table.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{table.AddressOf(i):x16} {table.TypeOf(i)} {table.NameOf(i)}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text.ToString())));
    }

    /// <summary>After its init the module has all symbols that are not marked, in their order; one section's are all moved by the same distance.</summary>
    private static void CheckModule(SymbolIndex index, string lines, DiagnosticBag diagnostics)
    {
        var running = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', '\t')).Select(f => (Address: ulong.Parse(f[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), Name: f[2])).ToList();
        Assert.InRange(running.Count, 1_000, 100_000);
        var expected = index.All(Module, diagnostics).Where(s => !s.IsInit).ToList();
        Assert.Equal(expected.Select(s => s.Name).Order(StringComparer.Ordinal), running.Select(s => s.Name).Order(StringComparer.Ordinal));

        var bases = new Dictionary<int, ulong>();
        foreach (var group in running.GroupBy(s => s.Name))
        {
            // Position among what is left after init is the order in the kernel's list.
            var found = index.Find(Module, group.Key, diagnostics).Where(s => !s.IsInit).ToList();
            foreach (var (symbol, address) in found.Zip(group.Select(s => s.Address)))
            {
                bases.TryAdd(symbol.SectionIndex, address - symbol.Address);
                Assert.Equal(bases[symbol.SectionIndex], address - symbol.Address);
            }
        }
    }
}
