using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Conversion;

/// <summary>What conversion does to a file beyond what each case checks anyway (<see cref="OutputContract"/>).</summary>
public sealed class ConverterTests
{
    private const string Source = """
        extern int foo(int), bar(int);
        extern int counter;
        int *pointer = &counter;
        static int own(int a) { return a; }
        int replacement(int a) { return foo(a) + bar(a) + own(a) + 1; }
        """;

    public static TheoryData<string> Machines => [.. TestMachine.All.Select(m => m.Name)];

    private static PlanBench Bench()
    {
        var bench = new PlanBench { Rules = LoaderRules.For("6.17") };
        bench.Symbol("vmlinux", "foo");
        bench.Symbol("vmlinux", "counter", 1, 'b');
        bench.Export("bar", "vmlinux");
        bench.Patch("vmlinux", "replacement");
        return bench;
    }

    /// <summary>T11 and seed 003: the header fields as readelf shows them.</summary>
    [Theory]
    [MemberData(nameof(Machines))]
    public void Readelf_shows_the_documented_form(string name)
    {
        using var bench = Bench();
        var machine = TestMachine.Named(name);
        Assert.NotNull(bench.Run(machine.Compile(Source)));
        using var folder = new TemporaryFolder();
        var path = folder.Write("out.ko", bench.OutputBytes);
        var sections = CCompiler.Run(machine.ReadElf, folder.Path, "-SW", path);
        Assert.Matches(@"\.klp\.rela\.vmlinux\.text +RELA +0000000000000000 .* 18 AIo +\d+ +\d+ +8", sections);
        Assert.Matches(@"NOTYPE +GLOBAL +DEFAULT +OS \[0xff20\] \.klp\.sym\.vmlinux\.foo,0", CCompiler.Run(machine.ReadElf, folder.Path, "-sW", path));
        Assert.Matches(@"NOTYPE +GLOBAL +DEFAULT +UND bar", CCompiler.Run(machine.ReadElf, folder.Path, "-sW", path));
        var relocations = CCompiler.Run(machine.ReadElf, folder.Path, "-rW", path);
        Assert.Matches(@"Relocation section '\.klp\.rela\.vmlinux\.text' .* contains 1 ent", relocations);
        Assert.DoesNotContain("bad symbol index", relocations, StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", sections + relocations, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>T17.</summary>
    [Fact]
    public void The_same_module_gives_the_same_bytes()
    {
        var outputs = Enumerable.Range(0, 2).Select(_ =>
        {
            using var bench = Bench();
            Assert.NotNull(bench.Run(TestMachine.X86_64.Compile(Source)));
            return bench.OutputBytes;
        }).ToList();
        Assert.Equal(outputs[0], outputs[1]);
    }

    /// <summary>T72, conversion's part: a ppc64le kernel looks at the ABI bits.</summary>
    [Fact]
    public void The_abi_in_e_flags_survives()
    {
        using var bench = Bench();
        Assert.Equal(2u, bench.Run(TestMachine.Ppc64le.Compile(Source))?.Flags & 3);
    }

    /// <summary>T85: COMDAT groups stay tied to their symbol when annotation sections before it disappear.</summary>
    [Fact]
    public void Section_groups_follow_renumbered_symbols()
    {
        using var bench = Bench();
        var module = TestMachine.X86_64.Compile(Source + """

            asm(".section .text.shared, \"axG\", @progbits, shared, comdat\n.weak shared\n.type shared, @function\nshared: ret\n.size shared, . - shared");
            static const struct { const void *symbol; unsigned position; } __attribute__((packed)) table[] __attribute__((used, section(".klp.module_relocs.vmlinux"))) = { { foo, 1 } };
            """, "-ffunction-sections");
        var output = bench.Run(module);
        Assert.True(output is not null, bench.Diagnostics.ToString());
        var group = Assert.Single(output.Sections, s => s.Type == SectionType.Group);
        Assert.Equal("shared", output.Symbols[(int)group.Info].Name);
        Assert.Equal(SectionType.SymbolTable, output.Sections[(int)group.Link].Type);
        var member = output.ByteOrder.ReadUInt32(group.Data.Span[4..]);
        Assert.Equal(".text.shared", output.Sections[(int)member].Name);
    }

    [Fact]
    public void A_symbol_that_is_imported_and_livepatched_gets_two_entries()
    {
        using var bench = new PlanBench();
        bench.Symbol("ext4", "foo", 1, 'T');
        bench.Export("foo", "ext4");
        bench.Patch("ext4", "replacement");
        var module = TestMachine.X86_64.Compile("extern int foo(int); int init_module(void) { return foo(1) + 1; } int replacement(int a) { return foo(a) + 2; }");
        var before = module.Symbols.Count;
        var output = bench.Run(module);
        Assert.NotNull(output);
        Assert.Equal(before + 1, output.Symbols.Count);
        Assert.Equal("foo", output.Symbols[module.Symbols.FindIndex(s => s.Name == "foo")].Name);
        Assert.Equal(".klp.sym.ext4.foo,0", output.Symbols[^1].Name);
        Assert.Equal(["ext4"], bench.Plan!.Imports.Select(i => i.Export!.Owner));
    }

    /// <summary>T99.</summary>
    [Fact]
    public void A_signature_is_removed_and_said()
    {
        using var bench = Bench();
        var module = TestMachine.X86_64.Compile(Source);
        module.Trailer = "0123456789~Module signature appended~\n"u8.ToArray();
        Assert.NotNull(bench.Run(module));
        Assert.Contains(bench.Diagnostics, d => d.Id == "KLP0404");
        Assert.False(bench.OutputBytes.AsSpan().EndsWith("~Module signature appended~\n"u8));
    }

    /// <summary>A module finished by another modpost: what only converted symbols needed goes, all else stays.</summary>
    [Fact]
    public void Versions_and_dependencies_of_converted_symbols_are_removed()
    {
        using var bench = new PlanBench();
        bench.Symbol("ext4", "ext4_thing", 1, 'T');
        bench.Symbol("vmlinux", "bar", 1, 'T');
        bench.Export("ext4_thing", "ext4");
        bench.Export("crc_thing", "libcrc32c");
        bench.Export("bar", "vmlinux");
        bench.Patch("ext4", "replacement");
        var output = bench.Run(TestMachine.X86_64.Compile("""
            extern int ext4_thing(int), crc_thing(int), bar(int);
            struct version { unsigned long crc; char name[56]; };
            static const struct version versions[] __attribute__((used, section("__versions"))) = { { 1, "bar" }, { 2, "ext4_thing" }, { 3, "crc_thing" } };
            static const unsigned crcs[] __attribute__((used, section("__version_ext_crcs"))) = { 1, 2, 3 };
            static const char names[] __attribute__((used, section("__version_ext_names"))) = "bar\0ext4_thing\0crc_thing";
            static const char info[] __attribute__((used, section(".modinfo"), aligned(1))) = "license=GPL\0depends=ext4,libcrc32c\0name=test";
            int replacement(int a) { return ext4_thing(a) + crc_thing(a) + bar(a) + 1; }
            """));
        Assert.True(output is not null, bench.Diagnostics.ToString());
        Assert.Equal("license=GPL\0depends=libcrc32c\0name=test\0", Text(output, ".modinfo"));
        Assert.Equal(128ul, output.FindSection("__versions")!.Size);
        Assert.DoesNotContain("ext4_thing", Text(output, "__versions"), StringComparison.Ordinal);
        Assert.Equal("bar\0crc_thing\0", Text(output, "__version_ext_names"));
        Assert.Equal([1, 0, 0, 0, 3, 0, 0, 0], output.FindSection("__version_ext_crcs")!.Data.ToArray());
    }

    [Fact]
    public void A_linked_program_is_no_module()
    {
        var diagnostics = new DiagnosticBag();
        var module = TestMachine.X86_64.Compile("int a;");
        module.Type = ElfType.Executable;
        Assert.Null(Converter.Convert(module, EmptyPlan(module), LoaderRules.For("6.12"), diagnostics));
        Assert.Equal("KLP0406", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void Relocations_without_addends_are_refused_since_they_could_not_follow_their_symbols()
    {
        var diagnostics = new DiagnosticBag();
        var module = TestMachine.X86_64.Compile("extern int foo(void); int f(void) { return foo(); }");
        module.FindSection(".rela.text")!.Type = SectionType.Relocation;
        Assert.Null(Converter.Convert(module, EmptyPlan(module), LoaderRules.For("6.12"), diagnostics));
        Assert.Equal("KLP0867", Assert.Single(diagnostics).Id);
    }

    /// <summary>Sections and their livepatch relocation sections together pass SHN_LORESERVE; the module alone does not.</summary>
    [Fact]
    public void More_sections_than_the_loader_counts_are_refused_and_the_module_is_left_as_it_was()
    {
        using var bench = Bench();
        const int Count = 21_800;
        var source = string.Concat(Enumerable.Range(0, Count).Select(i => $".section .text.f{i},\"ax\"\ncall foo\n")) + ".text\n.globl replacement\n.type replacement, @function\nreplacement: ret\n";
        var module = TestMachine.X86_64.Compile(source, "-x", "assembler");
        var before = module.Write();
        Assert.InRange(module.Sections.Count, 2 * Count, SpecialSection.LowReserve - 1);
        Assert.Null(bench.Run(module));
        var error = Assert.Single(bench.Diagnostics);
        Assert.Equal(("KLP0401", Severity.Error), (error.Id, error.Severity));
        Assert.Contains($"With {Count} livepatch relocation sections the module would have {module.Sections.Count + Count}; the module loader counts 65279", error.Message, StringComparison.Ordinal);
        Assert.Contains("-ffunction-sections", error.Cure, StringComparison.Ordinal);
        Assert.Equal(before, module.Write());
    }

    [Fact]
    public void A_plan_of_another_module_is_refused()
    {
        var diagnostics = new DiagnosticBag();
        var module = TestMachine.X86_64.Compile("int a;");
        Assert.Null(Converter.Convert(module, EmptyPlan(module) with { ModuleSymbolCount = 99 }, LoaderRules.For("6.12"), diagnostics));
        Assert.Equal("KLP0400", Assert.Single(diagnostics).Id);
    }

    [Fact]
    public void Turned_back_a_module_is_what_objdump_can_read()
    {
        using var bench = Bench();
        var module = TestMachine.X86_64.Compile(Source);
        var text = module.FindSection(".rela.text")!;
        var before = module.RelocationsOf(text).Select(r => (r.Offset, module.SymbolOf(r)!.Name, r.Type, r.Addend)).Order().ToList();
        var output = bench.Run(module);
        Assert.NotNull(output);
        var back = CCompiler.Read(Unconverter.Unconvert(output, new DiagnosticBag()).Write());
        Assert.DoesNotContain(back.Sections, s => s.Name.StartsWith(".klp", StringComparison.Ordinal));
        Assert.Equal(before, back.RelocationsOf(back.FindSection(".rela.text")!).Select(r => (r.Offset, back.SymbolOf(r)!.Name, r.Type, r.Addend)).Order());
        using var folder = new TemporaryFolder();
        var listing = CCompiler.Run("objdump", folder.Path, "-dr", folder.Write("back.ko", back.Write()));
        Assert.Matches(@"R_X86_64_(PLT32|PC32)\s+foo-0x4", listing);
    }

    /// <summary>T62: what is split off is a table the old kernel can apply: each entry's relocations still point at its instructions, and the order of application is the entries'.</summary>
    [Fact]
    public void Alternatives_split_for_an_old_kernel_point_at_their_instructions()
    {
        var test = PlanCase.Read("T62-alternatives-that-wait-for-their-module.c");
        using var bench = test.SetUp(TestMachine.X86_64);
        var output = bench.Run(TestMachine.X86_64.Compile(test.Source));
        Assert.True(output is not null, bench.Diagnostics.ToString());
        var late = output.IndexOf(".klp.arch.ext4..altinstructions");
        var early = output.IndexOf(".altinstructions");
        Assert.Equal((13ul, 13ul), (output.Sections[late].Size, output.Sections[early].Size));
        Assert.True(output.Sections[late].IsAlloc);

        // The kernel's order: ordinary relocations at load, the object's livepatch relocations, then its alternatives; the replacement must hold its call by then.
        var table = Assert.Single(output.RelocationSectionsFor(late));
        Assert.Equal(".rela.klp.arch.ext4..altinstructions", table.Name);
        Assert.False(LivepatchFormat.IsLivepatchRelocation(table));
        var pointers = output.RelocationsOf(table);
        Assert.Equal([0ul, 4ul], pointers.Select(p => p.Offset));
        var replacement = output.SymbolOf(pointers[1])!;
        Assert.Equal(".altinstr_replacement", output.SectionOf(replacement)!.Name);
        var livepatch = output.FindSection(".klp.rela.ext4.altinstr_replacement")!;
        var call = Assert.Single(output.RelocationsOf(livepatch));
        var start = replacement.Value + (ulong)pointers[1].Addend;
        Assert.InRange(call.Offset, start, start + output.Sections[late].Data.Span[11] - 1u);
        var rest = output.RelocationSectionsFor(early).SelectMany(output.RelocationsOf).ToList();
        Assert.Equal([0ul, 4ul], rest.Select(r => r.Offset));
    }

    private static string Text(ElfFile file, string section) => System.Text.Encoding.Latin1.GetString(file.FindSection(section)!.Data.Span);

    private static SymbolPlan EmptyPlan(ElfFile module) => new()
    {
        Symbols = [],
        Moves = [],
        Placed = [],
        Tombstones = new HashSet<int>(),
        AnnotationSections = new HashSet<int>(),
        PatchedObjects = [],
        ModuleSymbolCount = module.Symbols.Count,
    };
}
