using Klp.Base;
using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Plan;

/// <summary>Every file of tests/cases, compiled by the real compiler of each machine it names, planned and converted.</summary>
public sealed class CaseTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var name in Directory.EnumerateFiles(PlanCase.Folder, "*.c").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal))
        {
            foreach (var machine in PlanCase.Read(name).Machines)
            {
                data.Add(name, machine.Name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_file_comes_out_as_its_first_lines_say(string name, string machineName)
    {
        var test = PlanCase.Read(name);
        var machine = TestMachine.Named(machineName);
        using var bench = test.SetUp(machine);
        var output = bench.Run(machine.Compile(test.Source, test.Texts("Options", machineName).SelectMany(t => t.Split(' '))));

        var expected = test.Texts("Expect", machineName);
        Assert.True(string.Join("\n", expected.Order()) == Found(bench, expected), $"expected {string.Join(" ", expected)}, found:\n{bench.Diagnostics}");
        foreach (var text in test.Texts("Text", machineName))
        {
            Assert.Contains(text, bench.Diagnostics.ToString(), StringComparison.Ordinal);
        }

        if (output is not null)
        {
            Assert.Equal(string.Join('\n', test.Texts("KlpSymbol", machineName).Order()), string.Join('\n', LivepatchSymbols(output).Order()));
            Assert.Equal(string.Join('\n', test.Texts("KlpRela", machineName).Order()), string.Join('\n', LivepatchSections(output).Order()));
            foreach (var symbol in test.Texts("Undefined", machineName))
            {
                Assert.Contains(output.Symbols, s => s.Name == symbol && s.IsUndefined);
            }

            foreach (var gone in test.Texts("Gone", machineName))
            {
                Assert.DoesNotContain(gone, System.Text.Encoding.Latin1.GetString(bench.OutputBytes), StringComparison.Ordinal);
            }
        }
        else
        {
            Assert.True(bench.Diagnostics.HasErrors, "no output and no error");
        }
    }

    /// <summary>Codes of errors and warnings, one per finding; information only where the case names its code.</summary>
    private static string Found(PlanBench bench, IReadOnlyList<string> expected) => string.Join('\n', bench.Diagnostics
        .Where(d => d.Severity != Severity.Information || expected.Contains(d.Id)).Select(d => d.Id).Order());

    private static IEnumerable<string> LivepatchSymbols(ElfFile file) => file.Symbols.Where(s => s.SectionIndex == 0xff20).Select(s => s.Name[".klp.sym.".Length..]);

    private static IEnumerable<string> LivepatchSections(ElfFile file) => file.Sections
        .Where(s => s.Name.StartsWith(".klp.", StringComparison.Ordinal)).Select(s => s.HasRelocations ? $"{s.Name[".klp.rela.".Length..]} {file.RelocationsOf(s).Count}" : s.Name);
}
