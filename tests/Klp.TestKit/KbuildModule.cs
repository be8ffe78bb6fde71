namespace Klp.TestKit;

/// <summary>A module that the kernel's make built, with what it left beside it; gone when disposed.</summary>
/// <param name="Folder">Holds sources and all that kbuild wrote.</param>
/// <param name="Name">As the kernel says it.</param>
/// <param name="File">The finished <c>.ko</c>.</param>
/// <param name="ObjectFile">The merged object after objtool and before modpost.</param>
/// <param name="Output">What make printed.</param>
public sealed record KbuildModule(TemporaryFolder Folder, string Name, string File, string ObjectFile, string Output) : IDisposable
{
    public void Dispose() => Folder.Dispose();
}
