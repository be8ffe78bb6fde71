using Klp.Elf;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// Whether the kernel can do what a conversion asks of it: the target, the name, and every place a livepatch relocation would write to.
/// </summary>
internal sealed class ReferenceChecks(PlanContext context)
{
    private readonly HashSet<string> _said = [];
    private int _problems;
    private readonly Lazy<(ulong Start, ulong End)> _readOnlyAfterInit = new(() =>
        context.Find(ObjectName.Vmlinux, "__start_ro_after_init") is [var start] && context.Find(ObjectName.Vmlinux, "__end_ro_after_init") is [var end] ? (start.Address, end.Address) : (0, 0));

    private readonly Lazy<AlternativeSites> _alternatives = new(() => AlternativeSites.Read(context.Input.Module));

    /// <summary>KLP0357 for freed memory, KLP0358 for a position that changes when the module's init ends, KLP0359 for a name the kernel does not match.</summary>
    public bool CanBeTarget(string symbol, KernelSymbol target, LivepatchSymbolName name, IReadOnlyList<ModuleReference> references)
    {
        if (target.IsInit)
        {
            context.Diagnostics.Error("KLP0357", context.PlaceOf(references), $"'{symbol}' lies in an init section of {target.Object}, whose memory is freed and used for other things after {(target.Object == ObjectName.Vmlinux ? "boot" : "the module has loaded")}.",
                "Copy what is needed into the patch.", context.OtherPlaces(references));
            return false;
        }

        if (context.Input.Rules.StripsLlvmSuffix && target.Object == ObjectName.Vmlinux && name.Name.Contains(".llvm.", StringComparison.Ordinal))
        {
            context.Diagnostics.Error("KLP0359", context.PlaceOf(references), $"This kernel ({context.Input.Rules.KernelVersion}) strips the suffix .llvm.<hash> before it compares names, so '{name.Name}' is never found.",
                $"Use the base name {name.Name[..name.Name.IndexOf(".llvm.", StringComparison.Ordinal)]}.");
            return false;
        }

        if (target.Object == ObjectName.Vmlinux || target.Count <= 1)
        {
            return true;
        }

        // While the module loads, all its symbols count; afterwards those of its init sections are gone.
        var all = context.Find(target.Object, target.Name);
        var later = (ulong)all.Count(s => !s.IsInit && s.Position <= target.Position);
        if (later == (ulong)target.Position)
        {
            return true;
        }

        context.Diagnostics.Error("KLP0358", context.PlaceOf(references),
            $"The position of '{target.Name}' in {target.Object} depends on time: it is {target.Position} while the module loads and {later} once its init sections are freed, so no number is right both before and after.",
            "Reach it another way: through a pointer or function whose name is unique.", [.. all.Select(PlanMessages.Describe)]);
        return false;
    }

    public bool HasValidLength(LivepatchSymbolName name, IReadOnlyList<ModuleReference> references, string? sectionObject = null)
    {
        var valid = true;
        foreach (var objectName in new[] { name.Object, sectionObject }.OfType<string>().Distinct().Where(o => o.Length > context.Input.Rules.MaximumObjectName))
        {
            valid = false;
            context.Diagnostics.Error("KLP0374", context.PlaceOf(references), $"The object name '{objectName}' has {objectName.Length} characters; the kernel reads {context.Input.Rules.MaximumObjectName} at most.", "Check the name: it is that of the module as lsmod shows it.");
        }

        if (name.Name.Length > context.Input.Rules.MaximumSymbolName)
        {
            valid = false;
            context.Diagnostics.Error("KLP0374", context.PlaceOf(references), $"The symbol name '{name.Name}' has {name.Name.Length} characters; the loader of this kernel reads {context.Input.Rules.MaximumSymbolName} at most.",
                "Reach the symbol another way: through a pointer or function with a shorter name.");
        }

        return valid;
    }

