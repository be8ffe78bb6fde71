using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Whose replacement code a reference stands in.</summary>
internal enum AttributionKind
{
    /// <summary>Exactly one patched object's.</summary>
    One,

    /// <summary>The module's own life: init, exit, parameters.</summary>
    NotObjectSpecific,

    /// <summary>Several patched objects share it, or one and the module's init.</summary>
    Shared,

    /// <summary>Nothing that could be followed leads there.</summary>
    Unknown,
}

/// <param name="Objects">Every patched object from whose replacement functions and callbacks the place can be reached.</param>
internal readonly record struct Owner(AttributionKind Kind, IReadOnlyList<string> Objects, CodeUnit? Unit)
{
    public string? Object => Kind == AttributionKind.One ? Objects[0] : null;
}

/// <summary>
/// Attributes every unit of a module to the patched objects whose replacement functions and callbacks reach it.
/// A replacement function belongs to its own object and to nothing that refers to it: the patch's tables name all of them.
/// </summary>
internal sealed class Attribution
{
    private readonly CodeMap _map;
    private readonly Dictionary<CodeUnit, SortedSet<string>> _owners = [];
    private readonly HashSet<CodeUnit> _own = [];
    private readonly string? _onlyObject;

    public Attribution(CodeMap map, PatchModel patch, IReadOnlyList<string> patchedObjects)
    {
        _map = map;
        _onlyObject = patchedObjects.Count == 1 ? patchedObjects[0] : null;
        var roots = new Dictionary<CodeUnit, SortedSet<string>>();
        foreach (var patched in patch.Objects)
        {
            var places = patched.Functions.Select(f => (f.SectionIndex, f.Offset)).Concat(patched.Callbacks.Select(c => (c.SectionIndex, c.Offset)));
            foreach (var (section, offset) in places)
            {
                if (map.Find(section, offset) is { } unit)
                {
                    if (!roots.TryGetValue(unit, out var objects))
                    {
                        roots.Add(unit, objects = new SortedSet<string>(StringComparer.Ordinal));
                    }

                    objects.Add(ObjectName.Normalise(patched.Name));
                }
            }
        }

        foreach (var name in roots.Values.SelectMany(o => o).Distinct())
        {
            foreach (var unit in Reach(roots.Where(r => r.Value.Contains(name)).Select(r => r.Key), roots))
            {
                if (!_owners.TryGetValue(unit, out var objects))
                {
                    _owners.Add(unit, objects = new SortedSet<string>(StringComparer.Ordinal));
                }

                objects.Add(name);
            }
        }

        var lifecycle = map.Units.Where(u => u.Name is "init_module" or "cleanup_module" || map.IsLifecycle(u)).Concat(map.ReferredFromElsewhere).Where(u => !roots.ContainsKey(u));
        _own.UnionWith(Reach(lifecycle, roots));
    }

    public Owner OwnerOf(int section, ulong offset)
    {
        var unit = _map.Find(section, offset);
        if (unit is null)
        {
            return new Owner(AttributionKind.Unknown, [], null);
        }

        var own = _own.Contains(unit);
        if (!_owners.TryGetValue(unit, out var objects))
        {
            return own ? new Owner(AttributionKind.NotObjectSpecific, [], unit)
                : _onlyObject is not null ? new Owner(AttributionKind.One, [_onlyObject], unit)
                : new Owner(AttributionKind.Unknown, [], unit);
        }

        return new Owner(objects.Count == 1 && !own ? AttributionKind.One : AttributionKind.Shared, [.. objects], unit);
    }

    private static HashSet<CodeUnit> Reach(IEnumerable<CodeUnit> from, Dictionary<CodeUnit, SortedSet<string>> roots)
    {
        var reached = from.ToHashSet();
        var open = new Stack<CodeUnit>(reached);
        while (open.TryPop(out var unit))
        {
            foreach (var next in unit.RefersTo)
            {
                if (!roots.ContainsKey(next) && reached.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return reached;
    }
}
