namespace Klp.Guest;

/// <summary>What the interactive step is connected with.</summary>
/// <param name="Input">Bytes for the guest; its end is passed on as the terminal's end-of-file.</param>
/// <param name="Output">Gets the guest's bytes as they come.</param>
/// <param name="IsTerminal">A person sits there: the guest's shell prompts and echoes. Else it reads a script.</param>
/// <param name="Columns">Width of the window, 0 where unknown.</param>
/// <param name="Rows">Height of the window, 0 where unknown.</param>
public sealed record GuestTerminal(Stream Input, Stream Output, bool IsTerminal, int Columns = 0, int Rows = 0);
