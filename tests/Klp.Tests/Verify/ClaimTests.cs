using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Klp.Verify;
using Xunit;

namespace Klp.Tests.Verify;

/// <summary>Claims of a patch against real kernels: their images, their modules, their lists of built-in ones.</summary>
public sealed class ClaimTests
{
    private static readonly SourcePlace Line = new("fix.c", 7);

    public static IEnumerable<object[]> EveryKernel => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void Functions_that_exist_can_be_claimed(string release) => Assert.Empty(Claims(release,
        Object("vmlinux", ("cmdline_proc_show", 0), ("meminfo_proc_show", 1)), Object("pktgen", ("pgctrl_show", 0)), Object("zram", ("disksize_store", 0))));

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_name_that_does_not_exist_lists_the_names_like_it(string release)
    {
        var finding = AssertOne("KLP0780", release, Object("vmlinux", ("cmdline_proc_shwo", 0)));
        Assert.Contains("cmdline_proc_show", string.Join('\n', finding.Notes ?? []), StringComparison.Ordinal);
        Assert.Equal(Line, finding.Place);
    }

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_name_that_only_lives_on_in_what_the_compiler_made_of_it_lists_that(string release)
    {
        var index = FinishedModule.IndexOf(Kernels.ByRelease(release));
        var kallsyms = KernelImage.Load(Kernels.ByRelease(release).ImageFile, new DiagnosticBag())!.Kallsyms;
        var name = Enumerable.Range(0, kallsyms.Count).Select(kallsyms.NameOf).Where(n => n.EndsWith(".isra.0", StringComparison.Ordinal)).Select(n => n[..^".isra.0".Length])
            .First(n => index.Find("vmlinux", n, new DiagnosticBag()).Count == 0);
        var finding = AssertOne("KLP0780", release, Object("vmlinux", (name, 0)));
        Assert.Contains(name + ".isra.0", string.Join('\n', finding.Notes ?? []), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_name_of_several_functions_needs_a_position(string release)
    {
        var count = FinishedModule.IndexOf(Kernels.ByRelease(release)).Find("vmlinux", "type_show", new DiagnosticBag()).Count;
        Assert.InRange(count, 2, 100);
        Assert.Equal(count, AssertOne("KLP0781", release, Object("vmlinux", ("type_show", 0))).Notes?.Count);
        AssertOne("KLP0782", release, Object("vmlinux", ("type_show", (ulong)count + 1)));
        Assert.Empty(Claims(release, Object("vmlinux", ("type_show", (ulong)count))));
    }

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void Data_is_no_function(string release) => AssertOne("KLP0783", release, Object("vmlinux", ("saved_command_line", 0)));

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_function_of_the_start_is_gone(string release) => AssertOne("KLP0784", release, Object("vmlinux", ("start_kernel", 0)));

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_modules_init_function_is_gone(string release) => AssertOne("KLP0784", release, Object("pktgen", ("pg_init", 0)));

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_function_without_an_ftrace_entry_cannot_be_replaced(string release) => AssertOne("KLP0787", release, Object("vmlinux", ("memcpy", 0)));

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_function_before_an_overridden_weak_one_is_warned_of_where_functions_start_with_endbr64(string release) => Assert.Equal(
        Kernels.ByRelease(release).IsSet("X86_KERNEL_IBT") ? ["KLP0792"] : [],
        Claims(release, Object("kvm", ("kvm_vm_ioctl", 0), ("kvm_vcpu_ioctl", 0)), Object("vmlinux", ("loadavg_proc_show", 0))).Select(d => d.Id));

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_module_that_is_built_in_belongs_to_vmlinux(string release)
    {
        var finding = AssertOne("KLP0785", release, Object("binfmt_script", ("load_script", 0)));
        Assert.Contains("vmlinux", finding.Cure, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void A_module_that_does_not_exist_is_an_error_unless_the_project_declares_it(string release)
    {
        Assert.Contains("pktgen", string.Join('\n', AssertOne("KLP0786", release, Object("pktgne", ("pgctrl_show", 0))).Notes ?? []), StringComparison.Ordinal);
        Assert.Empty(Claims(release, [Object("out_of_tree", ("anything", 0))], i => i with { DeclaredObjects = ["out-of-tree"] }));
    }

    [Theory]
    [InlineData("sys_getpid")]
    [InlineData("__se_sys_getpid")]
    public void A_system_call_by_its_source_name_is_told_the_name_of_its_function(string name) =>
        Assert.Contains(AssertOne("KLP0780", Kernels.Newest.Release, Object("vmlinux", (name, 0))).Notes!, n => n.Contains("__x64_sys_getpid (", StringComparison.Ordinal) && n.Contains("struct pt_regs", StringComparison.Ordinal));

    [Fact]
    public void Names_like_a_missing_function_are_functions()
    {
        Assert.Empty(AssertOne("KLP0780", Kernels.Newest.Release, Object("vmlinux", ("saved_command_lin", 0))).Notes!);
        Assert.Contains(AssertOne("KLP0780", Kernels.Newest.Release, Object("vmlinux", ("cmdline_proc_shwo", 0))).Notes!, n => n.Contains("cmdline_proc_show", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pktgen", Severity.Error)]
    [InlineData("ext4", Severity.Warning)]
    public void A_patch_with_the_name_of_a_module_of_the_kernel_is_told(string name, Severity severity)
    {
        var found = Claims(Kernels.Newest.Release, [Object("pktgen", ("pgctrl_show", 0))], i => i with { ModuleFile = $"/patch/{name}.ko" });
        Assert.Equal(severity, Assert.Single(found, d => d.Id == "KLP0554").Severity);
        Assert.DoesNotContain(Claims(Kernels.Newest.Release, Object("pktgen", ("pgctrl_show", 0))), d => d.Id == "KLP0554");
    }

    [Fact]
    public void All_wrong_claims_are_told_in_one_run()
    {
        var found = Claims(Kernels.Newest.Release, Object("vmlinux", ("no_such_function_one", 0), ("type_show", 0), ("saved_command_line", 0)), Object("binfmt_script", ("x", 0)));
        Assert.Equal(["KLP0780", "KLP0781", "KLP0783", "KLP0785"], found.Select(d => d.Id).Order());
    }

    [Fact]
    public void Two_claims_on_one_function_are_an_error() => AssertOne("KLP0545", Kernels.Newest.Release, Object("vmlinux", ("cmdline_proc_show", 0), ("cmdline_proc_show", 1)));

    [Fact]
    public void Without_symbols_the_user_is_told_that_nothing_was_checked() =>
        Assert.Equal("KLP0797", Assert.Single(Claims(Kernels.Newest.Release, [Object("vmlinux", ("no_such_function", 0))], i => i with { Index = null })).Id);

    private static PatchedObject Object(string name, params (string Name, ulong Position)[] functions) =>
        new(name, [.. functions.Select(f => new PatchedFunction(f.Name, f.Position, 1, 0, "replacement", Line))], [], Line);

    private static Diagnostic AssertOne(string id, string release, params PatchedObject[] objects)
    {
        var finding = Assert.Single(Claims(release, objects));
        Assert.Equal(id, finding.Id);
        Assert.Equal(Severity.Error, finding.Severity);
        return finding;
    }

    private static DiagnosticBag Claims(string release, params PatchedObject[] objects) => Claims(release, objects, i => i);

    private static DiagnosticBag Claims(string release, PatchedObject[] objects, Func<VerifyInput, VerifyInput> with)
    {
        // pktgen is always claimed with, since the module at hand has relocations for it; here it is declared.
        var kernel = Kernels.ByRelease(release);
        var input = VerifyBench.Input(VerifyBench.Good(kernel), kernel) with { Patch = new PatchModel { Objects = objects, IsReadable = true, HasPatch = true }, DeclaredObjects = ["pktgen"] };
        var changed = with(input);
        return VerifyBench.Verify(changed with { DeclaredObjects = [.. changed.DeclaredObjects, "pktgen"] });
    }
}
