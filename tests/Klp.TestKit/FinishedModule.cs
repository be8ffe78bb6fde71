using System.Collections.Concurrent;
using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.TestKit;

/// <summary>
/// A livepatch for a real kernel, made once per run: compiled and linked by the kernel's own make, planned and converted against the kernel's
/// image, modules and exports. It patches one function of vmlinux and one of pktgen, and uses what neither exports.
/// </summary>
public sealed class FinishedModule
{
    private static readonly ConcurrentDictionary<string, Lazy<FinishedModule>> Known = new();
    private static readonly ConcurrentDictionary<string, Lazy<SymbolIndex>> Indexes = new();
    private static readonly ConcurrentDictionary<string, Lazy<Symvers>> Exports = new();

    private const string Source = """
        #include <linux/module.h>
        #include <linux/kernel.h>
        #include <linux/livepatch.h>
        #include <linux/mm.h>
        #include <linux/seq_file.h>

        extern void si_swapinfo(struct sysinfo *info);
        extern int pg_count_d;

        static int livepatch_cmdline(struct seq_file *m, void *v)
        {
            struct sysinfo info;

            si_swapinfo(&info);
            seq_printf(m, "%lu\n", info.freeswap);
            return 0;
        }

        static int livepatch_pgctrl(struct seq_file *m, void *v)
        {
            seq_printf(m, "%d\n", pg_count_d);
            return 0;
        }

        static int before(struct klp_object *object) { pr_info("before\n"); return 0; }

        static struct klp_func functions[] = { { .old_name = "cmdline_proc_show", .new_func = livepatch_cmdline }, { } };
        static struct klp_func pktgen_functions[] = { { .old_name = "pgctrl_show", .new_func = livepatch_pgctrl }, { } };
        static struct klp_object objects[] = {
            { .funcs = functions, .callbacks = { .pre_patch = before } }, { .name = "pktgen", .funcs = pktgen_functions }, { }
        };
        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

        static int finished_init(void) { return klp_enable_patch(&patch); }
        static void finished_exit(void) { }

        module_init(finished_init);
        module_exit(finished_exit);
        MODULE_LICENSE("GPL");
        MODULE_DESCRIPTION("Good in every way");
        MODULE_INFO(livepatch, "Y");
        """;

    private FinishedModule(TestKernel kernel, byte[] bytes, byte[] unconverted) => (Kernel, Bytes, Unconverted) = (kernel, bytes, unconverted);

    public TestKernel Kernel { get; }

    /// <summary>The converted module.</summary>
    public byte[] Bytes { get; }

    /// <summary>The module as kbuild left it.</summary>
    public byte[] Unconverted { get; }

    public KernelProfile Profile => KernelProfiles.For(Kernel);

    public LoaderRules Rules => LoaderRules.For(Kernel.Release);

    public SymbolIndex Index => IndexOf(Kernel);

    public Symvers Symvers => Exports.GetOrAdd(
        Kernel.Release, _ => new Lazy<Symvers>(() => Klp.Kernel.Symvers.Read([Path.Combine(Kernel.BuildDirectory, "Module.symvers")], new DiagnosticBag())!)).Value;

    public static FinishedModule For(TestKernel kernel) => Known.GetOrAdd(kernel.Release, _ => new Lazy<FinishedModule>(() => Make(kernel))).Value;

    /// <summary>Symbols of a test kernel's image and modules.</summary>
    public static SymbolIndex IndexOf(TestKernel kernel) => Indexes.GetOrAdd(kernel.Release, _ => new Lazy<SymbolIndex>(() =>
    {
        var diagnostics = new DiagnosticBag();
        var sources = new SymbolSources { ImageFile = kernel.ImageFile, ModulesDirectory = kernel.ModulesDirectory, Release = kernel.Release };
        return SymbolIndex.Open(sources, null, LoaderRules.For(kernel.Release), diagnostics) ?? throw new InvalidOperationException(diagnostics.ToString());
    })).Value;

    private static FinishedModule Make(TestKernel kernel)
    {
        // pahole need not be there: modules without BTF are as good here.
        using var built = Kbuild.Build(kernel, "finished", new Dictionary<string, string> { ["finished.c"] = Source });
        var unconverted = File.ReadAllBytes(built.File);
        var module = CCompiler.Read(unconverted);
        var result = new FinishedModule(kernel, [], unconverted);
        var diagnostics = new DiagnosticBag();
        var lines = LineTable.Read(module);
        var plan = SymbolPlan.Compute(new PlanInput
        {
            Module = module, ModuleName = "finished", Symvers = result.Symvers, Index = result.Index, Rules = result.Rules, Lines = lines,
            Patch = PatchModel.Read(module, result.Profile.Template.Livepatch!, lines, diagnostics),
        }, diagnostics);
        var converted = diagnostics.HasErrors ? null : Converter.Convert(module, plan, result.Rules, diagnostics);
        return new FinishedModule(kernel, converted?.Write() ?? throw new InvalidOperationException(diagnostics.ToString()), unconverted);
    }
}
