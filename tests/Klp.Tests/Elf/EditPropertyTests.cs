using FsCheck;
using FsCheck.Fluent;
using Klp.Base;
using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Elf;

/// <summary>Edits renumber; what a relocation, a group or a symbol means must stay what it was.</summary>
public sealed class EditPropertyTests
{
    public static TheoryData<string> Compilers => [.. SampleObjects.ByCompiler.Keys];

    [Theory]
    [MemberData(nameof(Compilers))]
    public void Removing_symbols_keeps_the_meaning_of_every_relocation_that_stays(string compiler) => ForAllSeeds(compiler, (file, random) =>
    {
        var before = Meaning.Of(file);
        var (symbols, sections) = (file.Symbols.ToList(), file.Sections.ToList());
        var gone = Choose(file.Symbols, random);
        file.RemoveSymbols((_, symbol) => gone.Contains(symbol));
        Assert.DoesNotContain(file.Symbols, gone.Contains);

        // A dissolved group takes the symbol of its own section along, where an assembler made one.
        var reallyGone = symbols.Except(file.Symbols).ToHashSet();
        Assert.All(reallyGone.Except(gone), s => Assert.Equal(SectionType.Group, sections[s.SectionIndex].Type));
        AssertSameMeaning(before.Without(reallyGone, []), file);
    });

    [Theory]
    [MemberData(nameof(Compilers))]
    public void Removing_sections_keeps_the_meaning_of_every_relocation_that_stays(string compiler) => ForAllSeeds(compiler, (file, random) =>
    {
        var before = Meaning.Of(file);
        var sections = file.Sections.ToList();
        var symbols = file.Symbols.ToList();
        var gone = Choose(file.Sections.Where(s => s.IsAlloc || s.Name.StartsWith(".debug", StringComparison.Ordinal)), random);
        file.RemoveSections((_, section) => gone.Contains(section));
        var reallyGone = sections.Except(file.Sections).ToHashSet();
        Assert.Superset(gone, reallyGone);
        AssertSameMeaning(before.Without(symbols.Except(file.Symbols).ToHashSet(), reallyGone), file);
    });

    [Theory]
    [MemberData(nameof(Compilers))]
    public void Sorting_symbols_puts_locals_first_and_changes_no_meaning(string compiler) => ForAllSeeds(compiler, (file, random) =>
    {
        var symbols = file.Symbols.Skip(1).OrderBy(_ => random.Next()).ToArray();
        var meaning = Meaning.Of(file);
        var shuffled = new List<ElfSymbol>([file.Symbols[0], .. symbols]);
        var indexOf = shuffled.Index().ToDictionary(s => s.Item, s => (uint)s.Index);
        foreach (var (_, section) in file.RelocationSections())
        {
            file.SetRelocations(section, file.RelocationsOf(section).ConvertAll(r => r with { SymbolIndex = indexOf[file.SymbolOf(r)!] }));
        }

        foreach (var group in file.Sections.Where(s => s.Type == SectionType.Group))
        {
            group.Info = indexOf[file.Symbols[(int)group.Info]];
        }

        file.Symbols.Clear();
        file.Symbols.AddRange(shuffled);
        file.SortSymbols();
        Assert.DoesNotContain(file.Symbols.SkipWhile(s => s.Binding == SymbolBinding.Local), s => s.Binding == SymbolBinding.Local);
        AssertSameMeaning(meaning, file);
    });

    [Fact]
    public void A_group_whose_signature_goes_with_its_section_is_dissolved_and_no_other_index_is_hurt()
    {
        var file = CCompiler.Read(SampleObjects.ByCompiler["gcc"]);
        var data = file.FindSection(".data.shared")!;
        Assert.True(data.Flags.HasFlag(SectionFlags.Group));
        file.RemoveSections((_, s) => s.Name == ".text.shared");
        Assert.DoesNotContain(file.Sections, s => s.Type == SectionType.Group);
        Assert.False(file.FindSection(".data.shared")!.Flags.HasFlag(SectionFlags.Group));
        Assert.DoesNotContain(file.Symbols, s => s.Name == "shared_signature");
        AssertReadable(file);
    }

