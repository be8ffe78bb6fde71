namespace Klp.Modpost;

/// <summary>One object's sources, in the order of the module's objects.</summary>
/// <param name="File">The C or assembler file, absolute.</param>
/// <param name="Dependencies">Every file the compiler read for it (absolute); those in <see cref="Directory"/> count for srcversion.</param>
/// <param name="Directory">The folder kbuild would have the object in: the source's own.</param>
public sealed record ModuleSource(string File, IReadOnlyList<string> Dependencies, string Directory);
