using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>
/// Compiles a patch like an author's, once per kernel and toolchain, beside the template object. Builds rehearse the stages behind the compilers on it
/// (<see cref="CompileRequest.Meanwhile"/>); nothing of it reaches a module.
/// </summary>
internal static class RehearsalCompiler
{
    /// <summary>The object's bytes; null where this kernel has no livepatch or the patch does not compile: then nothing is rehearsed.</summary>
    public static async Task<byte[]?> CompileAsync(string compiler, IEnumerable<string> flags, ProbeRequest request, string folder, CancellationToken cancellation)
    {
        var source = Path.Combine(folder, "klp_rehearsal.c");
        var output = Path.Combine(folder, "klp_rehearsal.o");
        var ignored = new DiagnosticBag();
        if (!SafeFile.WriteText(source, Text, ignored))
        {
            return null;
        }

        var words = flags.Select(f => f.Replace(KernelProfile.ModuleDirectoryPlaceholder, folder, StringComparison.Ordinal))
            .Concat(["-DKBUILD_BASENAME=\"klp_rehearsal\"", "-DKBUILD_MODNAME=\"klp_rehearsal\"", "-D__KBUILD_MODNAME=klp_rehearsal", "-c", "-o", output, source]);
        var call = new ProcessRequest(compiler, [.. words], folder, KbuildCall.Environment(request, folder)) { Timeout = TimeSpan.FromMinutes(2) };
        return await ProcessRunner.RunAsync(call, ignored, cancellation).ConfigureAwait(false) is { ExitCode: 0 } ? SafeFile.Read(output, ignored) : null;
    }

    // An exported function, data that is not exported, strings, code that goes away after the start: each takes the stages another way.
    private static string Text => """
        #include <linux/module.h>
        #include <linux/livepatch.h>
        #include <linux/seq_file.h>

        extern char *saved_command_line;

        static int rehearsed_show(struct seq_file *m, void *v)
        {
        	seq_printf(m, "%s\n", saved_command_line);
        	return 0;
        }

        static struct klp_func funcs[] = { { .old_name = "cmdline_proc_show", .new_func = rehearsed_show }, { } };
        static struct klp_object objects[] = { { .funcs = funcs }, { } };
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
        MODULE_DESCRIPTION("Rehearsal");
        MODULE_INFO(livepatch, "Y");

        """;
}
