namespace Klp.Symbols;

/// <summary>What becomes of an undefined symbol, or of its references for one section object.</summary>
public enum SymbolDecision
{
    /// <summary>Stays as it is: the loader, the linker or the build defines it.</summary>
    Leave,

    /// <summary>Stays undefined; the loader takes it from another object's exports.</summary>
    Import,

    /// <summary>Becomes a livepatch symbol.</summary>
    Livepatch,

    /// <summary>Weak and nowhere to be found: stays undefined, the loader gives it the value 0.</summary>
    WeakNull,

    /// <summary>Only debug information or nothing at all names it: removed, or the loader would refuse the module.</summary>
    Drop,

    /// <summary>Could not be decided; an error says why.</summary>
    Failed,
}
