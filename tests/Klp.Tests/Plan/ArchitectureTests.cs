using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Plan;

/// <summary>The facts of each machine against what its tools write.</summary>
public sealed class ArchitectureTests
{
    private const string Source = """
        extern int data, function(int);
        int own = 7, *pointer = &data, (*call)(int) = function;
        static __attribute__((noinline)) int helper(int a) { return function(a) + data + own; }
        int user(int a) { return helper(a) + helper(a + 1); }
        int tail(int a) { return helper(a); }
        """;

    public static TheoryData<string> Machines => [.. TestMachine.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Machines))]
    public void Relocations_have_the_names_that_readelf_prints(string name)
    {
        var machine = TestMachine.Named(name);
        using var folder = new TemporaryFolder();
        var file = machine.Compile(Source, "-g");
        var path = folder.Write("a.o", file.Write());
        var listing = CCompiler.Run(machine.ReadElf, folder.Path, "-rW", path);
        var architecture = Architecture.For(machine.Machine);
        Assert.NotNull(architecture);
        Assert.Equal(file.ByteOrder, architecture.ByteOrder);
        var used = file.RelocationSections().Where(s => file.Sections[(int)s.Section.Info].IsAlloc).SelectMany(s => file.RelocationsOf(s.Section)).Select(r => r.Type).Distinct().ToList();
        Assert.NotEmpty(used);
        foreach (var type in used)
        {
            Assert.True(architecture.LoaderAccepts(type), $"{name} does not know {architecture.NameOf(type)}");
            // readelf cuts names at 17 or 22 characters.
            Assert.Contains(architecture.NameOf(type)[..Math.Min(17, architecture.NameOf(type).Length)], listing, StringComparison.Ordinal);
        }

        Assert.Equal(8, architecture.Find(architecture.AbsoluteRelocation)!.Width);
        Assert.Equal(RelocationForm.Absolute, architecture.Find(architecture.AbsoluteRelocation)!.Form);
    }

    /// <summary>Calls that the assembler resolved itself are found in the bytes: from both callers to the helper, and to nothing else's start.</summary>
    [Theory]
    [MemberData(nameof(Machines))]
    public void Calls_within_a_section_are_found_without_relocations(string name)
    {
        var file = TestMachine.Named(name).Compile(Source);
        var architecture = Architecture.For(file.Machine)!;
        var helper = file.Symbols.Single(s => s.Name == "helper");
        foreach (var caller in file.Symbols.Where(s => s.Name is "user" or "tail"))
        {
            var relocated = file.RelocationSectionsFor(caller.SectionIndex).SelectMany(file.RelocationsOf)
                .Any(r => r.Offset >= caller.Value && r.Offset < caller.Value + caller.Size && file.SymbolOf(r) == helper);
            List<long> targets = [];
            architecture.LocalTargets(file.Sections[caller.SectionIndex].Data.Span, (int)caller.Value, (int)(caller.Value + caller.Size), targets);
            Assert.True(relocated || targets.Contains((long)helper.Value), $"{caller.Name} of {name} does not lead to the helper");
        }
    }

    [Fact]
    public void An_unknown_machine_has_no_facts_and_no_crash() => Assert.Null(Architecture.For(ElfMachine.RiscV));
}
