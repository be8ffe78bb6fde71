namespace Klp.Modpost;

/// <summary>One output section of a linker script, statements in order.</summary>
/// <param name="Alignment">From <c>ALIGN(n)</c> behind the colon; 1 without.</param>
public sealed record OutputRule(string Name, ulong Alignment, IReadOnlyList<ScriptStatement> Statements)
{
    public bool IsDiscard => Name == LinkerScript.Discard;
}
