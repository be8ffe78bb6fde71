using Klp.Base;
using Klp.Elf;
using Klp.Modpost;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Modpost;

/// <summary>Our record and link of the object that kbuild compiled make the module that kbuild makes of it.</summary>
public sealed class EqualToKbuildTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var kernel in Kernels.NewestBootableOfEachSeries)
        {
            foreach (var module in ReferenceModules.All.Keys)
            {
                data.Add((string)kernel[0], module);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_module_is_the_one_kbuild_makes(string release, string module)
    {
        var kernel = ModpostKernel.For(release);
        using var reference = Kbuild.Build(kernel.Kernel, module, ReferenceModules.All[module]);
        var diagnostics = new DiagnosticBag();
        var merged = CCompiler.Read(File.ReadAllBytes(reference.ObjectFile));
        var input = kernel.Input(merged, reference.Name) with { Sources = Sources(reference, module) };
        var ours = kernel.Finish(merged, input, diagnostics);
        Assert.True(ours is not null, diagnostics.ToString());
        Assert.DoesNotContain(diagnostics, d => d.Severity != Severity.Information);

        var theirs = CCompiler.Read(File.ReadAllBytes(reference.File));
        var differences = ModuleComparer.Compare(ours, theirs);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal(new ComparableShape(theirs), new ComparableShape(ours));

        // The same bytes again, and without debug data the same module.
        Assert.Equal(ours.Write(), kernel.Finish(merged, input, diagnostics)!.Write());
        var stripped = kernel.Finish(merged, input, diagnostics, keepDebug: false)!;
        Assert.Empty(ModuleComparer.Compare(stripped, theirs));
        Assert.DoesNotContain(stripped.Sections, DebugStrip.IsDebug);
    }

    private static List<ModuleSource> Sources(KbuildModule reference, string module)
    {
        var files = ReferenceModules.All[module].Keys.Order(StringComparer.Ordinal).Select(f => Path.Combine(reference.Folder.Path, f)).ToList();
        return [.. files.Where(f => f.EndsWith(".c", StringComparison.Ordinal)).Select(f => new ModuleSource(f, [.. files.Where(h => h.EndsWith(".h", StringComparison.Ordinal))], reference.Folder.Path))];
    }

    /// <summary>What every linked module must have, whatever is in it.</summary>
    private sealed record ComparableShape(int SymbolTables, bool LocalsFirst, int Modinfos, bool HasBuildId, bool HasDebug)
    {
        public ComparableShape(ElfFile file)
            : this(file.Sections.Count(s => s.Type == SectionType.SymbolTable),
                file.Symbols.FindLastIndex(s => s.Binding == SymbolBinding.Local) < file.Symbols.FindIndex(s => s.Binding != SymbolBinding.Local),
                file.Sections.Count(s => s.Name == ".modinfo"),
                file.FindSection(".note.gnu.build-id")?.Data.Length == 36,
                file.Sections.Exists(s => s.Name == ".debug_info"))
        {
        }
    }
}
