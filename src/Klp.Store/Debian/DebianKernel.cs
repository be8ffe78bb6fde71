namespace Klp.Store;

/// <summary>A kernel of a Debian archive: which packages it takes to build for it and to read its symbols.</summary>
/// <param name="Packages">For the kernel's own architecture, and the build tools for this machine's.</param>
/// <param name="ToolLibraries">Libraries of the build tools, for the machines whose own are too old.</param>
/// <param name="Compilers">Compiler packages that the headers name, such as <c>gcc-12</c>.</param>
/// <param name="BuildPackages">Packages that the build tools need, such as <c>libelf1</c> and <c>pahole</c>.</param>
public sealed record DebianKernel(
    string Release, DebianArchitecture Architecture, IReadOnlyList<Package> Packages, IReadOnlyList<Package> ToolLibraries, IReadOnlyList<string> Compilers, IReadOnlyList<string> BuildPackages);