    /// <summary>Checks each place; every kind of problem is said once per symbol.</summary>
    public bool CanMove(string symbol, LivepatchSymbolName name, KernelSymbol? target, IReadOnlyList<(ModuleReference Reference, string SectionObject)> references)
    {
        var before = _problems;
        foreach (var (reference, sectionObject) in references)
        {
            CheckRelocationType(symbol, reference);
            CheckSection(symbol, name, reference, sectionObject);
        }

        if (name.Object == ObjectName.Vmlinux)
        {
            CheckStaticKeys(symbol, () => target is null ? [] : [target], [.. references.Select(r => r.Reference)]);
        }

        return _problems == before;
    }

    /// <summary>KLP0371: a static key in read-only memory that jump labels of this kernel would write to.</summary>
    public void CheckStaticKeys(string symbol, Func<IReadOnlyList<KernelSymbol>> find, IReadOnlyList<ModuleReference> references)
    {
        if (context.Input.Rules.SealsReadOnlyStaticKeys || references.FirstOrDefault(r => SectionName(r) == "__jump_table") is not { BaseSection: > 0 } use || find() is not [var key])
        {
            return;
        }

        var (start, end) = _readOnlyAfterInit.Value;
        if (key.Address >= start && key.Address < end)
        {
            Say("KLP0371", symbol, use, $"The static key '{symbol}' lies in memory that is read-only after boot (__ro_after_init). This kernel ({context.Input.Rules.KernelVersion}) would write to it while the patch loads, and oops.",
                "Read it without a static branch: static_key_enabled(&key), or static_key_count(). Kernels that seal such keys (6.12) do not need this; for a backport set KlpKernelRules to SealsReadOnlyStaticKeys=true.");
        }
    }

    private void CheckRelocationType(string symbol, ModuleReference reference)
    {
        if (context.Architecture is not { } architecture || architecture.LoaderAccepts(reference.Relocation.Type))
        {
            return;
        }

        var type = architecture.NameOf(reference.Relocation.Type);
        var got = architecture.Find(reference.Relocation.Type)?.Form == RelocationForm.Got;
        Say("KLP0368", symbol, reference, $"The reference to '{symbol}' uses {type}, which the module loader of {architecture.Name} does not know.",
            got ? "The compiler reached for a global offset table: declare the symbol extern without weak, and compile with the kernel's own flags (no -fPIC)." : "Compile with the kernel's own flags.");
    }

    private void CheckSection(string symbol, LivepatchSymbolName name, ModuleReference reference, string sectionObject)
    {
        var section = context.Input.Module.Sections[reference.BaseSection];
        var rules = context.Input.Rules;
        if (SectionRules.IsUntouchable(section.Name))
        {
            Say("KLP0376", symbol, reference, $"Section {section.Name} refers to '{symbol}'. The kernel reads that section before it writes any relocation.", "Remove the reference.");
        }
        else if (sectionObject == ObjectName.Vmlinux)
        {
            CheckVmlinuxSection(symbol, reference, section.Name);
            CheckTrampoline(symbol, name, reference, section.Name);
        }
        else if (SectionRules.IsInit(section.Name))
        {
            Say("KLP0369", symbol, reference, $"{section.Name} refers to '{symbol}' of {name.Object}. That memory is freed when the patch has loaded, and {sectionObject}'s relocations may be written later.",
                "Do it in a pre_patch callback of that object.");
        }
        else if (SectionRules.IsSpecial(section.Name) && !(rules.UsesArchSections && IsArchSection(section.Name)))
        {
            Say("KLP0370", symbol, reference, $"Section {section.Name} refers to '{symbol}' of the module {name.Object}. The kernel reads it while the patch loads, when {sectionObject}'s relocations are not yet written.", section.Name switch
            {
                "__jump_table" => $"Static branches work with vmlinux's keys only: use static_key_enabled(&{symbol}) instead.",
                ".static_call_sites" => $"Use KLP_STATIC_CALL({StaticCallName(symbol)}) of <klp/relocs.h> or call through the key's function pointer instead of static_call().",
                _ => "Rewrite the code so that it does not need this section (a plain call, no alternative).",
            });
        }
        else if (_alternatives.Value.Contains(reference.BaseSection, reference.Relocation.Offset) && !rules.UsesArchSections)
        {
            Say("KLP0390", symbol, reference, $"The reference to '{symbol}' of {name.Object} lies in an instruction that the kernel replaces by an alternative while the patch loads, before {sectionObject}'s relocations are written.",
                "Call the function through a pointer, or rewrite the code without the alternative.");
        }
        else if (SectionRules.IsReadOnlyLater(section) && context.Architecture?.WritesReadOnlyLate(reference.Relocation.Type) == false)
        {
            Say("KLP0377", symbol, reference, $"Section {section.Name} is read-only when {sectionObject}'s relocations are written, and {context.Architecture.Name} writes {context.Architecture.NameOf(reference.Relocation.Type)} with a plain store: loading {sectionObject} would fault.",
                "Make the data writable (no const), or set the pointer in a pre_patch callback.");
        }
    }

