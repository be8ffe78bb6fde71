using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Modpost;

/// <summary>The comparison that other tests trust sees every kind of difference that matters, and only those.</summary>
public sealed class ModuleComparerTests
{
    private const string Source = """
        .section .modinfo,"a"
        .asciz "license=GPL"
        .text
        .globl f
        .type f,@function
        f: call outside
        .size f,.-f
        .data
        .globl d
        d: .quad f
        .quad .text+4
        .bss
        .skip 8
        .section .debug_info
        .quad 1

        """;

    [Theory]
    [InlineData(".asciz \"license=GPL\"", ".asciz \"license=MIT\"", "modinfo")]
    [InlineData("call outside", "call elsewhere", ".text: relocation")]
    [InlineData("call outside", "jmp outside", ".text: bytes")]
    [InlineData(".quad .text+4", ".quad .text+5", ".data: relocation")]
    [InlineData(".skip 8", ".skip 9", ".bss: header")]
    [InlineData(".globl d\n", "", "symbol d")]
    [InlineData(".data\n", ".section .data.x,\"aw\"\n", "section .data.x")]
    public void A_difference_is_seen(string from, string to, string said) =>
        Assert.Contains(ModuleComparer.Compare(Assemble(Source), Assemble(Source.Replace(from, to, StringComparison.Ordinal))), d => d.Contains(said, StringComparison.Ordinal));

    [Theory]
    [InlineData(".quad .text+4", ".quad f+4")]
    [InlineData(".quad 1\n", ".quad 2\n.quad 3\n")]
    public void What_means_the_same_is_the_same(string from, string to) =>
        Assert.Empty(ModuleComparer.Compare(Assemble(Source), Assemble(Source.Replace(from, to, StringComparison.Ordinal))));

    private static ElfFile Assemble(string text)
    {
        using var folder = new TemporaryFolder();
        folder.Write("input.s", text);
        CCompiler.Run("as", folder.Path, "input.s", "-o", "input.o");
        return CCompiler.Read(File.ReadAllBytes(Path.Combine(folder.Path, "input.o")));
    }
}
