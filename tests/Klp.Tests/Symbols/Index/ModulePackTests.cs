using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Symbols.Index;

/// <summary>All modules of a kernel in one file of the cache (<c>klp symbols build --all-modules</c>): never another answer than the modules themselves.</summary>
public sealed class ModulePackTests : IDisposable
{
    private static readonly string[] s_modules = ["pktgen", "ext4", "jbd2", "dummy", "crc16"];

    private readonly TemporaryFolder _folder = new();

    public ModulePackTests()
    {
        foreach (var name in s_modules)
        {
            var source = Directory.EnumerateFiles(Kernels.Newest.ModulesDirectory, name + ".ko*", SearchOption.AllDirectories).Single();
            Write("kernel/" + Path.GetFileName(source), File.ReadAllBytes(source));
        }
    }

    private string Cache => _folder.Combine("cache");

    private string Modules => _folder.Combine("modules");

    private string Pack => Assert.Single(Files());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Later_look_ups_read_no_module()
    {
        var expected = Answers(null);
        ReadAll();
        foreach (var file in Directory.GetFiles(Modules, "*.ko*", SearchOption.AllDirectories))
        {
            // Same size and time, other content.
            Write(Path.GetRelativePath(Modules, file), new byte[new FileInfo(file).Length]);
        }

        Assert.Equal(expected, Answers(Cache));
        Assert.NotEmpty(Pack);
    }

    [Fact]
    public void What_is_in_the_file_as_it_stands_is_not_read_again_and_what_changed_is()
    {
        ReadAll();
        var time = File.GetLastWriteTimeUtc(Pack);
        ReadAll();
        Assert.Equal(time, File.GetLastWriteTimeUtc(Pack));

        var changed = Directory.GetFiles(Modules, "dummy.ko*", SearchOption.AllDirectories).Single();
        File.Copy(Directory.GetFiles(Modules, "crc16.ko*", SearchOption.AllDirectories).Single(), changed, overwrite: true);
        File.SetLastWriteTimeUtc(changed, new DateTime(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var expected = Answers(null);
        Assert.Equal(expected, Answers(Cache));
        ReadAll();
        Write(Path.GetRelativePath(Modules, changed), new byte[new FileInfo(changed).Length], 2022);
        Assert.Equal(expected, Answers(Cache));
    }

    [Fact]
    public void A_damaged_file_costs_time_and_never_the_answer()
    {
        var expected = Answers(null);
        ReadAll();
        var pack = Pack;
        var good = File.ReadAllBytes(pack);
        var random = new Random(Soak.Seed);
        for (var round = 0; round < Soak.Rounds(300); round++)
        {
            File.WriteAllBytes(pack + ".new", Mutation.Of(good, random));
            File.Move(pack + ".new", pack, overwrite: true);
            Assert.Equal(expected, Answers(Cache));
        }

        ReadAll();
        Assert.NotNull(ModulePack.Open(pack));
        Assert.Equal(s_modules.Length, ModulePack.Open(pack)!.Count);
        Assert.Equal(expected, Answers(Cache));
    }

    [Fact]
    public void A_module_whose_dependencies_are_damaged_in_the_file_is_read_again()
    {
        var expected = Answers(null);
        ReadAll();
        var pack = Pack;
        var bytes = File.ReadAllBytes(pack);
        var depends = "depends="u8;
        for (int at = 0, next; (next = bytes.AsSpan(at).IndexOf(depends)) >= 0; at += next + depends.Length)
        {
            bytes[at + next] ^= 1;
        }

        File.WriteAllBytes(pack + ".new", bytes);
        File.Move(pack + ".new", pack, overwrite: true);
        Assert.Equal(expected, Answers(Cache));
    }

    [Fact]
    public void A_module_of_another_kernel_is_told_and_left_out()
    {
        var diagnostics = new DiagnosticBag();
        Open(Cache, "6.1.0-other").ReadAllModules(diagnostics);
        Assert.Equal(s_modules.Length, diagnostics.Count(d => d.Id == "KLP0305"));
        Assert.Equal(0, ModulePack.Open(Pack)!.Count);
    }

    [Fact]
    public void A_module_that_cannot_be_read_is_told_and_the_others_are_kept()
    {
        var broken = Directory.GetFiles(Modules, "dummy.ko*", SearchOption.AllDirectories).Single();
        Write(Path.GetRelativePath(Modules, broken), File.ReadAllBytes(broken)[..^100]);
        var diagnostics = new DiagnosticBag();
        Open(Cache).ReadAllModules(diagnostics);
        Assert.Equal(broken, Assert.Single(diagnostics).Place.File);
        Assert.Equal(s_modules.Length - 1, ModulePack.Open(Pack)!.Count);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_told_once()
    {
        _folder.Write("cache", "a file where the folder should be");
        var diagnostics = new DiagnosticBag();
        Open(Cache).ReadAllModules(diagnostics);
        Assert.Equal("KLP0310", Assert.Single(diagnostics).Id);
    }

    private void ReadAll()
    {
        var diagnostics = new DiagnosticBag();
        Open(Cache).ReadAllModules(diagnostics);
        Assert.Empty(diagnostics);
    }

    private string[] Answers(string? cache)
    {
        var index = Open(cache);
        var diagnostics = new DiagnosticBag();
        string[] answers =
        [
            .. index.Find("pktgen", "pg_count_d", diagnostics).Select(s => s.ToString()), .. index.Find("ext4", "ext4_map_blocks", diagnostics).Select(s => s.ToString()),
            .. index.All("dummy", diagnostics).Select(s => s.ToString()), .. index.Modules!.DependencyClosure("ext4"), index.Modules!.Vermagic("jbd2", diagnostics) ?? "none",
        ];
        Assert.Empty(diagnostics);
        return answers;
    }

    private SymbolIndex Open(string? cache, string? release = null)
    {
        var diagnostics = new DiagnosticBag();
        var index = SymbolIndex.Open(new SymbolSources { ModulesDirectory = Modules, Release = release }, cache, LoaderRules.For("6.12"), diagnostics);
        Assert.True(index is not null, diagnostics.ToString());
        return index;
    }

    private string[] Files() => Directory.GetFiles(Path.Combine(Cache, "symbols"), "modules-*");

    private void Write(string name, byte[] content, int year = 2020)
    {
        var path = Path.Combine(Modules, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }
}
