using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Guest;
using Klp.Kernel;
using Klp.Modpost;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Guest.Tests;

/// <summary>
/// One boot per kernel for the proofs of the index: the whole symbol table's digest, two modules loaded, and a livepatch that refers to hundreds of duplicated names,
/// each by object, name and position, and tells the addresses that the kernel put in.
/// </summary>
public sealed class ProofBoots
{
    private const int VmlinuxSymbols = 700;
    private const int ModuleSymbols = 150;
    private const string DigestOf = "digest of ";

    private readonly ConcurrentDictionary<string, Lazy<Task<ProofBoot>>> _boots = new(StringComparer.Ordinal);

    /// <summary>Modules with many duplicated names that load without their hardware; the small kernels of other machines have one of them.</summary>
    private static readonly string[] s_targets = ["ext4", "bridge", "ni_routing"];

    public Task<ProofBoot> GetAsync(string release) => _boots.GetOrAdd(release, r => new(() => BootAsync(Kernels.ByRelease(r)))).Value;

    private static async Task<ProofBoot> BootAsync(TestKernel kernel)
    {
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = kernel.ImageFile, ModulesDirectory = kernel.ModulesDirectory, Release = kernel.Release }, null, LoaderRules.For(kernel.Release), diagnostics)!;
        var targets = kernel.IsForeign ? ["bridge"] : s_targets;
        var symbols = Spread(Duplicates(index, ObjectName.Vmlinux), VmlinuxSymbols).Concat(targets.SelectMany(t => Spread(Duplicates(index, t), ModuleSymbols))).ToList();
        var patch = Build(kernel, index, Source(symbols, index, targets), diagnostics);
        var modules = targets.SelectMany(t => index.Modules!.DependencyClosure(t).Reverse()).Distinct().Select(n => new GuestModule(n, index.Modules!.ReadBytes(n, diagnostics)!.Value)).Append(patch).ToList();
        var request = Machine.Request(kernel, [
            new GuestStep("addresses are shown", "echo 0 > /proc/sys/kernel/kptr_restrict"),
            new GuestStep("vmlinux", "grep -v '\\]$' /proc/kallsyms | sha256sum"),
            .. modules.Select(m => GuestStep.Insert("load " + m.Name, m)),
            .. Told("resolved", "cat /proc/klp_proof"),
            .. targets.SelectMany(t => Told(t, $"grep '\\[{t}\\]$' /proc/kallsyms")),
            .. targets.SelectMany(t => Told("sections of " + t, $"cd /sys/module/{t}/sections && for f in $(ls -A); do echo $f $(cat $f); done"))])
            with { Modules = modules, KernelOptions = ["nokaslr"] };
        for (var again = 2; ; again--)
        {
            var result = await GuestRunner.RunAsync(request, diagnostics, CancellationToken.None);
            Assert.False(diagnostics.HasErrors, diagnostics.ToString());
            Assert.All(result!.Steps, s => Assert.True(s.ExitCode == 0, $"{s.Step.Name}: {s.Text}\n{string.Join('\n', s.KernelLog)}"));
            if (again == 0 || ArrivedWhole(result))
            {
                return new ProofBoot(index, targets, symbols, result);
            }
        }
    }

    /// <summary>
    /// A step whose output is long, and one that tells its digest. An emulated serial port may lose a few bytes of many on a busy machine, and a lost
    /// byte would look like a wrong symbol.
    /// </summary>
    private static IEnumerable<GuestStep> Told(string name, string command) =>
        [new(name, $"({command}) > /tmp/told; cat /tmp/told"), new(DigestOf + name, "sha256sum < /tmp/told")];

    private static bool ArrivedWhole(GuestResult result) => result.Steps.Where(s => s.Step.Name.StartsWith(DigestOf, StringComparison.Ordinal))
        .All(s => s.Text.Split(' ')[0] == Convert.ToHexStringLower(SHA256.HashData(result[s.Step.Name[DigestOf.Length..]].Output.Span)));

    // Not the assembler's own names for numbered labels (with a byte 2 in them), which s390x and arm64 keep: no source can write them.
    private static List<KernelSymbol> Duplicates(SymbolIndex index, string objectName) =>
        [.. index.All(objectName, new DiagnosticBag()).Where(s => s is { Count: > 1, IsInit: false, IsTimingDependent: false } && (s.Address != 0 || objectName != ObjectName.Vmlinux) && s.Type is not ('N' or 'n')
            && s.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.'))];

    private static IEnumerable<KernelSymbol> Spread(List<KernelSymbol> all, int count) =>
        all.Count <= count ? all : Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)]);

    /// <summary>One table of addresses per object, and a patched function in each module so that its relocations are applied; nobody calls it here.</summary>
    private static string Source(List<KernelSymbol> symbols, SymbolIndex index, IReadOnlyList<string> targets)
    {
        var text = new StringBuilder("#include <linux/livepatch.h>\n#include <linux/module.h>\n#include <linux/proc_fs.h>\n#include <linux/seq_file.h>\n");
        foreach (var (symbol, i) in symbols.Select((s, i) => (s, i)))
        {
            text.Append(CultureInfo.InvariantCulture, $"extern char symbol_{i}[] __asm__(\".klp.sym.rela.{symbol.Object}.{symbol.Object}.{symbol.Name}.{symbol.Position}\");\n");
        }

        // Not static: a table that nobody writes would become read-only.
        text.Append("void *table[] = {\n").AppendJoin(",\n", symbols.Select((_, i) => $"symbol_{i}")).Append("};\n");
        text.Append("""
            static int show(struct seq_file *m, void *v)
            {
            	int i;

            	for (i = 0; i < ARRAY_SIZE(table); i++)
            		seq_printf(m, "%016lx\n", (unsigned long)READ_ONCE(table[i]));
            	return 0;
            }

            static void nobody_calls_it(void) { }

            """);
        foreach (var target in targets)
        {
            var function = index.All(target, new DiagnosticBag()).First(s => s is { Count: 1, IsFunction: true, HasFtraceEntry: true, IsInit: false });
            text.Append(CultureInfo.InvariantCulture, $"static struct klp_func {target}_funcs[] = {{ {{ .old_name = \"{function.Name}\", .new_func = nobody_calls_it }}, {{ }} }};\n");
        }

        text.Append("static struct klp_func vmlinux_funcs[] = { { .old_name = \"cmdline_proc_show\", .new_func = nobody_calls_it }, { } };\nstatic struct klp_object objects[] = { { .funcs = vmlinux_funcs }, ");
        text.AppendJoin(", ", targets.Select(t => $"{{ .name = \"{t}\", .funcs = {t}_funcs }}")).Append(", { } };\n");
        text.Append("""
            static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

            static int __init start(void)
            {
            	return proc_create_single("klp_proof", 0, NULL, show) ? klp_enable_patch(&patch) : -ENOMEM;
            }

            static void __exit stop(void)
            {
            	remove_proc_entry("klp_proof", NULL);
            }

            module_init(start);
            module_exit(stop);
            MODULE_LICENSE("GPL");
            MODULE_INFO(livepatch, "Y");

            """);
        return text.ToString();
    }

    private static GuestModule Build(TestKernel kernel, SymbolIndex index, string source, DiagnosticBag diagnostics)
    {
        var profile = KernelProfiles.For(kernel);
        var rules = LoaderRules.For(kernel.Release);
        using var reference = Kbuild.Build(kernel, "proof", new Dictionary<string, string> { ["proof.c"] = source });
        var module = CCompiler.Read(File.ReadAllBytes(reference.File));
        var plan = SymbolPlan.Compute(new PlanInput
        {
            Module = module,
            Patch = PatchModel.Read(module, profile.Template.Livepatch!, LineTable.Read(module), diagnostics),
            Symvers = Symvers.Read([Path.Combine(kernel.BuildDirectory, "Module.symvers")], diagnostics)!,
            Index = index,
            Rules = rules,
            ModuleName = "proof",
        }, diagnostics);
        Assert.False(diagnostics.HasErrors, diagnostics.ToString());
        var converted = Converter.Convert(module, plan, rules, diagnostics);
        Assert.False(diagnostics.HasErrors, diagnostics.ToString());
        return new GuestModule("proof", converted!.Write());
    }
}
