using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>
/// The compiler's prefix maps that keep this machine's paths out of objects. WARN_ON puts <c>__FILE__</c> into .rodata, and debug data holds every path.
/// </summary>
/// <remarks>
/// The strings are those that kbuild gets when it is given the same words through KCFLAGS: sources relative to the module's folder, headers of the build tree as
/// <c>./include/…</c> (kbuild runs there), headers of the source tree as kbuild's own map makes them. gcc takes the last map that fits, clang 14 the longest: so the longest comes last.
/// </remarks>
public static class PrefixMaps
{
    /// <summary>The words for one project.</summary>
    /// <param name="profile">The kernel.</param>
    /// <param name="projectDirectory">Folder of the sources (kbuild's M=).</param>
    /// <param name="objectDirectory">Folder of the objects; only mapped where it lies outside the project.</param>
    /// <param name="sdkIncludeDirectory">Folder of our headers.</param>
    public static IReadOnlyList<string> For(KernelProfile profile, string projectDirectory, string? objectDirectory = null, string? sdkIncludeDirectory = null)
    {
        var maps = new List<Map>();
        void Add(string kind, string old, string @new)
        {
            // The compiler splits at the first '='.
            if (!old.Contains('=', StringComparison.Ordinal))
            {
                maps.Add(new Map(kind, old, @new));
            }
        }

        var project = projectDirectory.TrimEnd('/');
        Add("file", project, ".");
        Add("file", project + "/", "");
        if (objectDirectory is not null && !objectDirectory.StartsWith(project + "/", StringComparison.Ordinal))
        {
            Add("file", objectDirectory.TrimEnd('/') + "/", "obj/");
        }

        if (sdkIncludeDirectory is not null)
        {
            Add("file", sdkIncludeDirectory.TrimEnd('/') + "/", "klp-sdk/");
        }

        foreach (var tree in new[] { profile.SourceTree, profile.BuildDirectory }.Distinct())
        {
            Add("debug", tree.TrimEnd('/') + "/", DebugName(tree) + "/");
        }

        var build = profile.BuildDirectory.TrimEnd('/') + "/";
        if (!profile.CompilerFlags.Any(f => f.Contains("-prefix-map=" + build + "=", StringComparison.Ordinal)))
        {
            Add("macro", build, "./");
        }

        maps.Sort((a, b) => a.Old.Length != b.Old.Length ? a.Old.Length - b.Old.Length : string.CompareOrdinal(a.Kind + a.Old, b.Kind + b.Old));
        return maps.ConvertAll(m => $"-f{m.Kind}-prefix-map={m.Old}={m.New}");
    }

    /// <summary>What debug data calls a kernel tree, wherever it lies: the place where a distribution has it.</summary>
    public static string DebugName(string tree) => "/usr/src/" + Path.GetFileName(tree.TrimEnd('/'));

    // A class and not a tuple: generic code over reference types is compiled ahead of time, and this runs in every build.
    private sealed record Map(string Kind, string Old, string New);
}