    [Fact]
    public void Sections_ordered_by_a_removed_section_go_with_it()
    {
        var file = CCompiler.Read(SampleObjects.ByCompiler["clang"]);
        var one = (uint)file.IndexOf(".text.one");
        Assert.Contains(file.Sections, s => s.Flags.HasFlag(SectionFlags.LinkOrder) && s.Link == one);
        var ordered = file.Sections.Count(s => s.Flags.HasFlag(SectionFlags.LinkOrder));
        file.RemoveSections((_, s) => s.Name == ".text.one");
        Assert.Equal(ordered - 1, file.Sections.Count(s => s.Flags.HasFlag(SectionFlags.LinkOrder)));
        Assert.DoesNotContain(file.Sections, s => s.Flags.HasFlag(SectionFlags.LinkOrder) && s.Link == 0);
    }

    [Fact]
    public void A_string_table_that_was_removed_is_made_anew()
    {
        var file = CCompiler.Read(SampleObjects.ByCompiler["gcc"]);
        var symbols = file.Symbols.ConvertAll(s => s.Name);
        var sections = file.Sections.ConvertAll(s => s.Name).Where(n => n is not (".strtab" or ".shstrtab")).ToList();
        file.RemoveSections((_, s) => s.Name is ".strtab" or ".shstrtab");
        var again = CCompiler.Read(file.Write());
        Assert.Equal(symbols, again.Symbols.ConvertAll(s => s.Name));
        Assert.Equal(sections, again.Sections.ConvertAll(s => s.Name).Where(n => n is not (".strtab" or ".shstrtab")));
    }

    [Fact]
    public void Compacting_keeps_the_meaning_and_drops_unused_names()
    {
        foreach (var bytes in SampleObjects.ByCompiler.Values)
        {
            var file = CCompiler.Read(bytes);
            var meaning = Meaning.Of(file);
            file.Symbols.Find(s => s.Name == "table")!.Name = "renamed_table";
            file.Compact();
            AssertSameMeaning(meaning, file);
            file.Write();
            var names = file.Sections[(int)file.Sections[file.SymbolTableIndex].Link].Data.Span;
            Assert.Equal(-1, names.IndexOf("\0table\0"u8));
            Assert.NotEqual(-1, names.IndexOf("\0renamed_table\0"u8));
        }
    }

    private static void ForAllSeeds(string compiler, Action<ElfFile, Random> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll<int>(seed =>
        {
            var file = CCompiler.Read(SampleObjects.ByCompiler[compiler]);
            check(file, new Random(seed));
            AssertReadable(file);
        }));

    private static HashSet<T> Choose<T>(IEnumerable<T> from, Random random)
    {
        var share = random.NextDouble();
        return from.Skip(1).Where(_ => random.NextDouble() < share).ToHashSet();
    }

    private static void AssertSameMeaning(Meaning expected, ElfFile file)
    {
        var actual = Meaning.Of(file);
        Assert.Equal(expected.Relocations, actual.Relocations);
        Assert.Equal(expected.SymbolSections, actual.SymbolSections);
    }

    private static void AssertReadable(ElfFile file)
    {
        var again = CCompiler.Read(file.Write());
        Assert.Equal(file.Symbols.Select(s => s.ToString()), again.Symbols.Select(s => s.ToString()));
        Assert.Equal(file.Sections.Select(s => s.ToString()), again.Sections.Select(s => s.ToString()));
        Assert.Equal(again.FirstGlobalSymbol, again.SymbolTableIndex == 0 ? 0u : again.Sections[again.SymbolTableIndex].Info);
    }

    /// <summary>What the file says, by identity of its parts and not by their numbers.</summary>
    private sealed record Meaning(
        List<(ElfSection Table, ElfSection Target, ulong Offset, uint Type, long Addend, ElfSymbol Symbol)> Relocations, Dictionary<ElfSymbol, ElfSection?> SymbolSections)
    {
        public static Meaning Of(ElfFile file) => new(
            [.. from table in file.RelocationSections()
                from r in file.RelocationsOf(table.Section)
                select (table.Section, file.Sections[(int)table.Section.Info], r.Offset, r.Type, r.Addend, file.SymbolOf(r)!)],
            file.Symbols.ToDictionary(s => s, file.SectionOf));

        public Meaning Without(HashSet<ElfSymbol> symbols, HashSet<ElfSection> sections) => new(
            [.. Relocations.Where(r => !symbols.Contains(r.Symbol) && !sections.Contains(r.Table) && !sections.Contains(r.Target))],
            SymbolSections.Where(s => !symbols.Contains(s.Key)).ToDictionary());
    }
}
