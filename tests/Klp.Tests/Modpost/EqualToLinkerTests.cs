using Klp.Base;
using Klp.Elf;
using Klp.Modpost;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Modpost;

/// <summary>Our linker and <c>ld -r -T</c> make the same of the same two objects, statement by statement of the scripts that kernels use.</summary>
public sealed class EqualToLinkerTests
{
    private const string First = """
        .section .rodata.str1.1,"aMS",@progbits,1
        .LC0: .asciz "hello"
        .section .rodata.str1.8,"aMS",@progbits,1
        .p2align 3
        .asciz "abc"
        .section .data.mix,"aM",@progbits,8
        .quad 1
        .section .text.b,"ax"
        fb: nop
        .section .text.a,"ax"
        nop
        .globl fa
        .type fa,@function
        fa: nop
        .size fa,1
        .section .pfe,"awo",@progbits,.text.a
        .quad .text.a
        .section .pfe,"awo",@progbits,.text.b,unique,2
        .quad .text.b
        .section .init.text,"ax"
        .skip 9
        .section .pfe,"awo",@progbits,.init.text,unique,3
        .quad .init.text
        .quad .init.text+1
        .quad .init.text+2
        .section .text
        nop
        call undefined1
        .data
        local: .quad .LC0
        .quad .rodata.str1.1+2
        .quad weak
        .quad local+4
        .quad wanted
        .comm common,8,8
        .weak weak
        .hidden hidden
        .globl hidden
        hidden: .quad 0
        .bss
        .skip 24
        .p2align 5
        bss_symbol: .skip 8
        .section .discard.x
        gone: .long 1
        .long gone - .
        .section ___ksymtab+zeta,"a"
        .long 1
        .section ___ksymtab+alpha,"a"
        .long 2
        .long local - .
        .section __bug_table,"aw"
        .long fb - .
        .section .init_array.5,"aw"
        .quad fa
        .section .init_array.1,"aw"
        .quad fb

        """;

    private const string Second = """
        .section .rodata.str1.1,"aMS",@progbits,1
        .LC0: .asciz "hello"
        .section .data.mix,"a",@progbits
        .quad 2
        .section .text,"ax"
        .p2align 4
        call fa
        lea .LC0(%rip), %rax
        .p2align 6
        .globl undefined1
        undefined1: ret
        .data
        .p2align 4
        .quad hidden
        .globl weak
        .quad weak
        .quad .bss
        .bss
        .skip 3
        .section __bug_table,"aw"
        .p2align 2
        .long .text - .
        .section ___ksymtab+middle,"a"
        .long 3
        .section .exit.text,"ax"
        .skip 5
        .section .pfe,"awo",@progbits,.exit.text
        .quad .exit.text
        .quad .exit.text+1
        .section .pfe,"awo",@progbits,.text,unique,2
        .quad undefined1
        .section .note.x,"a",@note
        .long 1,2,3

        """;

    public static TheoryData<string> Scripts() =>
    [
        Kernel("6.1"),
        Kernel("6.12"),
        "SECTIONS { }",
        // As 7.x: code and data of one kind in one section.
        "SECTIONS { /DISCARD/ : { *(.discard) *(.discard.*) } .text 0 : { *(.text .text.[0-9a-zA-Z_]*) } .data : { *(.data .data.[0-9a-zA-Z_]* .data..L*) } .bss 0 : { *(.bss .bss.[0-9a-zA-Z_]*) } .rodata : { *(.rodata .rodata.[0-9a-zA-Z_]*) } }",
        // As arm64, ppc64 and riscv: placeholders and a common alignment.
        "SECTIONS { /* comment */ .plt 0 : { BYTE(0) } .init.plt 0 : { BYTE(0) } .init.text.ftrace_trampoline 0 : { BYTE(0) } .got 0 : { BYTE(0) } .data.own 0 : { BYTE(0) } .text.ftrace_trampoline 0 : { BYTE(0x90) LONG(1) } .toc 0 : ALIGN(256) { *(.rodata.str1.1 .rodata.str1.8) } /DISCARD/ : { *(.discard.*) } }",
        "SECTIONS { .tags 0 : { . = ALIGN(16); __start_tags = .; KEEP(*(___ksymtab+a*)) __stop_tags = .; PROVIDE(wanted = .); PROVIDE(unwanted = .); *(SORT(___ksymtab+*)) . = ALIGN(., 32) + 4; end = . + 8; } /DISCARD/ : { *(.discard.*) } }",
    ];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Both_linkers_agree(string script)
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.s", First);
        folder.Write("b.s", Second);
        // Newer ld makes a section for each partner of .pfe, older ld one; named in a script both make one, which is what the kernel needs.
        var scriptFile = folder.Write("module.lds", script + " SECTIONS { .pfe : { *(.pfe) } }");
        CCompiler.Run("as", folder.Path, "a.s", "-o", "a.o");
        CCompiler.Run("as", folder.Path, "b.s", "-o", "b.o");
        CCompiler.Run("ld", folder.Path, "-r", "-m", "elf_x86_64", "-z", "noexecstack", "--build-id=sha1", "-T", scriptFile, "-o", "ld.o", "a.o", "b.o");

