using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>A stage that looks at the module as a whole, with what the kernel exports and contains: Modpost, KlpConvert, VerifyModule; CoreCompile, to rehearse them.</summary>
public abstract class ModuleStage : KernelStage
{
    /// <summary>The module's file name without extension.</summary>
    [Required]
    public string TargetName { get; set; } = "";

    /// <summary><c>@(KlpExtraSymvers)</c>: Module.symvers of other modules.</summary>
    public string[] ExtraSymvers { get; set; } = [];

    /// <summary><c>@(KlpObject)</c>: patched objects that the sources cannot tell.</summary>
    public ITaskItem[] PatchedObjects { get; set; } = [];

    /// <summary><c>@(KlpSymbolHint)</c>; metadata <c>Object</c>, <c>SymbolPosition</c>, <c>Kernels</c>.</summary>
    public ITaskItem[] SymbolHints { get; set; } = [];

    private protected string ModuleName => Klp.Kernel.ModuleName.FromFileName(TargetName);

    private IReadOnlyList<string> SymversFiles => [KernelFacts.SymversFile, .. ExtraSymvers.Select(FullPath)];

    /// <summary>Words and files every such stage depends on.</summary>
    private protected IEnumerable<string> CommonWords(KernelProfile profile) =>
    [
        profile.Digest, TargetName, KernelFacts.Release, KernelFacts.Rules, KernelFacts.ModulesDirectory ?? "",
        .. PatchedObjects.Select(o => "object " + o.ItemSpec), .. SymbolHints.Select(h => $"hint {h.ItemSpec}\0{h.GetMetadata("Object")}\0{h.GetMetadata("SymbolPosition")}\0{h.GetMetadata("Kernels")}"),
    ];

    private protected IEnumerable<string> CommonInputs() =>
        SymversFiles.Concat(new[] { KernelFacts.ImageFile, KernelFacts.SystemMapFile, InModules("modules.dep"), InModules("modules.builtin") }.OfType<string>());

    private protected Symvers? Symvers(DiagnosticBag diagnostics) => Facts.Symvers(SymversFiles, diagnostics);

    private protected SymbolIndex? Index(LoaderRules rules, DiagnosticBag diagnostics) => Facts.Index(SymbolSources(), FullPath(KernelFacts.CacheDirectory), rules, diagnostics, Cancellation);

    /// <summary>What is decided about every reference of a module; null where the kernel's symbols cannot be read. After other errors the plan is there, for further checks.</summary>
    private protected SymbolPlan? Plan(ElfFile module, string path, PatchModel patch, KernelProfile profile, LineTable lines, StageRecord record, DiagnosticBag diagnostics)
    {
        if (Rules(diagnostics) is not { } rules || Symvers(diagnostics) is not { } symvers || Index(rules, diagnostics) is not { } index)
        {
            return null;
        }

        DiscoverModules(index, patch, record);
        var input = new PlanInput
        {
            Module = module,
            Patch = patch,
            Symvers = symvers,
            Index = index,
            Rules = rules,
            TargetMachine = profile.Machine,
            Hints = [.. ParseHints(diagnostics)],
            DeclaredObjects = [.. PatchedObjects.Select(o => o.ItemSpec)],
            ModuleName = ModuleName,
            ModulePath = path,
            Lines = lines,
            IndexCure = InstallHint.ForImage(profile.Release, ""),
        };
        return SymbolPlan.Compute(input, diagnostics);
    }

    // The index reads these lazily; a module that changes must run the stage again.
    private protected void DiscoverModules(SymbolIndex index, PatchModel patch, StageRecord record)
    {
        if (index.Modules is not { } modules)
        {
            return;
        }

        foreach (var name in patch.Objects.Select(o => o.Name).Concat(PatchedObjects.Select(o => ObjectName.Normalise(o.ItemSpec))).Where(n => n != ObjectName.Vmlinux))
        {
            foreach (var file in modules.DependencyClosure(name).Append(name).Select(modules.FindFile).OfType<string>())
            {
                record.Discover(file);
            }
        }
    }

    private IEnumerable<SymbolHint> ParseHints(DiagnosticBag diagnostics)
    {
        foreach (var item in SymbolHints.Where(h => KernelPattern.Matches(h.GetMetadata("Kernels"), KernelFacts.Release)))
        {
            ulong? position = null;
            if (item.GetMetadata("SymbolPosition") is { Length: > 0 } text)
            {
                if (!ulong.TryParse(text, out var number))
                {
                    diagnostics.Error("KLP0029", ProjectFile, $"KlpSymbolHint {item.ItemSpec}: SymbolPosition is '{text}', which is no number.", "Count from 1, in the order of /proc/kallsyms.");
                    continue;
                }

                position = number;
            }

            yield return new SymbolHint(item.ItemSpec, item.GetMetadata("Object") is { Length: > 0 } o ? o : ObjectName.Vmlinux, position) { File = ProjectFile };
        }
    }

    private string? InModules(string name) => KernelFacts.ModulesDirectory is { } folder ? Path.Combine(folder, name) : null;
}
