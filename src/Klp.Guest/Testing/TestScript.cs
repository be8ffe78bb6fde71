namespace Klp.Guest;

/// <summary>A project's test for the guest: a script of its shell, or a static program.</summary>
/// <param name="Name">Unique in its phase.</param>
/// <param name="File">Where it lies on the host, for messages.</param>
public sealed record TestScript(string Name, TestPhase Phase, TestExpectation Expect, string File, ReadOnlyMemory<byte> Content);
