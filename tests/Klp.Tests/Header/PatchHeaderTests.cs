using Klp.Base;
using Klp.Elf;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Header;

/// <summary><c>klp/patch.h</c> with every compiler and machine: what its records say, and that it is quiet.</summary>
public sealed class PatchHeaderTests
{
    private const string Source = """
        #include <klp/patch.h>
        struct thing { int value; };
        KLP_FUNC(vmlinux, copy_process, int, struct thing *t, int n)
        {
            return t->value + n;
        }
        #define linux_version surprise
        KLP_FUNC_POS(unix, linux_version, 3, void, void)
        {
        }
        KLP_FUNC_NAMED(snd-hda-intel, "foo.isra.0", foo, long,
                       long a)
        {
            return a;
        }
        KLP_FUNC_NAMED_POS(vmlinux, "bar.constprop.1", 4000000000, bar, void *, void *(*f)(int, char))
        {
            return f(1, 'c');
        }
        KLP_PRE_PATCH(ext4, object) { return klp_patch_of(object)->replace; }
        KLP_POST_PATCH(ext4, object) { }
        KLP_PRE_UNPATCH(vmlinux, object) { }
        KLP_POST_UNPATCH(unix, object) { }
        KLP_MODULE("GPL", .replace = 1, KLP_STATES(KLP_STATE(1, 2), KLP_STATE(7, 1)));
        """;

    private static readonly string[] Quiet = ["-Wall", "-Wextra", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wshadow", "-Wundef", "-Wvla", "-Werror"];

    private static readonly (string Compiler, string[] Options)[] Machines =
    [
        ("gcc", []), ("clang", []), ("aarch64-linux-gnu-gcc", []), ("powerpc64le-linux-gnu-gcc", ["-mabi=elfv2"]), ("s390x-linux-gnu-gcc", []),
        ("clang", ["--target=aarch64-linux-gnu"]), ("clang", ["--target=powerpc64le-linux-gnu"]), ("clang", ["--target=s390x-linux-gnu"]),
    ];

    private static readonly string[] CodeStyles =
        ["-O2 -fno-pic -fno-pie", "-O2 -fPIC", "-O0 -fno-pie", "-Os -fdata-sections -ffunction-sections -g", "-O2 -fno-toplevel-reorder -fno-pie", "-O2 -fsanitize=kernel-address -fno-pie --param=asan-globals=1"];

    public static TheoryData<string, string, string> All
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var (compiler, options) in Machines)
            {
                foreach (var style in CodeStyles.Where(s => Knows(compiler, options, s)))
                {
                    data.Add(compiler, string.Join(' ', options), style);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Records_say_in_source_order_what_the_macros_say_and_no_warning_is_given(string compiler, string options, string style)
    {
        using var folder = new TemporaryFolder();
        var file = CCompiler.CompileElf(Source, compiler, [.. StubKernel.Install(folder), .. Quiet, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. style.Split(' ')]);
        var diagnostics = new DiagnosticBag();
        var records = PatchRecords.Read(file, diagnostics);
        Assert.True(records is not null, diagnostics.ToString());
        Assert.Equal(
            [
                (PatchRecordKind.Function, "vmlinux", "copy_process", 0ul, "livepatch_copy_process"),
                (PatchRecordKind.Function, "unix", "linux_version", 3ul, "livepatch_linux_version"),
                (PatchRecordKind.Function, "snd-hda-intel", "foo.isra.0", 0ul, "livepatch_foo"),
                (PatchRecordKind.Function, "vmlinux", "bar.constprop.1", 4000000000ul, "livepatch_bar"),
                (PatchRecordKind.PrePatch, "ext4", "", 0ul, "livepatch_pre_patch_ext4"),
                (PatchRecordKind.PostPatch, "ext4", "", 0ul, "livepatch_post_patch_ext4"),
                (PatchRecordKind.PreUnpatch, "vmlinux", "", 0ul, "livepatch_pre_unpatch_vmlinux"),
                (PatchRecordKind.PostUnpatch, "unix", "", 0ul, "livepatch_post_unpatch_unix"),
                (PatchRecordKind.Module, "", "", 0ul, "klp_patch"),
            ],
            records.Select(r => (r.Kind, r.Object, r.Name, r.Position, TargetOf(file, r))));
        Assert.All(records, r => Assert.EndsWith("/input.c", r.Place.File, StringComparison.Ordinal));

        // gcc tells the last line of a macro's arguments, clang the first.
        var lines = records.Select(r => r.Place.Line).ToArray();
        Assert.True(lines is [3, 8, 11 or 12, 16, 20, 21, 22, 23, 24], string.Join(' ', lines));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Section_is_writable_data_with_64_bit_absolute_relocations_only(string compiler, string options, string style)
    {
        using var folder = new TemporaryFolder();
        var file = CCompiler.CompileElf(Source, compiler, [.. StubKernel.Install(folder), .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. style.Split(' ')]);
        var index = file.IndexOf(PatchRecords.SectionName);
        Assert.Equal((SectionType.ProgBits, SectionFlags.Write | SectionFlags.Alloc), (file.Sections[index].Type, file.Sections[index].Flags));
        var absolute = file.Machine switch { ElfMachine.X86_64 => 1u, ElfMachine.AArch64 => 257u, ElfMachine.Ppc64 => 38u, _ => 22u };
        Assert.All(file.RelocationSectionsFor(index).SelectMany(file.RelocationsOf), r => Assert.Equal(absolute, r.Type));

        // Nothing a record says is left behind in mergeable strings.
        Assert.DoesNotContain(file.Sections, s => s.Flags.HasFlag(SectionFlags.Strings) && s.IsAlloc && s.Data.Span.IndexOf("copy_process"u8) >= 0);
    }

    /// <summary>Options that one of the compilers has not.</summary>
    private static bool Knows(string compiler, string[] options, string style) =>
        !(style.Contains("sanitize", StringComparison.Ordinal) && (compiler != "gcc" || options.Length > 0))
        && !(style.Contains("toplevel-reorder", StringComparison.Ordinal) && compiler == "clang");

    private static string TargetOf(ElfFile file, PatchRecord record)
    {
        var symbol = file.SymbolOf(record.Target)!;
        var offset = symbol.Value + (ulong)record.Target.Addend;
        return file.Symbols.Single(s => s.SectionIndex == symbol.SectionIndex && s.Value == offset && s.Type is SymbolType.Function or SymbolType.Object).Name;
    }
}
