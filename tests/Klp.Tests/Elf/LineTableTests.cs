using Klp.Base;
using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Elf;

/// <summary>Lines of references, asked of objects that real compilers made.</summary>
public sealed class LineTableTests
{
    private const string Source = """
        extern int outside(int);
        static int twice(int value)
        {
            return value +
                outside(value);
        }

        int __attribute__((section(".text.other"))) other(int value)
        {
            if (value > 3)
                return outside(value * 7);
            return twice(value) + 1;
        }

        int first(int value) { return outside(value) + 2; }
        """;

    public static TheoryData<string, string> Compilers
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var compiler in new[] { "gcc", "clang", "aarch64-linux-gnu-gcc", "powerpc64le-linux-gnu-gcc", "s390x-linux-gnu-gcc" })
            {
                foreach (var format in new[] { "-gdwarf-3", "-gdwarf-4", "-gdwarf-5" })
                {
                    data.Add(compiler, format);
                }
            }

            data.Add("gcc", "-gdwarf64");
            data.Add("gcc", "-gz=zlib");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Compilers))]
    public void The_line_of_a_call_is_found_from_the_place_of_its_relocation(string compiler, string format)
    {
        var file = CCompiler.CompileElf(Source, compiler, "-g", format, "-O1", "-fno-inline");
        var lines = LineTable.Read(file);
        Assert.Equal([5, 11, 15], LinesOfCalls(file, lines).Order());
        Assert.All(PlacesOfCalls(file, lines), place => Assert.EndsWith("/input.c", place.File, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-gdwarf-4")]
    [InlineData("-gdwarf-5")]
    public void Lines_survive_the_merge_of_two_objects(string format)
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.c", Source);
        folder.Write("b.c", "extern int outside(int);\n\n\nint second(int v)\n{\n\treturn outside(v) - 4;\n}\n");
        CCompiler.Run("gcc", folder.Path, "-g", format, "-O1", "-fno-inline", "-c", "a.c", "b.c");
        CCompiler.Run("ld", folder.Path, "-r", "-o", "m.o", "a.o", "b.o");
        var file = CCompiler.Read(File.ReadAllBytes(Path.Combine(folder.Path, "m.o")));
        Assert.Equal(["a.c 11", "a.c 15", "a.c 5", "b.c 6"], PlacesOfCalls(file, LineTable.Read(file)).Select(p => $"{Path.GetFileName(p.File)} {p.Line}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_prefix_map_can_be_undone()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.c", Source);
        CCompiler.Run("gcc", folder.Path, "-g", "-O1", "-fno-inline", $"-ffile-prefix-map={folder.Path}=.", "-c", Path.Combine(folder.Path, "a.c"), "-o", "a.o");
        var file = CCompiler.Read(File.ReadAllBytes(Path.Combine(folder.Path, "a.o")));
        Assert.All(PlacesOfCalls(file, LineTable.Read(file)), place => Assert.Equal("./a.c", place.File));
        Assert.All(PlacesOfCalls(file, LineTable.Read(file, ".", folder.Path)), place => Assert.Equal(folder.Path + "/a.c", place.File));
    }

    [Fact]
    public void Editing_the_object_later_changes_no_answer()
    {
        var file = CCompiler.CompileElf(Source, "gcc", "-g", "-O1", "-fno-inline");
        var lines = LineTable.Read(file);
        var text = file.IndexOf(".text.other");
        var call = file.RelocationsOf(file.RelocationSectionsFor(text).Single()).First(r => file.SymbolOf(r)?.Name == "outside");
        file.RemoveSections((_, s) => s.Name.StartsWith(".debug", StringComparison.Ordinal) || s.Name == ".text");
        Assert.Equal(11, lines.Find(text, call.Offset)?.Line);
    }

    [Fact]
    public void Without_debug_information_every_answer_is_unknown()
    {
        var file = CCompiler.CompileElf(Source, "gcc", "-O1");
        Assert.Null(LineTable.Read(file).Find(1, 0));
        Assert.Null(LineTable.Empty.Find(0, 0));
    }

    [Theory]
    [InlineData("-gdwarf-4")]
    [InlineData("-gdwarf-5")]
    public void Broken_line_data_answers_unknown_and_never_throws(string format)
    {
        const int seed = 20261120;
        var file = CCompiler.CompileElf(Source, "gcc", "-g", format, "-O1", "-fno-inline");
        var section = file.FindSection(".debug_line")!;
        var whole = section.Data.ToArray();
        var random = new Random(seed);
        for (var round = 0; round < 4000; round++)
        {
            var broken = whole.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                broken[random.Next(broken.Length)] = (byte)(random.Next(3) == 0 ? 0xff : random.Next(256));
            }

            section.Data = round % 5 == 0 ? broken.AsMemory(0, random.Next(broken.Length)) : broken;
            _ = PlacesOfCalls(file, LineTable.Read(file));
        }
    }

    private static IEnumerable<int> LinesOfCalls(ElfFile file, LineTable lines) => PlacesOfCalls(file, lines).Select(p => p.Line);

    private static List<SourcePlace> PlacesOfCalls(ElfFile file, LineTable lines) =>
    [
        .. from relocations in file.RelocationSections()
           where file.Sections[(int)relocations.Section.Info].IsExecutable
           from relocation in file.RelocationsOf(relocations.Section)
           where file.SymbolOf(relocation)?.Name == "outside"
           select lines.Find((int)relocations.Section.Info, relocation.Offset) into place
           where place is not null
           select place.Value,
    ];
}
