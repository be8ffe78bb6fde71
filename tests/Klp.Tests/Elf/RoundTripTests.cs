using System.Collections.Concurrent;
using Klp.Base;
using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Elf;

/// <summary>Read, write, same bytes: every module and object that ships in the kernel packages, and what compilers make.</summary>
public sealed class RoundTripTests
{
    public static IEnumerable<object[]> AllKernels => Kernels.All.Select(k => new object[] { k.Release });

    [Theory]
    [MemberData(nameof(AllKernels))]
    public void Every_module_of_a_kernel_package_is_written_as_it_was_read(string release)
    {
        var kernel = Kernels.ByRelease(release);
        var files = new[] { kernel.ModulesDirectory, kernel.BuildDirectory }.SelectMany(FilesBelow).ToList();
        var plain = files.Where(f => f.EndsWith(".ko", StringComparison.Ordinal) || f.EndsWith(".o", StringComparison.Ordinal)).ToList();
        var packed = files.Where(f => f.EndsWith(".ko.xz", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(plain.Concat(packed));

        var different = Changed(plain).Concat(packed.Chunk(400).SelectMany(ChangedPacked)).ToList();
        Assert.Empty(different);
    }

    private static List<string> ChangedPacked(string[] packed)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in packed)
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        CCompiler.Run("xz", folder.Path, ["--decompress", "--threads=2", .. packed.Select(f => Path.GetFileName(f)!)]);
        return Changed(Directory.GetFiles(folder.Path));
    }

    private static List<string> Changed(IReadOnlyList<string> files)
    {
        var different = new ConcurrentBag<string>();
        Parallel.ForEach(files, file =>
        {
            var bytes = File.ReadAllBytes(file);
            var diagnostics = new DiagnosticBag();
            var written = ElfFile.Read(bytes, file, diagnostics)?.Write();
            if (written is null || !bytes.AsSpan().SequenceEqual(written))
            {
                different.Add($"{file}: {(written is null ? diagnostics.ToString() : "other bytes")}");
            }
        });
        return [.. different];
    }

    [Fact]
    public void Objects_of_every_compiler_are_written_as_they_were_read()
    {
        foreach (var (compiler, bytes) in SampleObjects.ByCompiler)
        {
            Assert.True(bytes.AsSpan().SequenceEqual(CCompiler.Read(bytes).Write()), compiler);
        }
    }

    [Fact]
    public void Readelf_finds_nothing_to_complain_of_in_edited_files()
    {
        foreach (var bytes in SampleObjects.ByCompiler.Values)
        {
            var file = CCompiler.Read(bytes);
            file.RemoveSections((_, s) => s.Name is ".text.two" or ".data.shared");
            file.RemoveSymbols((_, s) => s.Name == "place");
            file.AddSection(new ElfSection { Name = ".added", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc, Data = new byte[24], Alignment = 8 });
            file.AddSymbol(new ElfSymbol { Name = "added_local", SectionIndex = (ushort)file.IndexOf(".added"), Type = SymbolType.Object, Size = 8 });
            file.SortSymbols();
            using var folder = new TemporaryFolder();
            var path = folder.Write("edited.o", file.Write());
            var result = CCompiler.TryRun("readelf", folder.Path, "-aW", path);
            Assert.Equal((0, ""), (result.ExitCode, result.StandardError));
            Assert.Contains("added_local", result.StandardOutput, StringComparison.Ordinal);
            Assert.DoesNotContain("<corrupt", result.StandardOutput, StringComparison.Ordinal);
            Assert.DoesNotContain("bad section index", result.StandardOutput, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_edited_object_still_links()
    {
        using var folder = new TemporaryFolder();
        var file = CCompiler.Read(SampleObjects.ByCompiler["gcc"]);
        file.RemoveSections((_, s) => s.Name is ".text.two" or ".text.shared");
        file.SortSymbols();
        file.Compact();
        var path = folder.Write("edited.o", file.Write());
        CCompiler.Run("ld", folder.Path, "-r", "-o", "merged.o", path);
        Assert.Contains("helper", CCompiler.Run("objdump", folder.Path, "-dr", "merged.o"), StringComparison.Ordinal);
    }

    private static IEnumerable<string> FilesBelow(string folder) =>
        Directory.EnumerateFiles(Directory.ResolveLinkTarget(folder, true)?.FullName ?? folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint });
}
