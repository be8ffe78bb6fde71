namespace Klp.Bench;

/// <summary>
/// The patch that is built by both sides: the kernel's plain API and exported symbols only, so that kbuild alone can finish it too.
/// </summary>
internal static class Sample
{
    public static string Source(int number) => $$"""
        #include <linux/module.h>
        #include <linux/kernel.h>
        #include <linux/livepatch.h>
        #include <linux/seq_file.h>

        static int patched_cmdline_proc_show(struct seq_file *m, void *v)
        {
        	seq_printf(m, "%s %d\n", "this has been live patched", {{number}});
        	return 0;
        }

        static struct klp_func funcs[] = {
        	{ .old_name = "cmdline_proc_show", .new_func = patched_cmdline_proc_show },
        	{ }
        };

        static struct klp_object objects[] = {
        	{ .funcs = funcs },
        	{ }
        };

        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

        static int __init patch_init(void)
        {
        	return klp_enable_patch(&patch);
        }

        static void __exit patch_exit(void)
        {
        }

        module_init(patch_init);
        module_exit(patch_exit);
        MODULE_LICENSE("GPL");
        MODULE_DESCRIPTION("Says that the command line was patched");
        MODULE_INFO(livepatch, "Y");

        """;

    /// <summary>A change of code: the number that the function prints.</summary>
    public static string Edited(int number, int edit) => Source(number).Replace($", {number});", $", {1000 + edit});", StringComparison.Ordinal);

    public static string Project(string sdkVersion, string kernel, string property = "TargetKernel") => $"""
        <Project Sdk="Klp.Build.Sdk/{sdkVersion}">
          <PropertyGroup>
            <{property}>{kernel}</{property}>
          </PropertyGroup>
        </Project>

        """;

    /// <summary>One project that builds its neighbours.</summary>
    public static string Traversal(int count) => $"""
        <Project DefaultTargets="Build">
          <ItemGroup>
            <Patch Include="{string.Join(';', Enumerable.Range(1, count).Select(i => $"p{i}/p{i}.klpproj"))}" />
          </ItemGroup>
          <Target Name="Build">
            <MSBuild Projects="@(Patch)" Targets="Build" BuildInParallel="true" />
          </Target>
        </Project>

        """;

    public static string Solution(int count) => $"""
        <Solution>
          <Configurations>
            <ProjectType TypeId="13B669BE-BB05-4DDF-9536-439F39A36129" Extension="klpproj" />
          </Configurations>
        {string.Join('\n', Enumerable.Range(1, count).Select(i => $"  <Project Path=\"p{i}/p{i}.klpproj\" />"))}
        </Solution>

        """;
}
