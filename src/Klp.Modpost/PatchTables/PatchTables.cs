using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Modpost;

/// <summary>
/// The stage that turns the records of the author's header into the kernel's own tables: <c>.klp.patch</c> becomes <c>klp_object</c> and
/// <c>klp_func</c> arrays in <c>.data..klp</c>, their strings in <c>.rodata..klp</c>, and <c>__klp_objects</c> is defined.
/// </summary>
/// <remarks>What the tables must be like: kernel/livepatch/core.c, klp_enable_patch and what it calls, 5.1 and later.</remarks>
public static class PatchTables
{
    /// <summary>The array that the header's module line declares and this stage defines.</summary>
    public const string ObjectsSymbol = "__klp_objects";

    /// <summary>Longest name of a kernel symbol in any kernel (KSYM_NAME_LEN - 1); the header holds names against the target's own limit.</summary>
    private const int MaximumSymbolName = 511;

    /// <summary>Edits the merged module in place. Without records there is nothing to do. False with KLP0540 to KLP0549 where the patch makes no sense.</summary>
    public static bool Apply(ElfFile merged, ModuleTemplate template, DiagnosticBag diagnostics)
    {
        if (!PatchRecords.ArePresentIn(merged))
        {
            return true;
        }

        if (template.Livepatch is not { } layout)
        {
            diagnostics.Error("KLP0544", SourcePlace.None, "This kernel is configured without CONFIG_LIVEPATCH and cannot load live patches.", "Choose another kernel with TargetKernel.");
            return false;
        }

        if (PatchRecords.Read(merged, diagnostics) is not { } records || !Check(merged, records, template, layout, diagnostics))
        {
            return false;
        }

        var claims = records.Where(r => r.Kind != PatchRecordKind.Module).ToList();
        PatchTableWriter.Write(merged, claims, layout, template.AbsoluteRelocationType);
        merged.RemoveSections((_, section) => section.Name == PatchRecords.SectionName);
        merged.SortSymbols();
        return true;
    }

    /// <summary>
    /// Says KLP0542 where objects that are yet to be merged have more than one module line. The linker refuses such objects first, with words about
    /// <c>init_module</c> that an author has never written.
    /// </summary>
    public static void CheckModuleLines(IEnumerable<ElfFile> objects, DiagnosticBag diagnostics)
    {
        // Broken records are for the merged module to report.
        var lines = objects.SelectMany(o => PatchRecords.Read(o, []) ?? []).Where(r => r.Kind == PatchRecordKind.Module).ToList();
        if (lines.Count > 1)
        {
            ReportModuleLines(lines, diagnostics);
        }
    }

    private static bool Check(ElfFile merged, IReadOnlyList<PatchRecord> records, ModuleTemplate template, LivepatchLayout layout, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        CheckModuleLine(merged, records, layout, found);
        foreach (var record in records)
        {
            CheckTarget(merged, record, template, found);
        }

        PatchClaims.Check(PatchModel.Read(merged, layout, LineTable.Empty, found), template.ModuleNameLength - 1, MaximumSymbolName, found);
        diagnostics.AddRange(found);
        return !found.HasErrors;
    }

    private static void CheckModuleLine(ElfFile merged, IReadOnlyList<PatchRecord> records, LivepatchLayout layout, DiagnosticBag diagnostics)
    {
        var lines = records.Where(r => r.Kind == PatchRecordKind.Module).ToList();
        var symbols = merged.Symbols.Where(s => s.Name == ObjectsSymbol).ToList();
        if (lines.Count == 0)
        {
            diagnostics.Error("KLP0541", records[0].Place, "The module replaces functions but has no KLP_MODULE line, so nothing would enable the patch.",
                "Write KLP_MODULE(\"GPL\"); once, in any of its sources.");
        }
        else if (lines.Count > 1)
        {
            ReportModuleLines(lines, diagnostics);
        }
        else if (symbols is not [{ IsUndefined: true }])
        {
            diagnostics.Error("KLP0549", lines[0].Place, $"The module itself defines {ObjectsSymbol}, which is the build's to define, or never uses it.", "Rename what the sources call so.");
        }
        else if (records.Count == 1 && !Replaces(merged, lines[0], layout))
        {
            diagnostics.Warning("KLP0543", lines[0].Place, "The module patches nothing: there is a KLP_MODULE line and no KLP_FUNC.",
                "If it is meant to take older patches away, say so with KLP_MODULE(\"GPL\", .replace = true).");
        }
    }

    private static void ReportModuleLines(List<PatchRecord> lines, DiagnosticBag diagnostics) =>
        diagnostics.Error("KLP0542", lines[1].Place, $"The module has {lines.Count} KLP_MODULE lines.", "Leave one of them.", lines.ConvertAll(l => "written at " + l.Place));

    /// <summary>The klp_patch's replace flag: an empty patch that replaces all others is how one reverts them.</summary>
    private static bool Replaces(ElfFile merged, PatchRecord line, LivepatchLayout layout)
    {
        var patch = merged.SymbolOf(line.Target);
        var section = patch is null ? null : merged.SectionOf(patch);
        if (patch is null || section is null || layout.PatchReplace is not { } field)
        {
            return false;
        }

        var at = patch.Value + (ulong)line.Target.Addend + (ulong)field;
        return at < (ulong)section.Data.Length && section.Data.Span[(int)at] != 0;
    }

    private static void CheckTarget(ElfFile merged, PatchRecord record, ModuleTemplate template, DiagnosticBag diagnostics)
    {
        var symbol = merged.SymbolOf(record.Target);
        if (record.Target.Type != template.AbsoluteRelocationType)
        {
            diagnostics.Error("KLP0540", record.Place, $"The record's relocation is of type {record.Target.Type}, not the machine's 64-bit absolute one ({template.AbsoluteRelocationType}).",
                "Compile for the target kernel's machine, without options that change how addresses are made (-fpie, -mcmodel).");
        }
        else if (record.Kind != PatchRecordKind.Module && merged.SectionOf(symbol ?? new ElfSymbol { Name = "" }) is not { IsExecutable: true })
        {
            var what = record.CallbackName is { } callback ? $"The {callback} callback of {record.Object}" : $"The replacement of {record.Name}";
            diagnostics.Error("KLP0555", record.Place, $"{what} has no body.", "Write the body in braces right after the macro, and no ';' between.");
        }
    }
}
