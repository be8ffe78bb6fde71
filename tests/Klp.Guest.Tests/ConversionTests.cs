using System.Globalization;
using Klp.Base;
using Klp.Guest;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>
/// What conversion decided, read from the running kernel: positions 0 and n of one name, static data of a module that loads after the patch through a
/// helper that only its replacement reaches, and a static key of vmlinux that is not exported.
/// </summary>
public class ConversionTests
{
    private const string Source = """
        #include <linux/seq_file.h>
        #include <linux/jump_label.h>
        #include <klp/patch.h>
        #include <klp/relocs.h>

        extern int name_show_2(void) KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, name_show, 2);
        extern int name_show_5(void) KLP_RELOC_SYMBOL_POS(vmlinux, vmlinux, name_show, 5);
        extern char meminfo_proc_show[];
        extern struct static_key_false sched_schedstats;
        extern int pg_count_d;

        static noinline void helper(struct seq_file *m, const char *text)
        {
        	seq_printf(m, "%s %d\n", text, pg_count_d);
        }

        KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
        {
        	seq_printf(m, "%px %px %px\n", name_show_2, name_show_5, meminfo_proc_show);
        	seq_puts(m, static_branch_unlikely(&sched_schedstats) ? "schedstats on\n" : "schedstats off\n");
        	return 0;
        }

        KLP_FUNC(pktgen, pgctrl_show, int, struct seq_file *seq, void *v)
        {
        	helper(seq, "first");
        	helper(seq, "second");
        	return 0;
        }

        KLP_MODULE("GPL");

        """;

    private const string Command = """
        cat /proc/cmdline
        echo 1 > /proc/sys/kernel/sched_schedstats
        cat /proc/cmdline
        cat /proc/net/pktgen/pgctrl
        grep ' name_show$' /proc/kallsyms
        grep ' meminfo_proc_show$' /proc/kallsyms
        """;

    public static IEnumerable<object[]> NewestOfEachSeries => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(NewestOfEachSeries))]
    public async Task What_was_decided_at_build_time_is_what_the_kernel_resolves(string release)
    {
        var kernel = Kernels.ByRelease(release);
        using var project = SdkProject.Patch(kernel);
        project.Write("fix.c", Source);
        project.Build().Succeeded();
        var diagnostics = new DiagnosticBag();
        var modules = KernelModules.Open(kernel.ModulesDirectory, diagnostics)!;
        var request = new PatchRunRequest
        {
            Module = new GuestModule("fix", await File.ReadAllBytesAsync(project.Module(kernel))),
            ModuleFile = project.Module(kernel),
            Guest = Machine.Request(kernel),
            LoadAfter = TargetModules.Closure("pktgen", modules, diagnostics)!,
            Command = Command.ReplaceLineEndings("; "),
        };
        var result = await PatchRun.RunAsync(request, diagnostics, CancellationToken.None);
        Assert.Empty(diagnostics);

        var lines = result![PatchRun.Command].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["schedstats off", "schedstats on", "first 1000", "second 1000"], [lines[1], lines[3], lines[4], lines[5]]);
        var kallsyms = lines[6..].Select(l => l.Split(' ')).ToList();
        var homonyms = kallsyms.Where(l => l[2] == "name_show").Select(l => l[0]).OrderBy(a => ulong.Parse(a, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal($"{homonyms[1]} {homonyms[4]} {kallsyms.Single(l => l[2] == "meminfo_proc_show")[0]}", lines[0]);
        Assert.Equal(lines[0], lines[2]);
    }
}
