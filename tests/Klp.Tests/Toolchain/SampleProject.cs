using Klp.Base;
using Klp.Kernel;
using Klp.TestKit;
using Klp.Toolchain;

namespace Klp.Tests.Toolchain;

/// <summary>A project folder with sources, compiled by our compiler against a real kernel.</summary>
internal sealed class SampleProject : IDisposable
{
    public const string Livepatch = """
        #include <linux/module.h>
        #include <linux/kernel.h>
        #include <linux/livepatch.h>
        #include <linux/seq_file.h>

        static int livepatch_cmdline_proc_show(struct seq_file *m, void *v)
        {
        	WARN_ON(!m);
        	seq_printf(m, "%s\n", "this has been live patched");
        	return 0;
        }

        static struct klp_func funcs[] = {
        	{ .old_name = "cmdline_proc_show", .new_func = livepatch_cmdline_proc_show, }, { }
        };

        static struct klp_object objs[] = {
        	{ .funcs = funcs, }, { }
        };

        static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs, };

        static int livepatch_init(void)
        {
        	return klp_enable_patch(&patch);
        }

        static void livepatch_exit(void)
        {
        }

        module_init(livepatch_init);
        module_exit(livepatch_exit);
        MODULE_LICENSE("GPL");
        MODULE_INFO(livepatch, "Y");
        """;

    private readonly TemporaryFolder _folder = new();

    public SampleProject(TestKernel kernel, string subfolder = "patch")
    {
        Profile = KernelProfiles.For(kernel);
        Directory = Path.Combine(_folder.Path, subfolder);
        System.IO.Directory.CreateDirectory(Directory);
    }

    public KernelProfile Profile { get; set; }

    public string Directory { get; }

    public string Root => _folder.Path;

    public string ObjectDirectory => Path.Combine(Directory, "obj", "objects");

    public DiagnosticBag Diagnostics { get; private set; } = new();

    /// <summary>Writes a source whose time is old enough to prove something (an edit within the clock's grain of a compile is distrusted).</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, NextTime());
        return path;
    }

    public CompileRequest Request(params string[] sources) => new()
    {
        Profile = Profile,
        Sources = [.. sources.Select(s => new CompileSource(Path.Combine(Directory, s)))],
        ModuleName = "sample",
        ObjectDirectory = ObjectDirectory,
        ProjectDirectory = Directory,
        SearchPath = KernelProfiles.SearchPath,
    };

    /// <summary>Compiles and returns the names of the sources that were compiled; null where it failed.</summary>
    public async Task<IReadOnlyList<string>?> CompileAsync(CompileRequest request)
    {
        var result = await CompileFullAsync(request);
        return result is null ? null : [.. result.Objects.Where(o => o.Reason is not null).Select(o => Path.GetRelativePath(Directory, o.Source))];
    }

    public Task<IReadOnlyList<string>?> CompileAsync(params string[] sources) => CompileAsync(Request(sources));

    public async Task<CompileResult?> CompileFullAsync(CompileRequest request)
    {
        Diagnostics = new DiagnosticBag();
        return await Compiler.CompileAsync(request, Diagnostics, CancellationToken.None);
    }

    public void Dispose() => _folder.Dispose();

    private static long _edits;

    private static DateTime NextTime() => DateTime.UtcNow.AddHours(-1).AddMilliseconds(Interlocked.Increment(ref _edits));
}
