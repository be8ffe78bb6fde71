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

/// <summary>The kernel takes modules that our record and linker made, with livepatch symbols and stripped of debug data.</summary>
public class LinkedModuleTests
{
    private const string Source = """
        #include <linux/livepatch.h>
        #include <linux/module.h>
        #include <linux/seq_file.h>

        extern char *saved_command_line;

        static int new_show(struct seq_file *m, void *v)
        {
        	seq_printf(m, "patched: %s\n", saved_command_line);
        	return 0;
        }

        static struct klp_func funcs[] = { { .old_name = "cmdline_proc_show", .new_func = new_show }, { } };
        static struct klp_object objects[] = { { .funcs = funcs }, { } };
        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

        static int __init start(void) { return klp_enable_patch(&patch); }
        static void __exit stop(void) { }

        module_init(start);
        module_exit(stop);
        MODULE_LICENSE("GPL");

        """;

    public static IEnumerable<object[]> NewestOfEachSeries => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(NewestOfEachSeries))]
    public async Task A_linked_converted_and_stripped_module_works(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var profile = KernelProfiles.For(kernel);
        var rules = LoaderRules.For(release);
        using var reference = Kbuild.Build(kernel, "linked", new Dictionary<string, string> { ["linked.c"] = Source });
        var diagnostics = new DiagnosticBag();
        var merged = CCompiler.Read(File.ReadAllBytes(reference.ObjectFile));
        var symvers = Symvers.Read([Path.Combine(kernel.BuildDirectory, "Module.symvers")], diagnostics)!;
        var index = SymbolIndex.Open(new SymbolSources { ImageFile = kernel.ImageFile, ModulesDirectory = kernel.ModulesDirectory, Release = release }, null, rules, diagnostics);
        SymbolPlan Plan(ElfFile module) => SymbolPlan.Compute(new PlanInput
        {
            Module = module,
            Patch = PatchModel.Read(module, profile.Template.Livepatch!, LineTable.Read(module), diagnostics),
            Symvers = symvers,
            Index = index,
            Rules = rules,
            ModuleName = "linked",
        }, diagnostics);

        var record = ModuleRecord.Create(new ModpostInput
        {
            Module = merged,
            ModuleFile = reference.ObjectFile,
            Profile = profile,
            Symvers = symvers,
            Imports = ModpostInput.ImportsOf(Plan(merged)),
            ModuleName = "linked",
            IsLivepatch = true,
        }, diagnostics);
        Assert.False(diagnostics.HasErrors, diagnostics.ToString());
        var linked = ModuleLinker.Link(merged, record!, new LinkInput { LinkerScript = profile.ModuleLinkerScript }, diagnostics);
        Assert.NotNull(linked);
        var converted = Converter.Convert(linked, Plan(linked), rules, diagnostics);
        Assert.False(diagnostics.HasErrors, diagnostics.ToString());
        DebugStrip.Apply(converted!);

        var result = await PatchRun.RunAsync(
            new PatchRunRequest { Module = new GuestModule("linked", converted!.Write()), ModuleFile = "linked.ko", Guest = Machine.Request(kernel), ShowCommand = "cat /proc/cmdline" },
            diagnostics, CancellationToken.None);
        Assert.DoesNotContain(diagnostics, d => d.Severity != Severity.Information);
        Assert.Equal("patched: " + result![PatchRun.Before].Text, result[PatchRun.With].Text);
        Assert.Equal(result[PatchRun.Before].Text, result[PatchRun.After].Text);
    }
}
