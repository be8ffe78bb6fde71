using Klp.Base;
using Klp.Kernel;
using Klp.Toolchain;

namespace Klp.Build.Tasks;

/// <summary>Turns the words of a project's properties into the choices of the rooms; a word nobody knows is KLP0029.</summary>
internal static class ProjectChoices
{
    public static ProbeRequest? Probe(KernelItem kernel, string searchPath, string projectFile, Func<string, string> fullPath, DiagnosticBag diagnostics)
    {
        var before = diagnostics.Count;
        var request = new ProbeRequest
        {
            BuildDirectory = kernel.BuildDirectory,
            CacheDirectory = fullPath(kernel.CacheDirectory),
            SearchPath = searchPath,
            Toolchain = Choice<CompilerFamily>("KlpToolchain", kernel.Toolchain, projectFile, diagnostics),
            CompilerPath = Tool(kernel.CompilerPath, fullPath),
            LinkerPath = Tool(kernel.LinkerPath, fullPath),
            CrossPrefix = kernel.CrossPrefix,
            CompilerVersionCheck = Choice<CompilerVersionCheck>("KlpCompilerVersionCheck", kernel.CompilerVersionCheck, projectFile, diagnostics) ?? default,
            ForLivepatch = !kernel.IsOrdinary,

            // Null for the tree's own, so that a message about it does not speak of a property that nobody set.
            SymversFile = kernel.SymversFile == kernel.BuildDirectory + "/Module.symvers" ? null : kernel.SymversFile,
        };
        return diagnostics.Count == before ? request : null;
    }

    private static T? Choice<T>(string property, string? word, string projectFile, DiagnosticBag diagnostics) where T : struct, Enum
    {
        if (string.IsNullOrEmpty(word))
        {
            return null;
        }

        if (Enum.GetNames<T>().FirstOrDefault(n => n.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } name)
        {
            return Enum.Parse<T>(name);
        }

        diagnostics.Error("KLP0029", projectFile, $"{property} is '{word}', which means nothing.", $"Use one of: {string.Join(", ", Enum.GetNames<T>())}.");
        return null;
    }

    // A bare name is looked up on the search path; anything with a slash is a path of the project.
    private static string? Tool(string? tool, Func<string, string> fullPath) => tool is not null && tool.Contains('/') ? fullPath(tool) : tool;
}
