using Klp.Base;

namespace Klp.Modpost;

/// <summary>
/// The part of a linker script that kernels use in <c>module.lds</c>: which input sections form which output section, in what order, and what is thrown away.
/// It is the kernel's own generated text, so that a new kernel's rules need no code here.
/// </summary>
public sealed record LinkerScript(IReadOnlyList<OutputRule> Rules)
{
    /// <summary>Name of the rule whose sections are thrown away.</summary>
    public const string Discard = "/DISCARD/";

    /// <returns>Null with KLP0580 for a text that uses anything else.</returns>
    public static LinkerScript? Parse(string text, DiagnosticBag diagnostics) => new LinkerScriptParser(text, diagnostics).Parse();
}
