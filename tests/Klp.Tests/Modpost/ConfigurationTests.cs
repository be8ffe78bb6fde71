using System.Globalization;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Klp.Tests.Verify;
using Klp.Verify;
using Xunit;

namespace Klp.Tests.Modpost;

/// <summary>
/// One tree in configurations that its distribution did not choose: versions of imported symbols on and off, in the old table, the new one and both. Each
/// tree's own make is the reference, its modpost included.
/// </summary>
public sealed class ConfigurationTests
{
    private const string LongName = "a_symbol_whose_name_is_much_longer_than_the_room_that_the_old_table_has_for_it";

    private const string Source = $$$"""
        #include <linux/module.h>
        #include <linux/livepatch.h>
        #include <linux/seq_file.h>
        #include <linux/mii.h>
        #ifdef WITH_LONG_NAME
        extern int {{{LongName}}}(void);
        #else
        #define {{{LongName}}}() 0
        #endif
        static int show(struct seq_file *m, void *v)
        {
        	struct mii_if_info info = { };
        	seq_printf(m, "%d %d\n", {{{LongName}}}(), mii_link_ok(&info));
        	return 0;
        }
        static struct klp_func funcs[] = {{ .old_name = "cmdline_proc_show", .new_func = show }, { }};
        static struct klp_object objs[] = {{ .funcs = funcs }, { }};
        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs };
        static int __init start(void) { return klp_enable_patch(&patch); }
        static void __exit stop(void) { }
        module_init(start);
        module_exit(stop);
        MODULE_INFO(livepatch, "Y");
        MODULE_LICENSE("GPL");
        MODULE_DESCRIPTION("test");

        """;

    private static readonly string[] s_all = ["MODVERSIONS", "EXTENDED_MODVERSIONS", "BASIC_MODVERSIONS", "GENKSYMS", "GENDWARFKSYMS"];

    /// <summary>Series, the options that are on, and the sections of versions that must be there.</summary>
    public static TheoryData<string, string, string> Variants()
    {
        var data = new TheoryData<string, string, string>
        {
            { "6.12", "", "" },
            { "7.2", "MODVERSIONS EXTENDED_MODVERSIONS BASIC_MODVERSIONS GENDWARFKSYMS", "__version_ext_crcs __version_ext_names __versions" },
        };
        if (Tier.Includes("one tree in every configuration of symbol versions"))
        {
            data.Add("6.1", "", "");
            data.Add("7.2", "MODVERSIONS BASIC_MODVERSIONS GENKSYMS", "__versions");
            data.Add("7.2", "MODVERSIONS BASIC_MODVERSIONS GENDWARFKSYMS", "__versions");
            data.Add("7.2", "MODVERSIONS EXTENDED_MODVERSIONS GENDWARFKSYMS", "__version_ext_crcs __version_ext_names");
            data.Add("7.2", "MODVERSIONS EXTENDED_MODVERSIONS BASIC_MODVERSIONS GENKSYMS", "__version_ext_crcs __version_ext_names __versions");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_module_is_the_one_kbuild_makes_in_this_configuration(string series, string options, string sections)
    {
        var original = Kernels.BySeries(series);
        using var mirror = new TreeMirror(original);
        var on = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        mirror.Configure([.. s_all.Select(o => (o, on.Contains(o) ? "y" : null))]);
        if (on.Length > 0 && !original.IsSet("MODVERSIONS"))
        {
            mirror.Edit("Module.symvers", WithVersions);
        }

        var hasLongName = on.Contains("EXTENDED_MODVERSIONS");
        var kernel = ModpostKernel.For(mirror.Kernel(original));
        using var reference = Kbuild.Build(kernel.Kernel, "variant", new Dictionary<string, string> { ["variant.c"] = Source }, hasLongName ? ["-DWITH_LONG_NAME"] : []);
        var merged = CCompiler.Read(File.ReadAllBytes(reference.ObjectFile));
        var diagnostics = new DiagnosticBag();
        var ours = kernel.Finish(merged, kernel.Input(merged, "variant"), diagnostics);
        Assert.True(ours is not null, diagnostics.ToString());
        Assert.DoesNotContain(diagnostics, d => d.Severity != Severity.Information);

        var theirs = CCompiler.Read(File.ReadAllBytes(reference.File));
        Assert.Empty(ModuleComparer.Compare(ours, theirs));
        Assert.Equal(sections, VersionSections(theirs));
        Assert.Equal(sections, VersionSections(ours));
        foreach (var section in sections.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Equal(theirs.FindSection(section)!.Data.Length, ours.FindSection(section)!.Data.Length);
        }

        // The kernel of this configuration has no objection to either.
        foreach (var module in new[] { ours, theirs })
        {
            var input = new VerifyInput { Module = module, ModuleFile = "variant.ko", Rules = LoaderRules.For(original.Release), Profile = kernel.Profile, Symvers = kernel.Symvers, Lines = LineTable.Read(module) };
            Assert.DoesNotContain(VerifyBench.Verify(input), d => d.Severity != Severity.Information);
        }
    }

    private static string VersionSections(ElfFile module) => string.Join(' ', module.Sections.Select(s => s.Name).Where(n => n.StartsWith("__version", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    /// <summary>A Module.symvers with checksums, and with the two symbols that only such a kernel, or only this test's, exports.</summary>
    private static string WithVersions(string symvers)
    {
        var lines = symvers.TrimEnd('\n').Split('\n').Select(l => l.Split('\t'));
        string[][] more = [["", "module_layout", "vmlinux", "EXPORT_SYMBOL", ""], ["", LongName, "vmlinux", "EXPORT_SYMBOL_GPL", ""]];
        return string.Concat(lines.Concat(more).Select(f => string.Join('\t', [Checksum(f[1]), .. f[1..]]) + "\n"));
    }

    private static string Checksum(string name) => "0x" + (name.Aggregate(2166136261u, (sum, c) => (sum ^ c) * 16777619) | 1).ToString("x8", CultureInfo.InvariantCulture);
}