    private void CheckVmlinuxSection(string symbol, ModuleReference reference, string section)
    {
        var rules = context.Input.Rules;
        if (!rules.EarlyVmlinuxRelocations && SectionRules.IsSpecial(section) && !(rules.UsesArchSections && IsArchSection(section)))
        {
            Say("KLP0372", symbol, reference, $"Section {section} refers to '{symbol}'. This kernel ({rules.KernelVersion}) reads it before it writes a livepatch's relocations (early vmlinux relocations came with 5.8).",
                "Rewrite the code so that it does not need this section; for a kernel with the backport set KlpKernelRules to EarlyVmlinuxRelocations=true.");
        }
        else if (section == ".parainstructions" && !rules.ReadsParainstructions && _said.Add("KLP0373" + symbol))
        {
            context.Diagnostics.Warning("KLP0373", context.PlaceOf(reference), $"The module has a section .parainstructions (reference to '{symbol}'), which kernels since 6.8 no longer read.", "Compile against the headers of the kernel the patch is for.");
        }

        if (rules.EarlyVmlinuxRelocations || !context.KnowsPatchedObjects || context.PatchedObjects.Contains(ObjectName.Vmlinux))
        {
            return;
        }

        _problems++;
        if (_said.Add("KLP0387"))
        {
            context.Diagnostics.Error("KLP0387", context.PlaceOf(reference), $"'{symbol}' is vmlinux's, and this kernel ({rules.KernelVersion}) writes vmlinux relocations only for a patch that has an object for vmlinux (until 5.7).",
                "Patch a function of vmlinux too, or add an object for it that only has callbacks.");
        }
    }

    /// <summary>
    /// objtool writes the trampoline where an object does not name the key. The kernel goes from there to the key by a table that only exported trampolines
    /// are in (kernel/static_call_inline.c, tramp_key_lookup; 5.12+).
    /// </summary>
    private void CheckTrampoline(string symbol, LivepatchSymbolName name, ModuleReference reference, string section)
    {
        if (section == ".static_call_sites" && name.Name.StartsWith("__SCT__", StringComparison.Ordinal) && context.FindExport(name.Name) is null)
        {
            var call = StaticCallName(name.Name);
            Say("KLP0388", symbol, reference, $"A static call goes to the trampoline '{name.Name}', which vmlinux does not export, and the module does not name its key. The kernel would refuse the module: Failed to fixup __raw_static_call() usage.",
                $"Write static_call({call}), not static_call_mod({call}): it names the key, which becomes a livepatch symbol.");
        }
    }

    /// <summary>Replacement instructions, whose table entries wait for the object on old x86 kernels (.klp.arch sections).</summary>
    private bool IsArchSection(string name) => name == ".altinstr_replacement" && context.Input.Module.Machine == ElfMachine.X86_64;

    /// <summary>What the source calls it: STATIC_CALL_KEY and STATIC_CALL_TRAMP of include/linux/static_call_types.h put a prefix before it.</summary>
    private static string StaticCallName(string symbol) => symbol.StartsWith("__SCK__", StringComparison.Ordinal) || symbol.StartsWith("__SCT__", StringComparison.Ordinal) ? symbol[7..] : symbol;

    private string SectionName(ModuleReference reference) => context.Input.Module.Sections[reference.BaseSection].Name;

    private void Say(string id, string symbol, ModuleReference reference, string message, string cure)
    {
        _problems++;
        if (_said.Add(id + symbol))
        {
            context.Diagnostics.Error(id, context.PlaceOf(reference), message, cure, [$"in {context.Describe(reference)}"]);
        }
    }
}
