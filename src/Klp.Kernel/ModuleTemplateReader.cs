using System.Text;
using Klp.Base;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>Reads a compiled template object (<see cref="ModuleTemplateSource"/>) into a <see cref="ModuleTemplate"/>.</summary>
public static class ModuleTemplateReader
{
    /// <summary>Reads the object; null with KLP0212 where it is not what the template's text makes.</summary>
    /// <param name="headers">The tree whose headers it was compiled with, for messages: the object itself is gone when they are read.</param>
    public static ModuleTemplate? Read(ElfFile file, string headers, DiagnosticBag diagnostics)
    {
        string? Problem(out ModuleTemplate? template)
        {
            template = null;
            if (Facts(file) is not { } facts)
            {
                return $"it has no readable {ModuleTemplateSource.FactsSection} section";
            }

            if (Missing(facts) is { } missing)
            {
                return $"the fact {missing} is missing";
            }

            var moduleIndex = file.IndexOf(".gnu.linkonce.this_module");
            if (moduleIndex < 0 || file.Sections[moduleIndex].Size != facts[TemplateFact.ModuleSize])
            {
                return "its struct module is missing or has another size than its facts say";
            }

            var initReference = ReferenceTo(file, moduleIndex, "init_module");
            if (initReference is not { } init || init.Offset != facts[TemplateFact.ModuleInit])
            {
                return "its struct module does not refer to init_module at the place its facts say";
            }

            template = Build(file, facts, file.Sections[moduleIndex], init.Type);
            return template is null ? "its facts lie outside its struct module" : template.Vermagic is null ? "it has no vermagic" : null;
        }

        if (Problem(out var result) is { } problem)
        {
            diagnostics.Error("KLP0212", headers, $"The template object, compiled with this kernel's headers, cannot be used: {problem}.", "Install the kernel's headers again, so that they belong together; if KlpCompilerPath is set, look at what it names, or remove it.");
            return null;
        }

        return result;
    }

    private static ModuleTemplate? Build(ElfFile file, Dictionary<TemplateFact, ulong> facts, ElfSection module, uint absoluteType)
    {
        var name = (int)facts[TemplateFact.ModuleName];
        var nameLength = (int)facts[TemplateFact.ModuleNameLength];
        var bytes = module.Type == SectionType.NoBits ? new byte[module.Size] : module.Data.ToArray();
        if (name > bytes.Length || nameLength > bytes.Length - name)
        {
            return null;
        }

        bytes.AsSpan(name, nameLength).Clear();
        return new ModuleTemplate
        {
            ElfFlags = file.Flags,
            AbsoluteRelocationType = absoluteType,
            Modinfo = Strings(file.FindSection(".modinfo")),
            NoteLinux = Bytes(file, ".note.Linux"),
            OrcHeader = Bytes(file, ".orc_header"),
            NoteGnuProperty = Bytes(file, ".note.gnu.property"),
            ThisModule = bytes,
            ThisModuleAlignment = (int)Math.Max(facts[TemplateFact.ModuleAlignment], module.Alignment),
            ModuleNameOffset = name,
            ModuleNameLength = nameLength,
            ModuleInitOffset = (int)facts[TemplateFact.ModuleInit],
            ModuleExitOffset = Optional(facts, TemplateFact.ModuleExit),
            ModversionEntrySize = Optional(facts, TemplateFact.ModversionSize) ?? 0,
            ModversionCrcSize = Optional(facts, TemplateFact.ModversionCrcSize) ?? 0,
            Livepatch = facts.ContainsKey(TemplateFact.PatchSize) ? Layout(facts) : null,
        };
    }

    private static LivepatchLayout Layout(Dictionary<TemplateFact, ulong> facts)
    {
        int Number(TemplateFact fact) => (int)facts[fact];
        return new LivepatchLayout
        {
            FuncSize = Number(TemplateFact.FuncSize),
            FuncOldName = Number(TemplateFact.FuncOldName),
            FuncNewFunc = Number(TemplateFact.FuncNewFunc),
            FuncOldSympos = Number(TemplateFact.FuncOldSympos),
            ObjectSize = Number(TemplateFact.ObjectSize),
            ObjectName = Number(TemplateFact.ObjectName),
            ObjectFuncs = Number(TemplateFact.ObjectFuncs),
            ObjectPrePatch = Number(TemplateFact.ObjectPrePatch),
            ObjectPostPatch = Number(TemplateFact.ObjectPostPatch),
            ObjectPreUnpatch = Number(TemplateFact.ObjectPreUnpatch),
            ObjectPostUnpatch = Number(TemplateFact.ObjectPostUnpatch),
            PatchSize = Number(TemplateFact.PatchSize),
            PatchModule = Number(TemplateFact.PatchModule),
            PatchObjects = Number(TemplateFact.PatchObjects),
            PatchStates = Optional(facts, TemplateFact.PatchStates),
            PatchReplace = Optional(facts, TemplateFact.PatchReplace),
        };
    }

    private static Dictionary<TemplateFact, ulong>? Facts(ElfFile file)
    {
        // Pairs of 64-bit words. A size or an offset beyond 1 MB is no struct of the kernel's.
        const ulong Limit = 1 << 20;
        if (file.FindSection(ModuleTemplateSource.FactsSection) is not { } section || section.Data.Length % 16 != 0)
        {
            return null;
        }

        var facts = new Dictionary<TemplateFact, ulong>();
        for (var data = section.Data.Span; data.Length > 0; data = data[16..])
        {
            var (fact, value) = (file.ByteOrder.ReadUInt64(data), file.ByteOrder.ReadUInt64(data[8..]));
            if (fact > (ulong)TemplateFact.PatchReplace || value > Limit)
            {
                return null;
            }

            facts[(TemplateFact)fact] = value;
        }

        return facts;
    }

    private static TemplateFact? Missing(Dictionary<TemplateFact, ulong> facts)
    {
        var wanted = Enum.GetValues<TemplateFact>().Where(f => f switch
        {
            TemplateFact.ModuleExit or TemplateFact.ModversionSize or TemplateFact.ModversionCrcSize or TemplateFact.PatchStates or TemplateFact.PatchReplace => false,
            >= TemplateFact.FuncSize => facts.ContainsKey(TemplateFact.PatchSize),
            _ => true,
        });
        foreach (var fact in wanted)
        {
            if (!facts.ContainsKey(fact))
            {
                return fact;
            }
        }

        return null;
    }

    private static ElfRelocation? ReferenceTo(ElfFile file, int section, string symbol) => file.RelocationSectionsFor(section)
        .SelectMany(file.RelocationsOf)
        .Where(r => file.SymbolOf(r)?.Name == symbol)
        .Select(r => (ElfRelocation?)r)
        .FirstOrDefault();

    private static int? Optional(Dictionary<TemplateFact, ulong> facts, TemplateFact fact) => facts.TryGetValue(fact, out var value) ? (int)value : null;

    private static byte[] Bytes(ElfFile file, string section) => file.FindSection(section)?.Data.ToArray() ?? [];

    private static List<string> Strings(ElfSection? section) => section is null
        ? []
        : [.. Encoding.UTF8.GetString(section.Data.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries)];
}
