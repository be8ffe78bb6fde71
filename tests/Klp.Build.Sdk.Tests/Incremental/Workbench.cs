using Klp.Base;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.Incremental;

/// <summary>
/// A project of two sources and two headers on which tests make one change after another. After each, a build must do exactly the work that the change asks for,
/// and the module must have the bytes that a build from nothing, in another folder, gives.
/// </summary>
public sealed class Workbench : IDisposable
{
    public const string A = """
        #include <linux/bug.h>
        #include <linux/seq_file.h>
        #include <klp/patch.h>
        #include "mark.h"
        #include <shade.h>
        #include "detail.h"

        KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
        {
        	WARN_ON_ONCE(!v && !m);
        	seq_printf(m, "%s %d %d\n", MARK, SHADE, DETAIL); /* remark */
        	return 0;
        }

        """;

    public const string B = """
        #include <linux/seq_file.h>
        #include <klp/patch.h>
        #include "mark.h"

        KLP_FUNC(vmlinux, version_proc_show, int, struct seq_file *m, void *v)
        {
        	seq_puts(m, "version " MARK "\n");
        	return 0;
        }

        KLP_MODULE("GPL");

        """;

    /// <summary>A third source, not in the project at first.</summary>
    public const string C = """
        #include <linux/seq_file.h>
        #include <klp/patch.h>

        KLP_FUNC(vmlinux, uptime_proc_show, int, struct seq_file *m, void *v)
        {
        	seq_puts(m, "uptime\n");
        	return 0;
        }

        """;

    private readonly Dictionary<string, byte[]> _clean = new(StringComparer.Ordinal);
    private readonly string _projectText;

    public Workbench()
    {
        Kernel = Kernels.BySeries("6.1");
        Project = SdkProject.Empty($"""
            <PropertyGroup><TargetKernel>{Kernel.Release}</TargetKernel></PropertyGroup>
            <ItemGroup><IncludeDirectory Include="early;late" /></ItemGroup>
            """);
        _projectText = File.ReadAllText(Project.ProjectFile);
    }

    public SdkProject Project { get; private set; }

    public TestKernel Kernel { get; }

    /// <summary>The folder of the stages' files.</summary>
    public string Objects => Path.Combine(Project.Folder, "obj", Kernel.Release);

    public byte[] Module => File.ReadAllBytes(Project.Module(Kernel));

    public static string Everything(params string[] sources) => string.Join(' ', [.. sources, Work.AfterCompile]);

    /// <summary>Puts the project's files back as they were at first, and builds whatever that takes.</summary>
    public Workbench Settle(params string[] arguments)
    {
        WriteFiles();
        Project.Build(arguments).Succeeded();
        return this;
    }

    /// <summary>The files as they are at first, and no others.</summary>
    public void WriteFiles()
    {
        foreach (var source in Directory.GetFiles(Project.Folder, "*.[ch]"))
        {
            File.Delete(source);
        }

        File.WriteAllText(Project.ProjectFile, _projectText);
        Directory.CreateDirectory(Path.Combine(Project.Folder, "early"));
        SafeFile.Discard(Path.Combine(Project.Folder, "early", "shade.h"));
        Project.Write("late/shade.h", "#define SHADE 3\n");
        Project.Write("mark.h", "#define MARK \"mark\"\n");
        Project.Write("detail.h", "#define DETAIL 5\n");
        Project.Write("a.c", A);
        Project.Write("b.c", B);
    }

    /// <summary>Builds; the build must have done exactly this, and the module must be that of a clean build.</summary>
    public SdkBuild Step(string work, params string[] arguments)
    {
        var (build, done) = Look(arguments);
        Assert.Equal(work, done);
        Assert.True(CleanBuild(arguments).AsSpan().SequenceEqual(Module), "The module differs from that of a clean build.");
        return build;
    }

    /// <summary>Builds and says what was done.</summary>
    public (SdkBuild Build, string Work) Look(params string[] arguments)
    {
        var module = new FileInfo(Project.Module(Kernel));
        var before = module.Exists ? module.LastWriteTimeUtc : DateTime.MinValue;
        var build = Project.Build(arguments).Succeeded();
        module.Refresh();
        var work = Work.Of(build);
        return (build, module.LastWriteTimeUtc == before ? work : $"{work} Copy".Trim());
    }

    public void Replace(string file, string old, string @new)
    {
        var path = Path.Combine(Project.Folder, file);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, @new, StringComparison.Ordinal));
    }

    /// <summary>The bytes of a build from nothing of the project's present state, in a folder of another name and depth. Each state is built once.</summary>
    public byte[] CleanBuild(params string[] arguments)
    {
        var files = Project.Files().Where(f => !f.StartsWith("bin/", StringComparison.Ordinal) && !f.StartsWith("obj/", StringComparison.Ordinal) && f != "compile_commands.json").ToList();
        var state = Digest.OfWords(files.SelectMany(f => new[] { f, File.ReadAllText(Path.Combine(Project.Folder, f)) }).Concat(arguments));
        if (_clean.TryGetValue(state, out var known))
        {
            return known;
        }

        using var copy = SdkProject.Empty(name: Project.Name, folder: "another/and deeper/place");
        foreach (var file in files)
        {
            copy.Write(file, File.ReadAllText(Path.Combine(Project.Folder, file)));
        }

        copy.Build(arguments).Succeeded();
        return _clean[state] = File.ReadAllBytes(copy.Module(Kernel));
    }

    /// <summary>Forgets what clean builds gave, because something outside the project changed.</summary>
    public void Forget() => _clean.Clear();

    /// <summary>Gives the project's folder another name.</summary>
    public void Move(string folder) => Project = Project.MovedTo(folder);

    public void Dispose() => Project.Dispose();
}
