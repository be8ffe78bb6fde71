namespace Klp.Kernel;

/// <summary>One relocation type of one machine.</summary>
/// <param name="Type">Its number in r_info.</param>
/// <param name="Name">As the psABI and readelf write it.</param>
/// <param name="Width">Bytes it changes; an instruction field counts as the whole instruction word.</param>
/// <param name="LoaderAccepts">Whether the kernel's apply_relocate_add knows it; if not, a module that has it does not load.</param>
public sealed record RelocationFact(uint Type, string Name, int Width, RelocationForm Form, bool LoaderAccepts = true);
