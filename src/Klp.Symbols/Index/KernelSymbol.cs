using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>One symbol of the target kernel, as the running kernel would find it.</summary>
/// <param name="Object"><c>vmlinux</c> or a normalised module name.</param>
/// <param name="Address">In vmlinux the (unrelocated) address, in a module the value within its section; 0 where the source does not know it.</param>
/// <param name="Type"><c>nm</c>'s letter: <c>T</c>/<c>t</c> text, <c>D</c>/<c>d</c> data…; <c>?</c> where the source does not know it.</param>
/// <param name="Position">The kernel's sympos, from 1, among symbols of this name in this object.</param>
/// <param name="Count">How many symbols of this name the object has.</param>
/// <param name="IsInit">Lies in memory freed after boot or after the module's init (or is only known while the module loads).</param>
/// <param name="SourceFile">The C file as the symbol table's STT_FILE entries say it; null where the source has none.</param>
public sealed record KernelSymbol(
    string Object, string Name, ulong Address, char Type, int Position, int Count, bool IsInit, string? SourceFile)
{
    /// <summary>Whether ftrace can hook it; null where the source does not tell.</summary>
    public bool? HasFtraceEntry { get; init; }

    /// <summary>Behind it lies a nameless function with an ftrace site, which the kernel may take for its (<see cref="FtraceSitePlaces.HasStray"/>).</summary>
    public bool HasStrayFtraceSite { get; init; }

    /// <summary>Index of the section it lies in, for a module's symbol; 0 for vmlinux.</summary>
    public int SectionIndex { get; init; }

    /// <summary>In a text section, so that it can be a function; true also where the source does not know the type.</summary>
    public bool IsFunction => Type is 't' or 'T' or 'w' or 'W' or '?';

    /// <summary>
    /// The position counts differently before and after the module's init, because an earlier symbol of this name goes away with the init memory:
    /// no number is right for both.
    /// </summary>
    public bool IsTimingDependent { get; init; }
}
