using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Many;

/// <summary>Warnings of several kernels: carried to one place, and said once.</summary>
public sealed class SharedWarningsTests
{
    private static readonly Diagnostic Unused = new("Wunused-variable", Severity.Warning, new SourcePlace("fix.c", 3, 5), "unused", null, ["here in 6.1"]);

    [Fact]
    public void What_differs_in_code_place_or_text_is_another_warning_and_notes_alone_are_none()
    {
        var merged = SharedWarnings.Merge(
        [
            ("a", Unused), ("a", Unused), ("b", Unused with { Notes = ["here in 6.12"] }), ("b", Unused with { Id = "Wother" }), ("b", Unused with { Place = new SourcePlace("fix.c", 4, 5) }),
            ("c", Unused with { Message = "unused too", Cure = "Use it." }),
        ], 3);

        Assert.Equal(["(on a, b)", "(on b)", "(on b)", "Use it. (on c)"], merged.Select(m => m.Cure));
        Assert.Equal(["here in 6.1"], merged[0].Notes);
    }

    [Fact]
    public void What_holds_for_all_of_many_kernels_does_not_list_them()
    {
        Assert.Equal("(on all 4 kernels)", Assert.Single(SharedWarnings.Merge("abcd".Select(k => (k.ToString(), Unused)), 4)).Cure);
        Assert.Equal("(on a, b, c)", Assert.Single(SharedWarnings.Merge("abc".Select(k => (k.ToString(), Unused)), 3)).Cure);
    }

    [Fact]
    public void Findings_come_back_whole_by_kernel_and_in_the_order_they_were_left_and_leave_no_file()
    {
        using var folder = new TemporaryFolder("semi;colon * ?");
        var (place, other) = (Findings.NewPlace(folder.Combine("obj/my fix.findings")), Findings.NewPlace(folder.Combine("obj/my fix.findings")));
        var second = Unused with { Cure = "Use it." };
        var bag = new DiagnosticBag();

        Assert.True(Findings.Leave(place, "6.12", [Unused], bag) && Findings.Leave(place, "6.1", [second, Unused], bag) && Findings.Leave(place, "6.1", [second], bag) && Findings.Leave(other, "6.1", [Unused], bag));
        var taken = Findings.Take(place, ["6.1", "6.12"]);

        Assert.Empty(bag);
        Assert.Equal(["6.1", "6.1", "6.1", "6.12"], taken.Select(t => t.Kernel));
        Assert.Equal([second.ToString(), Unused.ToString(), second.ToString(), Unused.ToString()], taken.Select(t => t.Diagnostic.ToString()));
        Assert.Single(Directory.GetFiles(folder.Combine("obj")));
        Assert.Single(Findings.Take(other, ["6.1"]));
    }

    [Fact]
    public void A_damaged_file_and_none_at_all_are_no_findings()
    {
        using var folder = new TemporaryFolder();
        var place = Findings.NewPlace(folder.Combine("obj/fix.findings"));
        Assert.Empty(Findings.Take(place, []));
        Findings.Leave(place, "6.1", [Unused], []);
        var file = Assert.Single(Directory.GetFiles(folder.Combine("obj")));
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^3]);

        Assert.Empty(Findings.Take(place, ["6.1"]));
    }

    [Fact]
    public void What_a_killed_build_left_is_removed_and_a_living_ones_is_not()
    {
        using var folder = new TemporaryFolder();
        var place = Findings.NewPlace(folder.Combine("fix.findings"));
        Findings.Leave(place, "6.12.117+deb12-amd64", [Unused], []);
        folder.Write("fix.findings.0123.7fffffff-ab.tmp", "");

        Leftovers.RemoveOf(folder.Combine("fix.findings"));

        Assert.Single(Directory.GetFiles(folder.Path));
        Assert.Single(Findings.Take(place, []));
    }
}
