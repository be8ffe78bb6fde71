namespace Klp.Kernel;

/// <summary>
/// Finds where code jumps, calls or points to inside its own section without a relocation: assemblers resolve such references to local symbols themselves.
/// May report a target too many, never one too few.
/// </summary>
/// <param name="section">The whole section.</param>
/// <param name="start">First byte of the code to look at.</param>
/// <param name="end">Behind its last byte.</param>
/// <param name="targets">Receives offsets into the section; some may lie outside.</param>
public delegate void LocalTargetScanner(ReadOnlySpan<byte> section, int start, int end, List<long> targets);
