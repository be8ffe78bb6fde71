namespace Klp.Symbols;

/// <summary>What the index keeps of a symbol besides its address and type.</summary>
[Flags]
internal enum SymbolFlags : byte
{
    None = 0,

    /// <summary>In init memory, or known only while the module loads.</summary>
    Init = 1,

    /// <summary>Whether ftrace can hook it is known.</summary>
    FtraceKnown = 2,

    /// <summary>ftrace can hook it.</summary>
    FtraceEntry = 4,

    /// <summary>The kernel may take another function's ftrace site for its.</summary>
    FtraceStray = 8,
}
