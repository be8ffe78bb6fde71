using System.Collections.Concurrent;
using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Looks for names in all modules of the kernel, for the text of an error only. The files are searched as bytes first, since almost none has the
/// name; indexing four thousand modules would take many times as long.
/// </summary>
internal static class ModuleSearch
{
    /// <summary>More names than that are not looked for: the same cause explains them.</summary>
    public const int MaximumNames = 8;

    private const int MaximumModules = 5;

    /// <summary>The modules outside the plan's scope that define each name, in alphabetical order; names nobody has are missing.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Find(PlanContext context, IReadOnlyList<string> names)
    {
        var found = new ConcurrentDictionary<(string Name, string Module), bool>();
        if (context.Input.Index is { Modules: { } modules } index)
        {
            var patterns = names.Select(n => (Name: n, Bytes: Latin1.Bytes("\0" + n + "\0"))).ToList();
            var others = modules.Names.Except(context.Scope).ToList();
            Parallel.ForEach(others, module =>
            {
                if (modules.ReadBytes(module, new DiagnosticBag()) is { } bytes)
                {
                    foreach (var (name, _) in patterns.Where(p => bytes.Span.IndexOf(p.Bytes) >= 0))
                    {
                        found.TryAdd((name, module), true);
                    }
                }
            });

            // A string of that content is no symbol, and neither is a reference.
            foreach (var (name, module) in found.Keys.Where(k => index.Find(k.Module, k.Name, new DiagnosticBag()).Count == 0).ToList())
            {
                found.TryRemove((name, module), out _);
            }
        }

        return found.Keys.GroupBy(k => k.Name).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(k => k.Module).Order(StringComparer.Ordinal).Take(MaximumModules)]);
    }
}
