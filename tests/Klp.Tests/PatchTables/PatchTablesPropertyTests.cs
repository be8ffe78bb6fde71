using FsCheck;
using FsCheck.Fluent;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;
using static Klp.Tests.PatchTables.RecordFile;

namespace Klp.Tests.PatchTables;

/// <summary>Any set of claims, any struct layout, both byte orders: the tables say what the records said, or the error is the one they deserve.</summary>
public sealed class PatchTablesPropertyTests
{
    private static readonly string[] ObjectNames = ["vmlinux", "ext4", "snd-hda-intel", "snd_hda_intel", "unix"];
    private static readonly string[] FunctionNames = ["foo", "bar.isra.0", "baz", "a_rather_long_name_of_a_function"];

    private static readonly Gen<Claim> Claims =
        from kind in Gen.Elements(PatchRecordKind.Function, PatchRecordKind.Function, PatchRecordKind.Function, PatchRecordKind.PrePatch, PatchRecordKind.PostUnpatch)
        from patched in Gen.Elements(ObjectNames)
        from name in Gen.Elements(FunctionNames)
        from position in Gen.Choose(0, 4)
        select kind == PatchRecordKind.Function ? new Claim(kind, patched, name, (ulong)position) : new Claim(kind, patched, "", 0);

    private static readonly Gen<(Claim[] Claims, LivepatchLayout Layout, ByteOrder Order, int Gap)> Cases =
        from claims in Gen.Sized(size => Gen.ArrayOf(Claims, size / 4))
        from layout in Layouts
        from order in Gen.Elements(ByteOrder.Little, ByteOrder.Big)
        from gap in Gen.Choose(0, 3)
        select (claims, layout, order, gap);

    /// <summary>Fields at any place of structs of any size: nothing may lean on what some kernel happens to have.</summary>
    private static Gen<LivepatchLayout> Layouts =>
        from func in Gen.Shuffle(Enumerable.Range(0, 9))
        from patched in Gen.Shuffle(Enumerable.Range(0, 14))
        from more in Gen.Choose(0, 20)
        select new LivepatchLayout
        {
            FuncSize = (9 + more) * 8, FuncOldName = func[0] * 8, FuncNewFunc = func[1] * 8, FuncOldSympos = func[2] * 8,
            ObjectSize = (14 + more) * 8, ObjectName = patched[0] * 8, ObjectFuncs = patched[1] * 8, ObjectPrePatch = patched[2] * 8, ObjectPostPatch = patched[3] * 8,
            ObjectPreUnpatch = patched[4] * 8, ObjectPostUnpatch = patched[5] * 8,
            PatchSize = 512, PatchModule = 0, PatchObjects = 8, PatchStates = 16, PatchReplace = 24,
        };

    [Fact]
    public void Tables_say_what_the_records_said() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20260113, 7), Prop.ForAll(Cases.ToArbitrary(), c => Holds(c.Claims, c.Layout, c.Order, c.Gap)));

    private static void Holds(Claim[] claims, LivepatchLayout layout, ByteOrder order, int gap)
    {
        var file = Create(order, claims, 1, gap);
        var template = TestTemplate.For(Kernels.Newest) with { Livepatch = layout };
        var diagnostics = new DiagnosticBag();
        var said = PatchModel.Read(file, layout, LineTable.Empty, diagnostics);
        var succeeded = Klp.Modpost.PatchTables.Apply(file, template, diagnostics);

        var targets = claims.GroupBy(c => (ObjectName.Normalise(c.Object), c.Kind, c.Name, c.Kind == PatchRecordKind.Function ? Math.Max(1, c.Position) : 0));
        Assert.Equal(targets.All(g => g.Count() == 1), succeeded);
        if (!succeeded)
        {
            Assert.All(diagnostics, d => Assert.True(d.Id is "KLP0545" or "KLP0548", d.ToString()));
            return;
        }

        var read = CCompiler.Read(file.Write());
        var tables = PatchModel.Read(read, layout, LineTable.Empty, diagnostics);
        Assert.Equal(Describe(said), Describe(tables));
        Assert.True(tables.IsReadable);
        Assert.All(diagnostics, d => Assert.Equal("KLP0543", d.Id));
        Assert.Equal((ulong)((said.Objects.Count + 1) * layout.ObjectSize), read.Symbols.Single(s => s.Name == "__klp_objects").Size);
    }

    /// <summary>Callbacks without an order: a record's is the source's, a table's is the struct's.</summary>
    private static IEnumerable<string> Describe(PatchModel model) => model.Objects.Select(o =>
        $"{o.Name}: {string.Join(' ', o.Functions.Select(f => $"{f.OldName},{f.Position}={f.NewName}"))} {string.Join(' ', o.Callbacks.Select(c => $"{c.Kind}@{c.Offset}").Order())}");
}
