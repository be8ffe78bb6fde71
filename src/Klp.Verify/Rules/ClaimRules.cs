using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Verify.Rules;

/// <summary>
/// The patch's claims against the target kernel: does every function exist that it wants to replace, and can ftrace reach it?
/// Sources: kernel/livepatch/core.c (klp_init_object_loaded), kernel/livepatch/patch.c (klp_patch_func), lib/modules' modules.builtin.
/// </summary>
internal static class ClaimRules
{
    public static void Check(VerifyContext context)
    {
        if (context.Patch is not { HasPatch: true } patch)
        {
            return;
        }

        PatchClaims.Check(patch, context.Rules.MaximumObjectName, context.Rules.MaximumSymbolName, context.Diagnostics);
        CheckOwnName(context, patch);
        var unknown = new List<string>();
        foreach (var patched in patch.Objects)
        {
            if (!CheckObject(context, patched))
            {
                continue;
            }

            if (context.Input.Index?.Knows(patched.Name) != true)
            {
                unknown.Add(patched.Name);
                continue;
            }

            foreach (var function in patched.Functions)
            {
                CheckFunction(context, patched.Name, function);
            }
        }

        if (unknown.Count > 0)
        {
            context.Diagnostics.Information("KLP0797", new SourcePlace(context.Input.ModuleFile),
                $"Whether the functions exist that are to be replaced in {string.Join(", ", unknown)} was not checked: the symbols are not known here.", "KlpKernelImageFile and KlpKernelModulesDirectory name the target kernel's image and modules.");
        }
    }

    // Source: kernel/module, add_unformed_module: a second module of a name is refused, and waits for the first to go where that is only on its way.
    private static void CheckOwnName(VerifyContext context, PatchModel patch)
    {
        var name = ObjectName.Normalise(Path.GetFileNameWithoutExtension(context.Input.ModuleFile));
        const string Cure = "Rename the project, or set <TargetName>.";
        if (patch.Objects.FirstOrDefault(o => o.Name == name) is { } patched)
        {
            context.Diagnostics.Error("KLP0554", patched.Place, $"The module is called {name}, as is what it patches. The kernel loads no two modules of one name, so the patch could never do anything.", Cure);
        }
        else if (context.Input.Index?.Modules?.FindFile(name) is { } file)
        {
            context.Diagnostics.Warning("KLP0554", new SourcePlace(context.Input.ModuleFile), $"The target kernel has a module called {name} of its own ({Path.GetFileName(file)}). The kernel loads no two modules of one name.", Cure);
        }
    }

    private static bool CheckObject(VerifyContext context, PatchedObject patched)
    {
        if (patched.Name == ObjectName.Vmlinux || context.Input.Index?.Modules is not { } modules || modules.FindFile(patched.Name) is not null)
        {
            return true;
        }

        var kernel = context.Input.Profile?.Release ?? "this kernel";
        if (modules.IsBuiltIn(patched.Name))
        {
            context.Diagnostics.Error("KLP0785", patched.Place, $"{patched.Name} is no module in {kernel}: it is built in, so its functions belong to vmlinux.", "Use vmlinux here.");
            return false;
        }

        if (!context.Input.DeclaredObjects.Select(ObjectName.Normalise).Contains(patched.Name))
        {
            var nearest = NearestNames.Among(modules.Names, patched.Name, 5);
            context.Diagnostics.Error("KLP0786", patched.Place, $"{kernel} has no module {patched.Name}.",
                $"Write the name as lsmod shows it; for a module from elsewhere add <KlpObject Include=\"{patched.Name}\" />.", nearest.Count == 0 ? null : [$"modules like it: {string.Join(", ", nearest)}"]);
        }

        return false;
    }

    private static void CheckFunction(VerifyContext context, string objectName, PatchedFunction function)
    {
        if (TargetLookup.Find(context, objectName, function.OldName, function.Position) is not { } found)
        {
            return;
        }

        var who = $"{function.OldName} of {objectName}";
        switch (found.Answer)
        {
            case TargetAnswer.Missing:
                context.Diagnostics.Error("KLP0780", function.Place, $"There is no {who} to replace: this kernel has no symbol of that name there.",
                    "A function that was inlined everywhere has none: replace its callers. One that the compiler renamed is replaced under its new name (KLP_FUNC_NAMED).", found.Suggestions());
                break;
            case TargetAnswer.Ambiguous:
                context.Diagnostics.Error("KLP0781", function.Place, $"{who} exists {found.Candidates.Count} times, and the patch does not say which.", $"Say which one: KLP_FUNC_POS({objectName}, {function.OldName}, n, …), or .old_sympos = n.", found.CandidateNotes());
                break;
            case TargetAnswer.OutOfRange:
                context.Diagnostics.Error("KLP0782", function.Place, $"{who} has no position {function.Position}: it exists {found.Candidates.Count} times.", "Positions count from 1.", found.CandidateNotes());
                break;
            case TargetAnswer.Init:
                context.Diagnostics.Error("KLP0784", function.Place, $"{who} lies in an .init section: it has run and is gone before any patch can replace it.", "Patch what it prepared instead.");
                break;
            case TargetAnswer.ChangesWithTime:
                context.Diagnostics.Error("KLP0784", function.Place, $"{who} at position {function.Position} is not the same function before and after {objectName} has freed its .init sections, where a symbol of that name lies, too.",
                    "Choose a position before the .init ones, or replace another function.", found.CandidateNotes());
                break;
            default:
                CheckSymbol(context, function, found.Symbol, who);
                break;
        }
    }

    private static void CheckSymbol(VerifyContext context, PatchedFunction function, KernelSymbol? symbol, string who)
    {
        if (symbol is null)
        {
            return;
        }

        if (!symbol.IsFunction)
        {
            context.Diagnostics.Error("KLP0783", function.Place, $"{who} is no function but data (kallsyms type {symbol.Type}); only functions can be replaced.", "For data see shadow variables (linux/livepatch.h) or callbacks.");
        }
        else if (symbol.HasFtraceEntry == false)
        {
            context.Diagnostics.Error("KLP0787", function.Place, $"{who} has no ftrace entry, so the kernel cannot redirect it (it is notrace, __init, assembly, or too small for the compiler to instrument).", "Replace its callers.");
        }
        else if (symbol.HasStrayFtraceSite && context.Rules.SearchesFunctionForFtraceSite)
        {
            context.Diagnostics.Warning("KLP0792", function.Place,
                $"The kernel may load this patch and not redirect {who}: behind it lies a weak function that another one overrides; it has lost its name, but not its ftrace entry, and the kernel, which searches all up to the next name, may take that one.",
                "Replace its callers, or let a test see that the replacement runs: the kernel reports the patch as enabled either way.");
        }
    }
}
