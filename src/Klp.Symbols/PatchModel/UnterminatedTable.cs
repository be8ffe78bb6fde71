namespace Klp.Symbols;

/// <summary>An array of <c>klp_object</c> or <c>klp_func</c> without an empty element at its end.</summary>
/// <param name="Name">Of the variable.</param>
/// <param name="Last">The last function that it, or its last object, lists; null where there is none. Its line is as near as debug data tells: that has no lines of variables.</param>
public sealed record UnterminatedTable(string Name, PatchedFunction? Last);
