using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// What a module patches: read from the author's header's records, or from the <c>klp_patch</c>, <c>klp_object</c> and <c>klp_func</c> tables
/// of an object or a finished module.
/// </summary>
public sealed record PatchModel
{
    public required IReadOnlyList<PatchedObject> Objects { get; init; }

    /// <summary>False where the tables are made in code when the module is loaded, or are no tables the kernel would take; <see cref="Objects"/> may be incomplete then.</summary>
    public required bool IsReadable { get; init; }

    /// <summary>There is a claim, a <c>klp_patch</c>, or a call that enables one.</summary>
    public required bool HasPatch { get; init; }

    /// <summary>A klp_patch in its data says that it replaces all patches before it.</summary>
    public bool Replaces { get; init; }

    /// <summary>Why it is not readable, as an addition to a sentence.</summary>
    public string? Obstacle { get; init; }

    /// <summary>Arrays without an empty element at their end: the kernel would read past them (KLP0553).</summary>
    public IReadOnlyList<UnterminatedTable> Unterminated { get; init; } = [];

    public static PatchModel None { get; } = new() { Objects = [], IsReadable = true, HasPatch = false };

    /// <summary>Reads records where there are any, else tables. Hostile input gives an unreadable model or KLP0540, never an exception.</summary>
    public static PatchModel Read(ElfFile file, LivepatchLayout layout, LineTable lines, DiagnosticBag diagnostics) =>
        PatchRecords.ArePresentIn(file) ? FromRecords(file, diagnostics) : PatchTableReader.Read(file, layout, lines);

    public PatchedObject? Find(string normalisedName) => Objects.FirstOrDefault(o => o.Name == normalisedName);

    /// <summary>The error for a stage that must know the patched objects and finds <see cref="IsReadable"/> false: KLP0560.</summary>
    public void ReportUnreadable(string? file, DiagnosticBag diagnostics) =>
        diagnostics.Error("KLP0560", file, $"The build cannot read what this module patches: {Obstacle ?? "its tables are made when it is loaded"}.",
            "Name each patched object in the project: <KlpObject Include=\"vmlinux\" /> or a module's name; or make the tables static data, or use <klp/patch.h>.");

    private static PatchModel FromRecords(ElfFile file, DiagnosticBag diagnostics)
    {
        if (PatchRecords.Read(file, diagnostics) is not { } records)
        {
            return new PatchModel { Objects = [], IsReadable = false, HasPatch = true, Obstacle = "the records of <klp/patch.h> are broken" };
        }

        var symbols = new PlacedSymbols(file);
        var objects = records.Where(r => r.Kind != PatchRecordKind.Module).GroupBy(r => ObjectName.Normalise(r.Object))
            .Select(group => new PatchedObject(group.Key,
                group.Where(r => r.Kind == PatchRecordKind.Function).Select(r => ToFunction(file, symbols, r)).ToList(),
                group.Where(r => r.CallbackName is not null).Select(r => ToCallback(file, r)).ToList(),
                group.First().Place) { WrittenName = group.First().Object, IsFromRecord = true });
        return new PatchModel { Objects = objects.ToList(), IsReadable = true, HasPatch = true };
    }

    private static PatchedFunction ToFunction(ElfFile file, PlacedSymbols symbols, PatchRecord record)
    {
        var (section, offset) = SymbolPlace.Of(file, record.Target);
        return new PatchedFunction(record.Name, record.Position, section, offset, symbols.FunctionAt(section, offset), record.Place);
    }

    private static PatchCallback ToCallback(ElfFile file, PatchRecord record)
    {
        var (section, offset) = SymbolPlace.Of(file, record.Target);
        return new PatchCallback(record.CallbackName ?? "", section, offset, record.Place);
    }
}
