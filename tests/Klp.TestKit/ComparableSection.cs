namespace Klp.TestKit;

/// <summary>One allocated section as text and bytes that can be compared.</summary>
internal sealed record ComparableSection(string Header, byte[] Bytes, IReadOnlyList<string> Relocations);
