using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Header;

/// <summary>
/// What the livepatch core calls or jumps to through a pointer must start with ENDBR, and objtool must not have sealed it (turned the ENDBR into
/// a NOP at load). QEMU's TCG has no IBT, so this is shown on the objects.
/// </summary>
public sealed class IndirectBranchTrackingTests
{
    private const string First = """
        #include <linux/seq_file.h>
        #include <klp/patch.h>
        void never_called_through_a_pointer(void);
        void never_called_through_a_pointer(void) { barrier(); }
        KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
        {
            seq_puts(m, "patched\n");
            return 0;
        }
        KLP_PRE_PATCH(vmlinux, object) { return object->patched; }
        KLP_POST_PATCH(vmlinux, object) { pr_info("patched\n"); }
        KLP_MODULE("GPL");
        """;

    private const string Second = """
        #include <klp/patch.h>
        KLP_FUNC(ext4, foo, int, int n) { return n; }
        KLP_PRE_UNPATCH(vmlinux, object) { pr_info("going\n"); }
        KLP_POST_UNPATCH(vmlinux, object) { }
        """;

    private static readonly string[] MustStay =
    [
        "livepatch_cmdline_proc_show", "livepatch_foo", "livepatch_pre_patch_vmlinux", "livepatch_post_patch_vmlinux", "livepatch_pre_unpatch_vmlinux",
        "livepatch_post_unpatch_vmlinux", "init_module", "cleanup_module",
    ];

    [Fact]
    public void Everything_the_core_calls_starts_with_endbr_and_is_not_sealed()
    {
        var kernel = Kernels.BySeries("6.12");
        var compiler = KernelCompiler.For(kernel);
        using var folder = new TemporaryFolder();
        var merged = compiler.MergeAndCheck(folder, compiler.Compile(folder, "first.c", First), compiler.Compile(folder, "second.c", Second));
        var file = CCompiler.Read(File.ReadAllBytes(merged));

        var sealedPlaces = file.Sections.Index().Where(s => s.Item.Name == ".ibt_endbr_seal").SelectMany(s => file.RelocationSectionsFor(s.Index)).SelectMany(file.RelocationsOf)
            .Select(r => (file.SymbolOf(r)!.SectionIndex, file.SymbolOf(r)!.Value + (ulong)r.Addend)).ToHashSet();
        foreach (var name in MustStay)
        {
            var symbol = file.Symbols.Single(s => s.Name == name);
            var code = file.SectionOf(symbol)!.Data.Span[(int)symbol.Value..];
            Assert.True(code.StartsWith(new byte[] { 0xf3, 0x0f, 0x1e, 0xfa }), name + " has no ENDBR");
            Assert.False(sealedPlaces.Contains((symbol.SectionIndex, symbol.Value)), name + " is sealed");
        }

        // The check can fail: what nobody points at is sealed.
        var other = file.Symbols.Single(s => s.Name == "never_called_through_a_pointer");
        Assert.Contains((other.SectionIndex, other.Value), sealedPlaces);
    }
}
