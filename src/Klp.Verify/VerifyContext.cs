using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Verify;

/// <summary>What all rules look at: the input, and what several of them derive from it, once.</summary>
internal sealed class VerifyContext
{
    private readonly Lazy<PatchModel?> _tables;
    private readonly Lazy<IReadOnlySet<string>?> _patchedObjects;

    public VerifyContext(VerifyInput input, DiagnosticBag diagnostics)
    {
        (Input, Diagnostics) = (input, diagnostics);
        Architecture = Architecture.For(input.Module.Machine);
        Modinfo = VerifiedModinfo.Read(input.Module);
        _tables = new(() => !EnablesPatch(input.Module) ? PatchModel.None
            : (input.Profile?.Template.Livepatch ?? input.Layout) is { } layout ? PatchModel.Read(input.Module, layout, input.Lines, new DiagnosticBag()) : null);
        _patchedObjects = new(PatchedObjectsOrNull);
        LivepatchSections = [.. input.Module.Sections.Index().Where(s => s.Index > 0 && IsLivepatch(s.Item)).Select(s => (s.Index, s.Item))];
    }

    public VerifyInput Input { get; }

    public DiagnosticBag Diagnostics { get; }

    public ElfFile Module => Input.Module;

    public LoaderRules Rules => Input.Rules;

    /// <summary>Null for a machine that cannot be livepatched here; <see cref="ElfRules"/> says so.</summary>
    public Architecture? Architecture { get; }

    public VerifiedModinfo Modinfo { get; }

    /// <summary>Flagged sections and those only named like one.</summary>
    public IReadOnlyList<(int Index, ElfSection Section)> LivepatchSections { get; }

    /// <summary>Objects whose symbols could not be read; that was reported once, and nothing else is said of them.</summary>
    public HashSet<string> UnreadableObjects { get; } = [];

    public bool IsLivepatchModule => Modinfo.Values("livepatch").Any() || LivepatchSections.Count > 0 || Patch is { HasPatch: true } || EnablesPatch(Module);

    /// <summary>The claims with the best places known: those of the sources, else of the module's tables.</summary>
    public PatchModel? Patch => Input.Patch ?? _tables.Value;

    /// <summary>The tables as they stand in the module: their sections and offsets are the module's own.</summary>
    public PatchModel? Tables => _tables.Value;

    /// <summary>Names of patched objects, or null where they cannot be known.</summary>
    public IReadOnlySet<string>? PatchedObjects => _patchedObjects.Value;

    /// <summary>The source line of a place in the module, else the module's file.</summary>
    public SourcePlace PlaceOf(int section, ulong offset) => Input.Lines.Find(section, offset) ?? new SourcePlace(Input.ModuleFile);

    public void Error(string id, string message, string? cure = null, IReadOnlyList<string>? notes = null) => Diagnostics.Error(id, Input.ModuleFile, message, cure, notes);

    public void Warning(string id, string message, string? cure = null) => Diagnostics.Warning(id, new SourcePlace(Input.ModuleFile), message, cure);

    /// <summary>Relocations are grouped where a damaged table would give the same message a thousand times.</summary>
    public const int MostPerSection = 20;

    private static bool IsLivepatch(ElfSection section) =>
        LivepatchFormat.IsLivepatchRelocation(section) || section.Name.StartsWith(LivepatchFormat.SectionPrefix, StringComparison.Ordinal);

    /// <summary>Other structs have an owner field, too: what looks like a patch is one only where something can enable it.</summary>
    private static bool EnablesPatch(ElfFile module) => module.Symbols.Exists(s => s.IsUndefined && s.Name == "klp_enable_patch");

    private IReadOnlySet<string>? PatchedObjectsOrNull()
    {
        var declared = Input.DeclaredObjects.Select(ObjectName.Normalise).ToHashSet();
        if (Patch is { IsReadable: true } patch)
        {
            declared.UnionWith(patch.Objects.Select(o => o.Name));
            return declared;
        }

        // Tables made in code: the items are the author's word for what they name, and nothing else is known.
        return declared.Count > 0 ? declared : null;
    }
}
