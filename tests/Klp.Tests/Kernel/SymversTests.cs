using System.Text;
using Klp.Base;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Kernel;

/// <summary>Module.symvers in every form kernels have written it, and in forms they have not.</summary>
public sealed class SymversTests
{
    [Theory]
    [InlineData("0x5b8239ca\tprintk\tvmlinux\tEXPORT_SYMBOL", false, null, "vmlinux")]
    [InlineData("0x5b8239ca\tprintk\tvmlinux\tEXPORT_SYMBOL\t", false, null, "vmlinux")]
    [InlineData("0x5b8239ca\tprintk\tvmlinux\tEXPORT_SYMBOL_GPL\tNS", true, "NS", "vmlinux")]
    [InlineData("0x5b8239ca\tprintk\tNS\tdrivers/net/some-thing\tEXPORT_SYMBOL_GPL", true, "NS", "some_thing")]
    [InlineData("0x5b8239ca\tprintk\tdrivers/net/some-thing\tEXPORT_SYMBOL_GPL\t\r", true, null, "some_thing")]
    [InlineData("0x5b8239ca\tprintk\t/home/me/mod.ko\tEXPORT_UNUSED_SYMBOL\t", false, null, "mod")]
    [InlineData("0x5b8239ca\tprintk\tmod\tEXPORT_SYMBOL_GPL_FUTURE\tmodule:kvm,kvm-amd", false, "module:kvm,kvm-amd", "mod")]
    public void Every_form_of_a_line_is_understood(string line, bool gplOnly, string? ns, string owner)
    {
        var symvers = Parse("0x00000000\tother\tvmlinux\tEXPORT_SYMBOL\t\n" + line + "\n", out _);
        Assert.Equal(new ExportedSymbol("printk", 0x5b8239ca, owner, gplOnly, ns), symvers?.Find("printk"));
        Assert.Null(symvers?.Find("print"));
        Assert.Equal(2, symvers?.Count);
    }

    [Theory]
    [InlineData("", "KLP0501")]
    [InlineData("\n \n", "KLP0501")]
    [InlineData("ffffffff81000000 T _text\n", "KLP0502")]
    [InlineData("0x5b8239ca printk vmlinux EXPORT_SYMBOL\n", "KLP0502")]
    [InlineData("0xzzzzzzzz\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n", "KLP0502")]
    [InlineData("0x5b8239ca\tprintk\tvmlinux\tEXP", "KLP0502")]
    public void A_file_that_is_no_symvers_is_one_error(string text, string code)
    {
        Assert.Null(Parse(text, out var diagnostics));
        Assert.Equal(code, Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void A_damaged_line_is_named_and_damage_everywhere_is_still_one_message()
    {
        var lines = Enumerable.Range(0, 1000).Select(i => i % 2 == 0 ? $"0x00000001\ts{i}\tvmlinux\tEXPORT_SYMBOL\t" : "damage");
        Parse(string.Join('\n', lines), out var diagnostics);
        var said = Assert.Single(diagnostics);
        Assert.Equal(new SourcePlace("Module.symvers", 2), said.Place);
        Assert.StartsWith("500 line(s)", said.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_names_the_package()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(Symvers.Read(["/nonexistent/Module.symvers"], diagnostics));
        Assert.Equal("KLP0500", Assert.Single(diagnostics).Id);
        Assert.Contains("headers package", diagnostics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_of_another_module_names_its_item()
    {
        using var folder = new TemporaryFolder();
        var diagnostics = new DiagnosticBag();
        Assert.Null(Symvers.Read([folder.Write("Module.symvers", "0x00000001\ts\tvmlinux\tEXPORT_SYMBOL\t\n"), "/nonexistent/Module.symvers"], diagnostics));
        Assert.Contains("KlpExtraSymvers", Assert.Single(diagnostics).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_file_replaces_a_modules_symbol_and_never_the_kernels()
    {
        using var folder = new TemporaryFolder();
        var kernel = folder.Write("kernel", "0x00000001\ta\tvmlinux\tEXPORT_SYMBOL\t\n0x00000002\tb\tdrivers/mod\tEXPORT_SYMBOL\t\n");
        var good = folder.Write("good", "0x00000003\tb\t/elsewhere/mod\tEXPORT_SYMBOL\t\n0x00000001\ta\tvmlinux\tEXPORT_SYMBOL\t\n");
        var bad = folder.Write("bad", "0x00000009\ta\tmine\tEXPORT_SYMBOL\t\n");
        var empty = folder.Write("empty", "");
        var diagnostics = new DiagnosticBag();
        Assert.Equal(3u, Symvers.Read([kernel, good, empty], diagnostics)?.Find("b")?.Crc);
        Assert.Empty(diagnostics);
        Assert.Null(Symvers.Read([kernel, bad], diagnostics));
        Assert.Equal("KLP0503", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void Every_line_of_a_real_kernels_file_is_found_again()
    {
        foreach (var kernel in Kernels.All)
        {
            var file = Path.Combine(kernel.BuildDirectory, "Module.symvers");
            var diagnostics = new DiagnosticBag();
            var symvers = Symvers.Read([file], diagnostics);
            Assert.True(symvers is not null, diagnostics.ToString());
            foreach (var columns in File.ReadLines(file).Select(l => l.Split('\t')))
            {
                var symbol = symvers.Find(columns[1]);
                Assert.Equal((columns[0], columns[3] == "EXPORT_SYMBOL_GPL", columns[4]), ($"0x{symbol?.Crc:x8}", symbol?.GplOnly, symbol?.Namespace ?? ""));
            }

            Assert.Equal(symvers.Count, symvers.Names.Distinct().Count());
        }
    }

    private static Symvers? Parse(string text, out DiagnosticBag diagnostics) => Symvers.Parse(Encoding.Latin1.GetBytes(text), "Module.symvers", diagnostics = new DiagnosticBag());
}
