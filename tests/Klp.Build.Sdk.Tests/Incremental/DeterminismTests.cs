using Klp.Base;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.Incremental;

/// <summary>The same sources give the same bytes: wherever they lie, whenever, whoever builds them, on however many processes.</summary>
public sealed class DeterminismTests
{
    /// <summary>WARN_ON puts the name of its file, header or source, into <c>.rodata</c>: the paths that prefix maps are for.</summary>
    private const string Header = "#include <linux/bug.h>\n#define MARK \"mark\"\nstatic inline void check(void *p)\n{\n\tWARN_ON(!p);\n}\nvoid put_mark(void *p);\n";

    private const string HeaderStyle = """
        #include <linux/seq_file.h>
        #include <klp/patch.h>
        #include "inner/check.h"

        KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
        {
        	WARN_ON(m == v);
        	check(m);
        	put_mark(m);
        	return 0;
        }

        KLP_MODULE("GPL");

        """;

    private const string PlainStyle = """
        #include <linux/kernel.h>
        #include <linux/livepatch.h>
        #include <linux/module.h>
        #include <linux/seq_file.h>
        #include "inner/check.h"

        static int new_show(struct seq_file *m, void *v)
        {
        	WARN_ON(m == v);
        	check(m);
        	put_mark(m);
        	return 0;
        }

        static struct klp_func funcs[] = { { .old_name = "cmdline_proc_show", .new_func = new_show }, { } };
        static struct klp_object objects[] = { { .funcs = funcs }, { } };
        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

        static int fix_init(void)
        {
        	return klp_enable_patch(&patch);
        }

        static void fix_exit(void)
        {
        }

        module_init(fix_init);
        module_exit(fix_exit);
        MODULE_LICENSE("GPL");
        MODULE_INFO(livepatch, "Y");

        """;

    private const string Second = "#include <linux/seq_file.h>\n#include \"check.h\"\nvoid put_mark(void *p)\n{\n\tWARN_ON_ONCE(!p);\n\tcheck(p);\n\tseq_puts(p, MARK);\n}\n";

    public static TheoryData<string, string> Cases => new() { { "6.1", "header" }, { "6.1", "plain" }, { "6.12", "header" }, { "6.12", "plain" } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Two_users_in_two_folders_at_two_times_get_the_same_bytes(string series, string style)
    {
        var kernel = Kernels.BySeries(series);
        using var one = Project(kernel, style, "p");
        using var two = Project(kernel, style, "some where/deeper and/with a longer name than the other one");
        AnotherUser(two);

        foreach (var debug in new[] { "-p:DebugSymbols=true", "-p:DebugSymbols=false" })
        {
            one.Build(debug, "-m:1").Succeeded();
            two.Build(debug, "-m:2", "-mt", "-p:KlpMaxParallelism=2").Succeeded();

            Equal(File.ReadAllBytes(one.Module(kernel)), File.ReadAllBytes(two.Module(kernel)));
            Assert.DoesNotContain(one.Root, Text(one.Module(kernel)), StringComparison.Ordinal);
        }

        // The paths that WARN_ON leaves are those of the project, not of the machine.
        Assert.Contains("inner/check.h\0", Text(one.Module(kernel)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_stores_place_leaves_no_trace_in_the_module()
    {
        // Two users who each keep the kernel in a store of their own.
        var kernel = Kernels.BySeries("6.1");
        using var mirror = new TreeMirror(kernel, "another/store/usr/src");
        using var one = Project(kernel, "header", "p");
        using var two = Project(kernel, "header", "p");

        foreach (var debug in new[] { "-p:DebugSymbols=true", "-p:DebugSymbols=false" })
        {
            one.Build(debug).Succeeded();
            two.Build(debug, "-p:KlpKernelBuildDirectory=" + mirror.Directory, "-p:KlpKernelImageFile=" + kernel.ImageFile, "-p:KlpKernelModulesDirectory=" + kernel.ModulesDirectory).Succeeded();

            Equal(File.ReadAllBytes(one.Module(kernel)), File.ReadAllBytes(two.Module(kernel)));
        }
    }

    [Fact]
    public void What_stages_rehearse_on_reaches_no_module_be_it_broken_or_missing()
    {
        var kernel = Kernels.BySeries("6.1");
        using var project = Project(kernel, "header", "p");
        var cache = Path.Combine(project.Root, "cache");
        project.Build("-p:KlpCacheDirectory=" + cache).Succeeded();
        var module = File.ReadAllBytes(project.Module(kernel));
        var rehearsal = Directory.EnumerateFiles(Path.Combine(cache, "profiles"), "*.rehearsal.o").Single();
        var patch = File.ReadAllBytes(rehearsal);
        Assert.Contains("klp_enable_patch", Text(rehearsal), StringComparison.Ordinal);

        foreach (var state in new byte[]?[] { patch, patch[..(patch.Length / 2)], [1, 2, 3], null })
        {
            File.Delete(rehearsal);
            if (state is not null)
            {
                File.WriteAllBytes(rehearsal, state);
            }

            var build = project.Run("build", "-t:Rebuild", "-p:KlpCacheDirectory=" + cache).Succeeded();
            Assert.Empty(build.Warnings);
            Equal(module, File.ReadAllBytes(project.Module(kernel)));
        }
    }

    private static SdkProject Project(TestKernel kernel, string style, string folder)
    {
        var project = SdkProject.Empty($"<PropertyGroup><TargetKernel>{kernel.Release}</TargetKernel></PropertyGroup><ItemGroup><Compile Include=\"inner/*.c\" /></ItemGroup>", folder: folder);
        project.Write("fix.c", style == "plain" ? PlainStyle : HeaderStyle);
        project.Write("inner/check.h", Header);
        project.Write("inner/mark.c", Second);
        return project;
    }

    /// <summary>Another home, name and cache, which is empty: this build asks the kernel anew. And files that are ten years older.</summary>
    private static void AnotherUser(SdkProject project)
    {
        var home = Path.Combine(project.Root, "home of another");
        Directory.CreateDirectory(Path.Combine(home, "cache"));
        project.Environment["HOME"] = home;
        project.Environment["USER"] = project.Environment["LOGNAME"] = "another";
        project.Environment["XDG_CACHE_HOME"] = Path.Combine(home, "cache");
        project.Environment["TMPDIR"] = home;
        project.Environment["TZ"] = "Asia/Tokyo";
        foreach (var file in project.Files())
        {
            File.SetLastWriteTimeUtc(Path.Combine(project.Folder, file), DateTime.UtcNow.AddYears(-10));
        }
    }

    private static string Text(string file) => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file));

    private static void Equal(byte[] one, byte[] two)
    {
        var difference = ModuleComparer.Compare(Read(one), Read(two));
        Assert.True(one.AsSpan().SequenceEqual(two), "The modules differ: " + string.Join('\n', difference));
    }

    private static Klp.Elf.ElfFile Read(byte[] bytes) => Klp.Elf.ElfFile.Read(bytes, "module", new DiagnosticBag())!;
}
