using Klp.Base;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Many;

/// <summary>Names of a list become kernels, each once.</summary>
public sealed class KernelListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DiagnosticBag _said = new();

    public KernelListTests()
    {
        _folder.Write("store/aliases/newest", "6.12.0-2\n");
        _folder.Write("store/aliases/debian12", "6.1.0-1\n");
        _folder.Write("store/6.1.0-1/build/Makefile", "");
        _folder.Write("root/proc/sys/kernel/osrelease", "6.6.0-9\n");
        _folder.Write("tree/include/generated/utsrelease.h", "#define UTS_RELEASE \"7.0.0-mine\"\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_between_semicolons_and_white_space_become_releases_in_order_and_each_kernel_stands_once()
    {
        var planned = Plan("\n\tnewest ;; 6.1.0-1;\r\n debian12;running; 6.12.0-2 ;");

        Assert.Equal([("newest", "6.12.0-2"), ("6.1.0-1", "6.1.0-1"), ("running", "6.6.0-9")], planned.Select(p => (p.Name, p.Release)));
        Assert.Empty(_said);
    }

    [Fact]
    public void The_projects_own_names_are_told_apart_by_their_trees_release()
    {
        var planned = Plan("mine;6.1.0-1;7.0.0-mine;again", new OwnKernel("mine", _folder.Combine("tree")), new OwnKernel("again", _folder.Combine("tree")));

        Assert.Equal(["mine", "6.1.0-1"], planned.Select(p => p.Name));
        Assert.Equal("7.0.0-mine", planned[0].Release);
        Assert.NotNull(planned[0].Own);
    }

    [Fact]
    public void A_name_that_is_nothing_or_looks_outside_the_store_stays_what_it_is()
    {
        Assert.Equal([("nobody", "nobody"), ("../aliases/newest", "../aliases/newest"), (".hidden", ".hidden")], Plan("nobody;../aliases/newest;.hidden").Select(p => (p.Name, p.Release)));
    }

    [Fact]
    public void An_own_name_without_a_tree_and_one_that_is_taken_are_errors()
    {
        Plan("mine", new OwnKernel("mine", ""), new OwnKernel("newest", "/x"), new OwnKernel("6.1.0-1", "/x"), new OwnKernel("running", "/x"));

        Assert.Equal(["KLP0035", "KLP0034", "KLP0034", "KLP0034"], _said.Select(d => d.Id));
    }

    [Fact]
    public void A_wildcard_that_matches_nothing_is_said_once_for_each_and_excluding_ones_are_not()
    {
        KernelList.Plan(Request("newest;debian12") with { Conditions = [new KernelCondition("Compile a.c", "6.12.*;6.13.*;!4.*"), new KernelCondition("Compile b.c", "*;6.1")] }, _said);

        Assert.Equal(["KLP0033", "KLP0033"], _said.Select(d => d.Id));
        Assert.Contains("Compile a.c: the wildcard '6.13.*'", _said.First().Message, StringComparison.Ordinal);
        Assert.Contains("Compile b.c: the wildcard '6.1'", _said.Last().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x86_64", "x86", true)]
    [InlineData("ppc64el", "powerpc", true)]
    [InlineData("", "s390", true)]
    [InlineData("arm64", "x86", false)]
    [InlineData("pdp11", "x86", false)]
    public void An_architecture_by_any_of_its_names_is_held_against_the_tree(string wanted, string tree, bool good)
    {
        ArchitectureWord.Check(wanted, tree, "/tree", "p", _said);

        Assert.Equal(good ? [] : ["KLP0036"], _said.Select(d => d.Id));
    }

    private IReadOnlyList<PlannedKernel> Plan(string names, params OwnKernel[] own) => KernelList.Plan(Request(names) with { Own = own }, _said);

    private KernelListRequest Request(string names) => new() { ProjectFile = "p", Names = names, Store = _folder.Combine("store"), Root = _folder.Combine("root") };
}
