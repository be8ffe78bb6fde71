using System.Text;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Kernel;

/// <summary>A kernel's modules, as its package ships them and as an installation with depmod has them.</summary>
public sealed class KernelModulesTests
{
    public static IEnumerable<object[]> Releases => Kernels.NewestOfEachSeries;

    [Theory]
    [MemberData(nameof(Releases))]
    public void Every_module_of_the_package_is_found_by_name_and_is_of_this_kernel(string release)
    {
        var modules = Open(release);
        Assert.InRange(modules.Names.Count, 3_000, 10_000);
        Assert.All(modules.Names, name => Assert.NotNull(modules.FindFile(name)));
        var listed = File.ReadLines(Path.Combine(modules.Directory, "modules.order")).Select(ObjectName.Normalise).ToHashSet();
        Assert.Subset(listed, modules.Names.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Modules_can_be_loaded_whatever_they_are_compressed_with(string release)
    {
        // Each eighth here; the round trip test of the ELF room reads them all.
        var modules = Open(release);
        Parallel.ForEach(modules.Names.Order().Where((_, i) => i % 8 == 0), new ParallelOptions { MaxDegreeOfParallelism = 2 }, name =>
        {
            var diagnostics = new DiagnosticBag();
            var file = modules.Load(name, diagnostics);
            Assert.True(file is { Symbols.Count: > 1 }, $"{name}: {diagnostics}");
            Assert.StartsWith(release + " ", modules.Vermagic(name, diagnostics), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_pipe_in_a_modules_folder_is_passed_over_and_nobody_waits_for_it()
    {
        using var folder = new TemporaryFolder();
        folder.Write("kernel/good.ko", "module");
        foreach (var name in new[] { "kernel/pipe.ko", "modules.builtin", "modules.order", "modules.dep" })
        {
            CCompiler.Run("mkfifo", folder.Path, name);
        }

        var modules = KernelModules.Open(folder.Path, [])!;
        var names = Task.Run(() => (string[])[.. modules.Names, modules.FindFile("pipe") ?? "none", .. modules.DependencyClosure("good"), modules.IsBuiltIn("good").ToString()]);
        Assert.Equal(["good", "none", "good", "False"], await names.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void The_dependency_closure_starts_with_the_module_and_holds_what_modinfo_says(string release)
    {
        var closure = Open(release).DependencyClosure("ext4");
        Assert.Equal("ext4", closure[0]);
        Assert.Contains("jbd2", closure);
        Assert.Contains("mbcache", closure);
        Assert.Equal(closure.Count, closure.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Built_in_modules_are_known_and_have_no_file(string release)
    {
        var modules = Open(release);
        Assert.True(modules.IsBuiltIn("binfmt_elf") || modules.IsBuiltIn("unix") || modules.IsBuiltIn("tcp_cubic"));
        Assert.False(modules.IsBuiltIn("ext4"));
        var builtIn = File.ReadLines(Path.Combine(modules.Directory, "modules.builtin")).Select(ObjectName.Normalise).First();
        var diagnostics = new DiagnosticBag();
        Assert.Null(modules.Load(builtIn, diagnostics));
        Assert.Contains("vmlinux", Assert.Single(diagnostics).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dash_and_an_underscore_are_the_same()
    {
        var modules = Open(Kernels.Newest.Release);
        Assert.Equal(modules.FindFile("snd_hda_intel"), modules.FindFile("snd-hda-intel"));
        Assert.NotNull(modules.FindFile("snd-hda-intel.ko"));
    }

    [Fact]
    public void Depmods_list_is_believed_and_updates_go_first_where_there_is_none()
    {
        using var folder = new TemporaryFolder();
        folder.Write("modules.builtin", "kernel/fs/in-side.ko\n");
        folder.Write("kernel/net/a-b.ko", Module("depends=c"));
        folder.Write("kernel/net/c.ko.gz", SyntheticKernel.Gzip(Module("depends=")));
        folder.Write("updates/a-b.ko", Module("depends=c,in_side"));
        var diagnostics = new DiagnosticBag();
        var modules = KernelModules.Open(folder.Path, diagnostics)!;
        Assert.Equal(Path.Combine(folder.Path, "updates/a-b.ko"), modules.FindFile("a_b"));
        Assert.Equal(["a_b", "c"], modules.DependencyClosure("a-b"));
        Assert.True(modules.IsBuiltIn("in_side"));
        Assert.Equal(["a_b", "c"], modules.Names.Order());

        folder.Write("modules.dep", "kernel/net/a-b.ko:\nkernel/net/c.ko.gz: kernel/net/a-b.ko\n");
        modules = KernelModules.Open(folder.Path, diagnostics)!;
        Assert.Equal(Path.Combine(folder.Path, "kernel/net/a-b.ko"), modules.FindFile("a_b"));
        Assert.Equal(["c", "a_b"], modules.DependencyClosure("c"));
        Assert.Equal(["a_b"], modules.DependencyClosure("a_b"));
    }

    [Fact]
    public void Each_module_stands_before_those_it_needs()
    {
        using var folder = new TemporaryFolder();
        folder.Write("kernel/bridge.ko", Module("depends=llc,stp"));
        folder.Write("kernel/stp.ko", Module("depends=llc"));
        folder.Write("kernel/llc.ko", Module("depends="));
        Assert.Equal(["bridge", "stp", "llc"], KernelModules.Open(folder.Path, new DiagnosticBag())!.DependencyClosure("bridge"));
    }

    [Fact]
    public void Modules_that_need_each_other_end_the_search()
    {
        using var folder = new TemporaryFolder();
        folder.Write("kernel/a.ko", Module("depends=b"));
        folder.Write("kernel/b.ko", Module("depends=a"));
        Assert.Equal(["a", "b"], KernelModules.Open(folder.Path, new DiagnosticBag())!.DependencyClosure("a"));
    }

    [Fact]
    public void A_folder_that_is_none_is_an_error()
    {
        using var folder = new TemporaryFolder();
        foreach (var path in new[] { folder.Path, Path.Combine(folder.Path, "missing") })
        {
            var diagnostics = new DiagnosticBag();
            Assert.Null(KernelModules.Open(path, diagnostics));
            Assert.Equal("KLP0260", Assert.Single(diagnostics).Id);
        }
    }

    private static KernelModules Open(string release)
    {
        var diagnostics = new DiagnosticBag();
        var modules = KernelModules.Open(Kernels.ByRelease(release).ModulesDirectory, diagnostics);
        Assert.True(modules is not null, diagnostics.ToString());
        return modules;
    }

    internal static byte[] Module(params string[] modinfo)
    {
        var file = new ElfFile(ByteOrder.Little, ElfMachine.X86_64, 0);
        file.Sections.Add(new ElfSection { Name = ".modinfo", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc, Data = Encoding.UTF8.GetBytes(string.Concat(modinfo.Select(m => m + "\0"))) });
        return file.Write();
    }
}
