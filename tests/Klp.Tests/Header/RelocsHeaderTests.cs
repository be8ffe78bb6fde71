using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Header;

/// <summary><c>klp/relocs.h</c> with every compiler and machine: the names and the table it leaves in an object.</summary>
public sealed class RelocsHeaderTests
{
    private const string Source = """
        #include <klp/relocs.h>
        #define P 2
        #define sym surprise
        extern int a(int) KLP_RELOC_VMLINUX(unix);
        extern int b(int) KLP_RELOC_MODULE(ext4, sym);
        extern typeof(b) c KLP_RELOC_SYMBOL(btrfs, xor, sym);
        extern int d(int) KLP_RELOC_SYMBOL_POS(ext4, ext4, foo, P);
        extern int d3(int) KLP_RELOC_SYMBOL_POS(ext4, ext4, foo, 3);
        extern int e(int) KLP_RELOC_NAME(vmlinux, vmlinux, "bar.isra.0", 0);
        extern int f(int) KLP_RELOC_FILE(vmlinux, vmlinux, foo, "fs/proc/base-x.c");
        extern int g KLP_RELOC_FILE(vmlinux, vmlinux, data, "fs/proc/base.c");
        int *pointer = &g;
        int test(int x) { return a(x) + b(x) + c(x) + d(x) + d3(x) + e(x) + f(x) + g; }
        """;

    private const string TableSource = """
        #include <klp/relocs.h>
        extern int foo(void);
        extern int bar;
        @
        int test(void) { return foo() + bar; }
        """;

    public static TheoryData<string, string> Compilers => new()
    {
        { "gcc", "-fno-pie -mcmodel=kernel" }, { "clang", "-fno-pie -mcmodel=kernel" }, { "aarch64-linux-gnu-gcc", "-fno-pie" },
        { "powerpc64le-linux-gnu-gcc", "-mcmodel=medium" }, { "s390x-linux-gnu-gcc", "-fPIC" }, { "s390x-linux-gnu-gcc", "-fno-pie" },
        { "clang", "--target=aarch64-linux-gnu" }, { "clang", "--target=powerpc64le-linux-gnu" }, { "clang", "--target=s390x-linux-gnu" },
    };

    [Theory]
    [MemberData(nameof(Compilers))]
    public void Annotated_declarations_become_undefined_symbols_that_say_what_is_meant(string compiler, string options)
    {
        var file = Compile(Source, compiler, options);
        var names = file.Symbols.Where(s => s.Name.StartsWith(".klp.sym.rela.", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            [
                ".klp.sym.rela.btrfs.xor.sym.0", ".klp.sym.rela.ext4.ext4.foo.2", ".klp.sym.rela.ext4.ext4.foo.3", ".klp.sym.rela.ext4.ext4.sym.0",
                ".klp.sym.rela.vmlinux.vmlinux.bar.isra.0.0", ".klp.sym.rela.vmlinux.vmlinux.data.@fs/proc/base.c",
                ".klp.sym.rela.vmlinux.vmlinux.foo.@fs/proc/base-x.c", ".klp.sym.rela.vmlinux.vmlinux.unix.0",
            ],
            names.Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.All(names, s => Assert.Equal((true, SymbolBinding.Global), (s.IsUndefined, s.Binding)));
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void The_table_of_older_sources_has_twelve_bytes_and_one_relocation_for_each_symbol(string compiler, string options)
    {
        string[] tables =
        [
            "KLP_MODULE_RELOC(vmlinux) table[] = { KLP_SYMPOS(foo, 2), KLP_SYMPOS(bar, 1) };",
            "struct KLP_MODULE_RELOC_V3(vmlinux) table[] = { KLP_SYMPOS(foo, 2), KLP_SYMPOS(bar, 1) };",
        ];
        foreach (var table in tables.Append("#undef KLP_MODULE_RELOC\n#define KLP_MODULE_RELOC KLP_MODULE_RELOC_V3\nstruct KLP_MODULE_RELOC(vmlinux) table[] = { KLP_SYMPOS(foo, 2), KLP_SYMPOS(bar, 1) };"))
        {
            var file = Compile(TableSource.Replace("@", table), compiler, options);
            var index = file.IndexOf(".klp.module_relocs.vmlinux");
            var bytes = file.Sections[index].Data;
            Assert.Equal((24, 2u, 1u), (bytes.Length, file.ByteOrder.ReadUInt32(bytes.Span[8..]), file.ByteOrder.ReadUInt32(bytes.Span[20..])));
            var relocations = file.RelocationSectionsFor(index).SelectMany(file.RelocationsOf).OrderBy(r => r.Offset);
            Assert.Equal([(0ul, "foo"), (12ul, "bar")], relocations.Select(r => (r.Offset, file.SymbolOf(r)!.Name)));
        }
    }

    [Fact]
    public void Macros_that_the_kernels_own_headers_define_win()
    {
        using var folder = new TemporaryFolder();
        var words = StubKernel.Install(folder);
        folder.Write("stub/linux/livepatch_helpers.h", "#define KLP_STATIC_CALL(name) theirs\n#define KLP_SYSCALL_DEFINE1(name, ...) theirs\n");
        folder.Write("stub/linux/livepatch.h", "#define KLP_RELOC_SYMBOL(a, b, c) theirs\n");
        var input = folder.Write("input.c", "#include <klp/relocs.h>\nKLP_STATIC_CALL(x) KLP_SYSCALL_DEFINE1(x) KLP_RELOC_SYMBOL(a, b, c) KLP_RELOC_SYMBOL_POS(a, b, c, 1)\n");
        var text = CCompiler.Run("gcc", folder.Path, [.. words, "-E", "-P", input]);
        Assert.Contains("theirs theirs theirs __asm__", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(SamplesOfKernels))]
    public void Static_calls_and_system_calls_of_the_target_kernel_compile(string release, string compiler)
    {
        var kernel = Kernels.ByRelease(release);
        var file = KernelCompiler.For(kernel).CompileElf("""
            #include <linux/syscalls.h>
            #include <linux/static_call.h>
            #include <linux/module.h>
            #include <klp/relocs.h>
            extern int klp_test_default(int);
            DECLARE_STATIC_CALL(klp_test, klp_test_default);
            int use(int n) { return KLP_STATIC_CALL(klp_test)(n); }
            KLP_SYSCALL_DEFINE2(klp_test, int, a, const char __user *, b)
            {
                return a + (b != NULL);
            }
            """, compiler);
        Assert.Contains(file.Symbols, s => s.Name == "__x64_sys_klp_test" && !s.IsUndefined);
        Assert.DoesNotContain(file.Sections, s => s.Name.Contains("syscalls_metadata", StringComparison.Ordinal));
        Assert.Contains(file.Symbols, s => s.Name.Contains("SCK__klp_test", StringComparison.Ordinal) && s.IsUndefined);
        Assert.DoesNotContain(file.RelocationSections().SelectMany(r => file.RelocationsOf(r.Section)), r => file.SymbolOf(r)!.Name.Contains("SCT__klp_test", StringComparison.Ordinal));
    }

    public static IEnumerable<object[]> SamplesOfKernels => PatchTables.Sources.KernelsAndCompilers;

    private static ElfFile Compile(string source, string compiler, string options)
    {
        using var folder = new TemporaryFolder();
        return CCompiler.CompileElf(source, compiler, [.. StubKernel.Install(folder), "-O2", "-Wall", "-Wextra", "-Werror", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
    }
}
