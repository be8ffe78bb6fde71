using Klp.Base;
using Klp.Elf;

namespace Klp.Modpost;

/// <summary>
/// The final link: the module's object and its record become one relocatable object, sections placed as the kernel's <c>module.lds</c> says.
/// </summary>
public static class ModuleLinker
{
    /// <returns>Null with errors of the 058x range; all problems are reported, not only the first.</returns>
    public static ElfFile? Link(ElfFile merged, ElfFile record, LinkInput input, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        var script = LinkerScript.Parse(input.LinkerScript, found);
        var module = script is null ? null : new LinkRun([merged, record], script, input, found).Run();
        diagnostics.AddRange(found);
        return module;
    }
}
