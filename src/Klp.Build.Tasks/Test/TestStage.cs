using Klp.Base;
using Klp.Elf;
using Klp.Guest;
using Klp.Kernel;
using Klp.Symbols;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>A stage of <c>dotnet test</c>: reads what is to be tested.</summary>
public abstract partial class TestStage : KernelStage
{
    /// <summary>The tests of this kernel; null with errors. Its boot is filled in by who boots.</summary>
    private protected TestRunRequest? Read(DiagnosticBag diagnostics)
    {
        var file = FullPath(ModuleFile);
        if (!File.Exists(file))
        {
            diagnostics.Error("KLP0044", file, "The module is to be tested and is not there.", "Build it first: `dotnet test` without --no-build does.");
            return null;
        }

        var (name, release) = (Klp.Kernel.ModuleName.FromFileName(file), KernelFacts.Release);
        var scripts = TestItems.Read([.. Tests.Where(t => KernelPattern.Matches(t.GetMetadata("Kernels"), release))], ProjectDirectory, ProjectFile, diagnostics);
        if (SafeFile.Read(file, diagnostics) is not { } bytes
            || ElfFile.Read(bytes, file, diagnostics) is not { } module
            || LoaderRulesOverride.Apply(LoaderRules.For(release), KernelFacts.Rules, ProjectFile, diagnostics) is not { } rules)
        {
            return null;
        }

        var patch = PatchModel.Read(module, Layout(Profile), LineTable.Empty, diagnostics);
        var objects = patch.Objects.Select(o => o.Name).Concat(PatchedObjects.Select(o => ObjectName.Normalise(o.ItemSpec))).Distinct().ToArray();
        var targets = Targets(module, objects, rules, diagnostics);
        if (diagnostics.HasErrors)
        {
            return null;
        }

        return new TestRunRequest
        {
            Module = new GuestModule(ModuleInformation.OfFile(bytes).Value("name") ?? name, bytes),
            ModuleFile = file,
            Release = release,
            PatchesVmlinux = objects.Contains(ObjectName.Vmlinux),
            Targets = targets,
            Scripts = scripts,
            Replaces = patch.Replaces,
            Successor = Successor(file, patch.Replaces, diagnostics),
            Guest = new GuestRequest { ImageFile = KernelFacts.ImageFile ?? "", Steps = [], SearchPath = SearchPath, TemporaryDirectory = Path.GetTempPath() },
        };
    }

    private protected TestPlan? Plan(TestRunRequest request, DiagnosticBag diagnostics) =>
        TestFilter.Parse(Filter, request.Release, ProjectFile, diagnostics) is { } selected ? TestPlan.Create(request, selected) : null;

    private IReadOnlyList<TestTarget> Targets(ElfFile module, IEnumerable<string> objects, LoaderRules rules, DiagnosticBag diagnostics)
    {
        var names = objects.Where(o => o != ObjectName.Vmlinux).ToArray();
        var modules = names.Length > 0 && KernelFacts.ModulesDirectory is { } folder ? KernelModules.Open(folder, diagnostics) : null;
        var found = new List<TestTarget>();
        foreach (var name in names)
        {
            // A module that the kernel has built in never comes; the patch of it does nothing, which is no fault to be seen here.
            if (TargetModules.Closure(name, modules, diagnostics) is { Count: > 0 } closure)
            {
                found.Add(new TestTarget(name, closure, TargetReloadRule.Of(module, name, rules)));
            }
        }

        return found;
    }

    /// <summary>The newer version, where it was built after the module: one of an older state says nothing of this one.</summary>
    private GuestModule? Successor(string module, bool isNeeded, DiagnosticBag diagnostics)
    {
        if (!isNeeded || OptionalPath(SuccessorFile) is not { } file || !File.Exists(file))
        {
            return null;
        }

        if (File.GetLastWriteTimeUtc(file) < File.GetLastWriteTimeUtc(module))
        {
            diagnostics.Warning("KLP0841", new SourcePlace(file), "The newer version that takes the patch's place in a test is older than the patch, so that test is left out.",
                "Run `dotnet test` without --no-build: it builds both.");
            return null;
        }

        return SafeFile.Read(file, diagnostics) is { } bytes ? new GuestModule(ModuleInformation.OfFile(bytes).Value("name") ?? Klp.Kernel.ModuleName.FromFileName(file), bytes) : null;
    }
}