        var diagnostics = new DiagnosticBag();
        var linked = ModuleLinker.Link(Read("a.o"), Read("b.o"), new LinkInput { LinkerScript = script }, diagnostics);
        Assert.True(linked is not null, diagnostics.ToString());
        var ours = CCompiler.Read(linked.Write());
        var differences = ModuleComparer.Compare(ours, Read("ld.o"));
        Assert.True(differences.Count == 0, string.Join('\n', differences));

        ElfFile Read(string name) => CCompiler.Read(File.ReadAllBytes(Path.Combine(folder.Path, name)));
    }

    [Theory]
    [InlineData("x86_64-linux-gnu", "gcc")]
    [InlineData("aarch64-linux-gnu", "aarch64-linux-gnu-gcc")]
    [InlineData("powerpc64le-linux-gnu", "powerpc64le-linux-gnu-gcc")]
    [InlineData("s390x-linux-gnu", "s390x-linux-gnu-gcc")]
    public void Both_linkers_agree_on_compiled_code_of_every_machine(string machine, string compiler)
    {
        const string Text = """
            #include <stddef.h>
            extern int other(const char *, ...); extern int shared; int common_data[40] = { 1, 2 }; static int zero[9]; static const char *const names[] = { "a", "bc", "d" };
            __attribute__((section(".init.text"))) int NAME_init(void) { return other("in %s", names[zero[1] % 3]) + shared; }
            static __attribute__((noinline)) int helper(int x) { switch (x) { case 1: return other("1"); case 2: return shared; case 3: return zero[x]; case 4: return other("4", x); case 9: return -1; default: return common_data[x % 40]; } }
            int NAME(int x) { return helper(x) + helper(x + 1); }
            __attribute__((section("list"), used)) static int (*const entry)(int) = NAME;
            __attribute__((section(".discard.NAME"), used)) static void *addressable = NAME;

            """;
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["first", "second"])
        {
            folder.Write(name + ".c", Text.Replace("NAME", name, StringComparison.Ordinal).Replace("common_data", name + "_data", StringComparison.Ordinal));
            CCompiler.Run(compiler, folder.Path, "-O2", "-g", "-fno-pic", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-ffunction-sections", "-c", name + ".c", "-o", name + ".o");
        }

        const string Script = "SECTIONS { /DISCARD/ : { *(.discard.*) } .list 0 : ALIGN(64) { KEEP(*(list)) } .toc 0 : ALIGN(256) { *(.got .toc) } .init.text 0 : { *(.init.text) } }";
        CCompiler.Run(machine + "-ld", folder.Path, "-r", "--build-id=sha1", "-T", folder.Write("module.lds", Script), "-o", "ld.o", "first.o", "second.o");
        var diagnostics = new DiagnosticBag();
        ElfFile Read(string name) => CCompiler.Read(File.ReadAllBytes(Path.Combine(folder.Path, name)));
        var linked = ModuleLinker.Link(Read("first.o"), Read("second.o"), new LinkInput { LinkerScript = Script }, diagnostics);
        Assert.True(linked is not null, diagnostics.ToString());
        var differences = ModuleComparer.Compare(CCompiler.Read(linked.Write()), Read("ld.o"));
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static string Kernel(string series) => File.ReadAllText(Path.Combine(Kernels.BySeries(series).BuildDirectory, "arch/x86/module.lds"));
}
