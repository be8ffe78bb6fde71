namespace Klp.Store;

/// <summary>The Debian archive that packages come from.</summary>
/// <param name="Archive">URI of the archive, such as <c>http://mirror.example/debian</c>.</param>
/// <param name="Security">URI of its security archive; null where there is none.</param>
/// <param name="Keyring">File with the keys that sign it; null for those apt trusts anyway.</param>
/// <param name="Suite">The suite of this machine, used where none is named; empty where there is none.</param>
public sealed record AptMirror(string Archive, string? Security, string? Keyring, string Suite);
