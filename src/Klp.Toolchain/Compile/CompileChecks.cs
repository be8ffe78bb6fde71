using Klp.Base;

namespace Klp.Toolchain;

/// <summary>What can be wrong with a list of sources before any is compiled; all of it is said.</summary>
internal static class CompileChecks
{
    /// <summary>KLP0029 (an option), KLP0118 (missing), KLP0119 (kind, or two sources for one object), KLP0122 (none).</summary>
    public static bool Check(CompileRequest request, DiagnosticBag diagnostics)
    {
        var said = new DiagnosticBag();
        if (request.Sources.Count == 0)
        {
            var areForOthers = request.SourcesForOtherKernels > 0;
            said.Error(
                "KLP0122",
                SourcePlace.None,
                areForOthers ? "None of the project's sources is for this kernel: the Kernels metadata of each leaves it out." : "The project has no source to compile.",
                areForOthers ? "Correct the wildcards in Kernels, or add a source for this kernel." : "Put a .c file next to the project, or add <Compile Include=\"…\" />.");
        }

        OptionChecks.Check(request, said);
        var objects = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in request.Sources)
        {
            if (!source.IsAssembly && !source.Path.EndsWith(".c", StringComparison.Ordinal))
            {
                said.Error("KLP0119", source.Path, "Only .c and .S files can be compiled into a module.", "Remove the Compile item, or rename the file.");
            }
            else if (!File.Exists(source.Path))
            {
                said.Error("KLP0118", source.Path, Directory.Exists(source.Path) ? "This source is a folder." : "This source does not exist.", "Correct or remove its Compile item.");
            }
            else if (SpecialFile.Is(source.Path))
            {
                // The compiler would wait for ever for what a pipe has to say.
                said.Error("KLP0118", source.Path, "This source is a pipe or a device.", "Remove it, or its Compile item.");
            }
            else if (DeadLink(source.Path) is { } target)
            {
                said.Error("KLP0118", source.Path, $"This source is a link to {target}, which does not exist.", "Correct or remove the link, or remove the source's Compile item.");
            }

            var file = ProjectPaths.ObjectFile(source.Path, request.ProjectDirectory, request.ObjectDirectory);
            if (!objects.TryAdd(file, source.Path))
            {
                var isSame = objects[file] == source.Path;
                said.Error(
                    "KLP0119",
                    source.Path,
                    isSame ? "This source is listed twice." : $"This source and {objects[file]} would become the same object, {Path.GetFileName(file)}.",
                    isSame
                        ? "The project's *.c are sources without being named: remove the Compile item, write Update in place of Include to give it metadata, or set EnableDefaultCompileItems to false."
                        : "Rename one of them, or remove one of the Compile items.");
            }
        }

        diagnostics.AddRange(said);
        return !said.HasErrors;
    }

    // A link exists to .NET whether or not its target does.
    private static string? DeadLink(string path)
    {
        try
        {
            return new FileInfo(path) is { LinkTarget: { } target } link && link.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true } ? target : null;
        }
        catch (IOException)
        {
            return path; // a circle of links
        }
    }
}
