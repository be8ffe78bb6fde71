using Klp.Base;

namespace Klp.Toolchain;

/// <summary>What can be wrong with a list of sources before any is compiled; all of it is said.</summary>
internal static class CompileChecks
{
    /// <summary>KLP0118 (missing), KLP0119 (kind, or two sources for one object), KLP0122 (none).</summary>
    public static bool Check(CompileRequest request, DiagnosticBag diagnostics)
    {
        var said = new DiagnosticBag();
        if (request.Sources.Count == 0)
        {
            said.Error("KLP0122", SourcePlace.None, "The project has no source to compile.", "Put a .c file next to the project, or add <Compile Include=\"…\" />.");
        }

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

            var file = ProjectPaths.ObjectFile(source.Path, request.ProjectDirectory, request.ObjectDirectory);
            if (!objects.TryAdd(file, source.Path))
            {
                said.Error(
                    "KLP0119",
                    source.Path,
                    objects[file] == source.Path ? "This source is listed twice." : $"This source and {objects[file]} would become the same object, {Path.GetFileName(file)}.",
                    "Rename one of them, or remove one of the Compile items.");
            }
        }

        diagnostics.AddRange(said);
        return !said.HasErrors;
    }
}
