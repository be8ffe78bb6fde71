using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Checks a patch against itself: what the kernel's livepatch core would refuse, or silently never do, whatever the target is.
/// Both styles of source get these checks.
/// </summary>
/// <remarks>Source: kernel/livepatch/core.c: klp_init_patch, klp_init_object, klp_init_func, klp_module_coming, klp_find_func.</remarks>
public static class PatchClaims
{
    /// <summary>Adds an error for each problem: KLP0545 to KLP0548, KLP0550 to KLP0553. Names are held against the kernel's own limits.</summary>
    public static void Check(PatchModel model, int maximumObjectName, int maximumSymbolName, DiagnosticBag diagnostics)
    {
        foreach (var patched in model.Objects)
        {
            CheckObjectName(patched, maximumObjectName, diagnostics);
            foreach (var function in patched.Functions)
            {
                CheckFunctionName(function, maximumSymbolName, diagnostics);
            }

            foreach (var same in patched.Callbacks.GroupBy(c => c.Kind).Where(g => g.Count() > 1))
            {
                diagnostics.Error("KLP0548", same.ElementAt(1).Place, $"{patched.Name} has {same.Count()} {same.Key} callbacks, and the kernel calls one for each object.",
                    "Make one of them and call what the others do from it.", Others(same.Select(c => c.Place)));
            }
        }

        CheckTargets(model, diagnostics);
        foreach (var table in model.Unterminated)
        {
            var notes = table.Last?.NewName is { } last ? new[] { $"the line is that of {last}, the last function in the table" } : [];
            diagnostics.Error("KLP0553", table.Last?.Place ?? SourcePlace.None, $"The table {table.Name} has no empty element at its end; the kernel would read on past it.",
                $"Write {{ }} as the last element of {table.Name}.", notes);
        }

        foreach (var same in model.Objects.GroupBy(o => o.Name).Where(g => g.Count() > 1))
        {
            diagnostics.Error("KLP0552", same.ElementAt(1).Place,
                $"The table of objects names {same.Key} {same.Count()} times; the kernel looks no further than the first.",
                "Put all functions of one object into one klp_object.", Others(same.Select(o => o.Place)));
        }
    }

    /// <summary>Two functions for one target: the kernel would fail on the second's sysfs folder, which has position 1 for 0.</summary>
    private static void CheckTargets(PatchModel model, DiagnosticBag diagnostics)
    {
        var claims = model.Objects.SelectMany(o => o.Functions, (o, f) => (Object: o.Name, Function: f));
        foreach (var same in claims.GroupBy(c => (c.Object, c.Function.OldName, Position: Math.Max(1, c.Function.Position))).Where(g => g.Count() > 1))
        {
            var position = same.Key.Position > 1 ? $" at position {same.Key.Position}" : "";
            var replacements = string.Join(" and ", same.Select(c => c.Function.NewName ?? "a function").Distinct());
            diagnostics.Error("KLP0545", same.ElementAt(1).Function.Place,
                $"{same.Key.OldName} of {same.Key.Object}{position} is replaced {same.Count()} times, by {replacements}; position 0 and 1 are the same.",
                "Leave one of them, or give each its own position.", Others(same.Select(c => c.Function.Place)));
        }
    }

    private static void CheckObjectName(PatchedObject patched, int maximum, DiagnosticBag diagnostics)
    {
        var written = patched.WrittenName;
        if (patched.Name.Length == 0 || patched.Name.Length > maximum || !patched.Name.All(IsModuleNameCharacter))
        {
            diagnostics.Error("KLP0546", patched.Place, $"\"{patched.Name}\" cannot be the name of a patched object: that is vmlinux or a module's name, 1 to {maximum} letters, digits and '_'.",
                "Write the name as lsmod shows it, without quotes and without .ko.");
        }
        else if (!patched.IsFromRecord && written == ObjectName.Vmlinux)
        {
            diagnostics.Error("KLP0550", patched.Place, "An object is named \"vmlinux\" in its klp_object; no module is ever called so, and the kernel would patch nothing.",
                "For vmlinux itself leave .name out (NULL).");
        }
        else if (!patched.IsFromRecord && written is not null && written != patched.Name)
        {
            diagnostics.Error("KLP0551", patched.Place, $"An object is named \"{written}\" in its klp_object; the kernel knows that module as {patched.Name} and would never patch it.",
                $"Write .name = \"{patched.Name}\".");
        }
    }

    private static void CheckFunctionName(PatchedFunction function, int maximum, DiagnosticBag diagnostics)
    {
        if (function.OldName.Length == 0 || function.OldName.Length > maximum || !function.OldName.All(c => c is > ' ' and < '\x7f' and not '"'))
        {
            diagnostics.Error("KLP0547", function.Place, $"\"{function.OldName}\" cannot be the name of a replaced function: that has 1 to {maximum} characters, and neither spaces nor quotes.",
                "Write it as /proc/kallsyms shows it.");
        }
    }

    private static bool IsModuleNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static List<string> Others(IEnumerable<SourcePlace> places) =>
        places.Where(p => p.File is not null).Select(p => "claimed at " + p).Distinct().ToList();
}
