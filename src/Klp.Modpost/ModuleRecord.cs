using System.Text;
using Klp.Base;
using Klp.Elf;
using Klp.Modpost.Checks;

namespace Klp.Modpost;

/// <summary>
/// What kbuild's modpost adds to a module, written straight as an object: modinfo, versions, notes and <c>struct module</c>.
/// No C is generated and none compiled; the bytes come from the kernel's template object.
/// </summary>
/// <remarks>Source: scripts/mod/modpost.c, scripts/module-common.c, 5.10 to 7.2.</remarks>
public static class ModuleRecord
{
    public const string ThisModuleSection = ".gnu.linkonce.this_module";

    /// <summary>Checks the module as modpost does and makes its record.</summary>
    /// <returns>Null with errors of the 05xx range; all problems are reported, not only the first.</returns>
    public static ElfFile? Create(ModpostInput input, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var source = Modinfo.Read(input.Module);
        var places = new ReferencePlaces(input);
        LicenceCheck.Run(input, source, places, found);
        NamespaceCheck.Run(input, source, places, found);
        SymbolCheck.Run(input, source, places, found);
        SectionMismatchCheck.Run(input, places, found);
        DescriptionCheck.Run(input, source, places, found);

        var record = new ElfFile(input.Profile.ByteOrder, input.Profile.Machine, input.Profile.Template.ElfFlags);
        record.AddSection(new ElfSection { Name = ".modinfo", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc, Data = RecordModinfo.Create(input, source, found).ToBytes() });
        foreach (var section in VersionTables.Create(input, found))
        {
            record.AddSection(section);
        }

        AddThisModule(record, input, found);
        AddNote(record, ".note.Linux", input.Profile.Template.NoteLinux, SectionType.Note, 4);
        AddNote(record, ".orc_header", input.Profile.Template.OrcHeader, SectionType.ProgBits, 4);
        AddNote(record, ".note.gnu.property", input.Profile.Template.NoteGnuProperty, SectionType.Note, 8);
        record.AddSection(new ElfSection { Name = ".note.GNU-stack", Type = SectionType.ProgBits });

        diagnostics.AddRange(found);
        return found.HasErrors ? null : record;
    }

    private static void AddThisModule(ElfFile record, ModpostInput input, DiagnosticBag diagnostics)
    {
        var template = input.Profile.Template;
        var data = template.ThisModule.ToArray();
        var name = Encoding.UTF8.GetBytes(input.ModuleName);
        if (name.Length >= template.ModuleNameLength)
        {
            diagnostics.Error("KLP0507", SourcePlace.None,
                $"The module name '{input.ModuleName}' has {name.Length} bytes; the kernel has room for {template.ModuleNameLength - 1}.", "Give the project a shorter TargetName.");
            return;
        }

        if (template.ModuleNameOffset < 0 || template.ModuleNameOffset + template.ModuleNameLength > data.Length)
        {
            diagnostics.Error("KLP0505", input.Profile.BuildDirectory, "The measured struct module has no room for its own name field.", "Delete the profile cache (KlpCacheDirectory) and build again.");
            return;
        }

        name.CopyTo(data, template.ModuleNameOffset);
        var index = record.AddSection(new ElfSection
        {
            Name = ThisModuleSection,
            Type = SectionType.ProgBits,
            Flags = SectionFlags.Write | SectionFlags.Alloc,
            Alignment = (ulong)template.ThisModuleAlignment,
            Data = data,
        });
        record.AddSymbol(new ElfSymbol { Name = "__this_module", Binding = SymbolBinding.Global, Type = SymbolType.Object, SectionIndex = (ushort)index, Size = (ulong)data.Length });

        var relocations = new List<ElfRelocation>();
        AddPointer("init_module", template.ModuleInitOffset);
        AddPointer("cleanup_module", template.ModuleExitOffset);
        if (relocations.Count > 0)
        {
            record.AddSection(new ElfSection
            {
                Name = ".rela" + ThisModuleSection,
                Type = SectionType.RelocationWithAddend,
                Flags = SectionFlags.InfoLink,
                Info = (uint)index,
                Alignment = 8,
                EntrySize = ElfRelocation.EntrySize,
                Data = ElfRelocation.WriteAll(relocations, record.ByteOrder),
            });
        }

        void AddPointer(string function, int? offset)
        {
            if (offset is { } at && input.Module.Symbols.Exists(s => s.Name == function && !s.IsUndefined))
            {
                var symbol = record.AddSymbol(new ElfSymbol { Name = function, Binding = SymbolBinding.Global });
                relocations.Add(new ElfRelocation((ulong)at, (uint)symbol, template.AbsoluteRelocationType, 0));
            }
        }
    }

    private static void AddNote(ElfFile record, string name, byte[] data, SectionType type, ulong alignment)
    {
        if (data.Length > 0)
        {
            record.AddSection(new ElfSection { Name = name, Type = type, Flags = SectionFlags.Alloc, Alignment = alignment, Data = data });
        }
    }
}
