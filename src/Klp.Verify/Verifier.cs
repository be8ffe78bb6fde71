using Klp.Base;
using Klp.Verify.Rules;

namespace Klp.Verify;

/// <summary>
/// What would the kernel say to this file? Every rule of the module loader and the livepatch core that can be known without loading, all findings at once.
/// </summary>
/// <remarks>Sources: kernel/module/main.c, kernel/livepatch/core.c, arch/*/kernel/module*.c; 5.4 to 7.2.</remarks>
public static class Verifier
{
    /// <summary>Adds findings of the 07xx range (and of the patch's claims, 054x and 055x). A module without one loads, as far as a file can tell.</summary>
    public static void Verify(VerifyInput input, DiagnosticBag diagnostics)
    {
        var context = new VerifyContext(input, diagnostics);

        // In the order the kernel would ask, so that the first message is the one insmod would give.
        ElfRules.Check(context);
        TableRules.Check(context);
        SymbolRules.Check(context);
        ModinfoRules.Check(context);
        ModuleRecordRules.Check(context);
        VersionRules.Check(context);
        ImportRules.Check(context);
        RelocationRules.Check(context);
        LivepatchSectionRules.Check(context);
        LivepatchSymbolRules.Check(context);
        LivepatchTargetRules.Check(context);
        MachineRules.Check(context);
        ClaimRules.Check(context);
        ReplacementRules.Check(context);
        BranchTrackingRules.Check(context);
        ContractRules.Check(context);
    }

    /// <summary>The patch's claims alone, of a module that will not be finished because something else is wrong: what it wants to replace is told in the same run.</summary>
    public static void VerifyClaims(VerifyInput input, DiagnosticBag diagnostics) => ClaimRules.Check(new VerifyContext(input, diagnostics));
}
