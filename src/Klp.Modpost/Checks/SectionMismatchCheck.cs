using Klp.Base;
using Klp.Elf;

namespace Klp.Modpost.Checks;

/// <summary>
/// References between sections that live for different times: code that stays must not call code the kernel frees after init.
/// Warnings, as in a kernel with CONFIG_SECTION_MISMATCH_WARN_ONLY.
/// </summary>
/// <remarks>Source: scripts/mod/modpost.c, sectioncheck[] and secref_whitelist, 7.2.</remarks>
internal static class SectionMismatchCheck
{
    private static readonly string[] Text = [".text", ".text.*", ".sched.text", ".kprobes.text", ".cpuidle.text", ".noinstr.text", ".ltext", ".ltext.*"];
    private static readonly string[] Data = [".data", ".data.rel"];
    private static readonly string[] Init = [".init.*"];
    private static readonly string[] Exit = [".exit.*"];

    private static readonly (string[] From, string[] To, string Why)[] Rules =
    [
        ([.. Text, .. Data], Init, "the kernel frees it after the module's init function has returned"),
        ([.. Text, .. Data], Exit, "it is gone where modules cannot be unloaded"),
        (Init, Exit, "it is gone where modules cannot be unloaded"),
        (Exit, Init, "the kernel has freed it long before"),
        ([".pci_fixup_*"], Init, "the kernel frees it after the module's init function has returned"),
    ];

    public static void Run(ModpostInput input, ReferencePlaces places, DiagnosticBag diagnostics)
    {
        var module = input.Module;
        var reported = new HashSet<(string, string)>();
        foreach (var (_, table) in module.RelocationSections())
        {
            if (table.Info >= (uint)module.Sections.Count || module.Sections[(int)table.Info] is not { IsAlloc: true } from || !Rules.Any(r => Matches(r.From, from.Name)))
            {
                continue;
            }

            foreach (var relocation in module.RelocationsOf(table))
            {
                if (module.SymbolOf(relocation) is { } symbol && module.SectionOf(symbol) is { } to
                    && Rules.FirstOrDefault(r => Matches(r.From, from.Name) && Matches(r.To, to.Name)) is { Why: not null } rule)
                {
                    var user = SymbolAt(module, (int)table.Info, relocation.Offset);
                    var used = symbol.Name.Length > 0 ? symbol.Name : SymbolAt(module, symbol.SectionIndex, symbol.Value + (ulong)relocation.Addend + (from.IsExecutable ? 4ul : 0));
                    if (!IsAllowed(from, user, to, used) && reported.Add((user, used)))
                    {
                        Report(places.At((int)table.Info, relocation.Offset), (from, user), (to, used), rule.Why, diagnostics);
                    }
                }
            }
        }

        CheckUnloadedSections(module, places, diagnostics);
    }

    private static void Report(SourcePlace place, (ElfSection Section, string Name) from, (ElfSection Section, string Name) to, string why, DiagnosticBag diagnostics) =>
        diagnostics.Warning("KLP0521", place,
            $"{Name(from.Name)} (section {from.Section.Name}) refers to {Name(to.Name)} (section {to.Section.Name}); {why}.",
            to.Section.Name.StartsWith(".init", StringComparison.Ordinal) ? "Remove __init or __initdata from what is used, or mark the user __init as well; __ref says that it is on purpose."
                : "Remove __exit or __exitdata from what is used, or mark the user __exit as well; __ref says that it is on purpose.");

    private static string Name(string symbol) => symbol.Length == 0 ? "something" : $"'{symbol}'";

    private static bool Matches(string[] globs, string name) => Array.Exists(globs, g => SectionGlob.Matches(g, name));

    private static bool IsAllowed(ElfSection from, string user, ElfSection to, string used)
    {
        // Module parameters and operations that are known to be used during init only; section borders; clones the compiler made of an __init function.
        return user.StartsWith("__param", StringComparison.Ordinal) && to.Name.StartsWith(".init.", StringComparison.Ordinal)
            || Matches(Data, from.Name) && (user.EndsWith("_ops", StringComparison.Ordinal) || user.EndsWith("_console", StringComparison.Ordinal))
            || used is "__init_begin" or "_sinittext" or "_einittext"
            || Matches(Text, from.Name) && user.Contains(".constprop.", StringComparison.Ordinal);
    }

    private static string SymbolAt(ElfFile module, int section, ulong offset) =>
        module.Symbols.Find(s => s.SectionIndex == section && s.Name.Length > 0 && s.Size > 0 && offset >= s.Value && offset - s.Value < s.Size)?.Name ?? "";

    // What the compiler was told to keep in a section the loader does not load is usually a mistake in a section attribute.
    private static void CheckUnloadedSections(ElfFile module, ReferencePlaces places, DiagnosticBag diagnostics)
    {
        string[] known = [".comment*", ".debug*", ".zdebug*", ".compress*", ".GCC.*", ".gnu.lto*", ".mdebug*", ".note*", ".pdr", ".stab*", ".discard.*", ".discard", ".llvm*", ".orc*", ".klp.*", ".no_trim_symbol", ".export_symbol", ".gdb_index"];
        foreach (var section in module.Sections.Where(s => s.Type == SectionType.ProgBits && !s.IsAlloc && s.Size > 0 && !Matches(known, s.Name)))
        {
            diagnostics.Warning("KLP0528", places.Module, $"Section {section.Name} is not marked as loaded, so what the source puts there does not exist at run time.", "Give the section attribute's name as \"" + section.Name + ",\\\"a\\\"\" in assembler, or take another section.");
        }
    }
}
