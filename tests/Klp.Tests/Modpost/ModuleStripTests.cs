using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Modpost;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Modpost;

/// <summary>Our strip leaves a livepatch whole; what GNU strip and ld do to one is noticed and repaired from the original.</summary>
public sealed class ModuleStripTests
{
    private static byte[] Original => FinishedModule.For(Kernels.BySeries("6.12")).Bytes;

    [Fact]
    public void A_stripped_livepatch_is_the_same_livepatch()
    {
        var stripped = Strip(Original, null, out var diagnostics)!;
        Assert.Empty(diagnostics);
        Assert.True(stripped.Length < Original.Length / 4);
        var (before, after) = (CCompiler.Read(Original), CCompiler.Read(stripped));
        Assert.DoesNotContain(after.Sections, DebugStrip.IsDebug);
        Assert.Empty(ModuleComparer.Compare(after, before));
        Assert.Equal(Marks(before), Marks(after));
        Assert.NotEmpty(Marks(after));
        Assert.Equal(stripped, Strip(stripped, null, out _));
    }

    [Theory]
    [InlineData("ld")]
    [InlineData("strip")]
    public void What_another_tool_broke_is_noticed_and_repaired(string tool)
    {
        using var folder = new TemporaryFolder();
        // GNU strip harms a livepatch relocation section that is the only one of its target.
        var lonely = CCompiler.Read(Original);
        lonely.RemoveSections((_, s) => s.Name == ".rela.text" || s.Name.StartsWith(".klp.rela.pktgen", StringComparison.Ordinal));
        File.WriteAllBytes(Path.Combine(folder.Path, "good.ko"), lonely.Write());
        CCompiler.Run(tool, folder.Path, tool == "ld" ? ["-r", "-o", "bad.ko", "good.ko"] : ["-g", "-o", "bad.ko", "good.ko"]);
        var (good, bad) = (File.ReadAllBytes(Path.Combine(folder.Path, "good.ko")), File.ReadAllBytes(Path.Combine(folder.Path, "bad.ko")));
        Assert.Null(Strip(bad, null, out var diagnostics));
        Assert.Equal("KLP0585", Assert.Single(diagnostics).Id);
        var repaired = Strip(bad, good, out diagnostics);
        Assert.True(repaired is not null, diagnostics.ToString());
        Assert.Equal(Strip(good, null, out _), repaired);
        Assert.Null(Strip(bad, bad, out diagnostics));
        Assert.Equal("KLP0585", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void Another_module_repairs_nothing()
    {
        Assert.Null(Strip(Original, FinishedModule.For(Kernels.BySeries("6.1")).Bytes, out var diagnostics));
        Assert.Equal("KLP0584", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void A_signature_goes_and_that_is_said()
    {
        byte[] signed = [.. Original, .. "~Module signature appended~\n"u8];
        Assert.Equal(Strip(Original, null, out _), Strip(signed, null, out var diagnostics));
        Assert.Equal("KLP0586", Assert.Single(diagnostics).Id);
    }

    private static byte[]? Strip(byte[] module, byte[]? unstripped, out DiagnosticBag diagnostics)
    {
        diagnostics = new DiagnosticBag();
        return ModuleStrip.Apply(CCompiler.Read(module), "fix.ko", unstripped is null ? null : CCompiler.Read(unstripped), "original.ko", diagnostics)?.Write();
    }

    private static IEnumerable<string> Marks(ElfFile file) =>
        file.Sections.Where(LivepatchFormat.IsLivepatchRelocation).Select(s => $"{s.Name} {s.Flags} {s.Data.Length}")
            .Concat(file.Symbols.Where(s => s.SectionIndex == LivepatchFormat.SymbolSectionIndex).Select(s => s.Name)).Order();
}
