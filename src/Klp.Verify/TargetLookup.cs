using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Verify;

/// <summary>
/// Looks a name up as the livepatch core does: position 0 wants a unique name, n the n-th of them. Source: kernel/livepatch/core.c, klp_find_object_symbol.
/// </summary>
internal sealed record TargetLookup(TargetAnswer Answer, IReadOnlyList<KernelSymbol> Candidates, KernelSymbol? Symbol, SymbolIndex Index, string Object, string Name)
{
    /// <summary>Null where the object's symbols are not known, so that nothing can be said.</summary>
    public static TargetLookup? Find(VerifyContext context, string objectName, string name, ulong position)
    {
        if (context.Input.Index is not { } index || !index.Knows(objectName) || context.UnreadableObjects.Contains(objectName))
        {
            return null;
        }

        var problems = new DiagnosticBag();
        var candidates = index.Find(objectName, name, problems);
        if (problems.HasErrors)
        {
            context.UnreadableObjects.Add(objectName);
            context.Diagnostics.AddRange(problems);
            return null;
        }

        var chosen = candidates.Count == 0 || position > (ulong)candidates.Count ? null : candidates[position == 0 ? 0 : (int)position - 1];
        var answer = candidates.Count == 0 ? TargetAnswer.Missing
            : position == 0 && candidates.Count > 1 ? TargetAnswer.Ambiguous
            : chosen is null ? TargetAnswer.OutOfRange
            : chosen.IsInit ? TargetAnswer.Init
            : position > 0 && chosen.IsTimingDependent ? TargetAnswer.ChangesWithTime
            : TargetAnswer.Found;
        return new TargetLookup(answer, candidates, chosen, index, objectName, name);
    }

    /// <summary>One line per symbol of the name.</summary>
    public IReadOnlyList<string> CandidateNotes() =>
        [.. Candidates.Select(c => $"position {c.Position}: 0x{c.Address:x}{(c.IsInit ? ", in an .init section" : "")}{(c.SourceFile is null ? "" : $", {c.SourceFile}")}")];

    /// <summary>What the author may have meant: what the compiler made of the function, the same name elsewhere, names like it.</summary>
    public IReadOnlyList<string> Suggestions()
    {
        var notes = new List<string>();
        var relatives = Index.Relatives(Object, Name);
        if (relatives.Count > 0)
        {
            notes.Add($"the compiler made of it: {string.Join(", ", relatives)}");
        }

        if (Object != ObjectName.Vmlinux && Index.Knows(ObjectName.Vmlinux) && Index.Find(ObjectName.Vmlinux, Name, new DiagnosticBag()).Count > 0)
        {
            notes.Add("vmlinux has a symbol of this name");
        }

        var calls = SystemCallNames.Of(Name).Where(IsFunction).ToList();
        if (calls.Count > 0 && Object == ObjectName.Vmlinux)
        {
            notes.Add($"the system call is: {string.Join(", ", calls)} ({SystemCallNames.Advice})");
        }

        var nearest = Index.Nearest(Name, [Object], 20).Where(n => n != Name && !relatives.Contains(n) && IsFunction(n)).Take(5).ToList();
        if (nearest.Count > 0)
        {
            notes.Add($"names like it: {string.Join(", ", nearest)}");
        }

        return notes;
    }

    private bool IsFunction(string name) => Index.Find(Object, name, new DiagnosticBag()).Any(s => s.IsFunction);
}
