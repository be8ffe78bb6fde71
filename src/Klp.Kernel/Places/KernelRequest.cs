using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Kernel;

/// <summary>
/// What a project asked for and what its evaluation made of it. <see cref="Check"/> says, in the user's terms, what is missing; it chooses nothing.
/// </summary>
public sealed partial record KernelRequest
{
    /// <summary>The project file, the place of every message.</summary>
    public required string ProjectFile { get; init; }

    /// <summary><c>TargetKernel</c> as written; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the name became; empty where nothing fits.</summary>
    public string Release { get; init; } = "";

    /// <summary><c>KlpKernelBuildDirectory</c> as written; may be empty.</summary>
    public string NamedDirectory { get; init; } = "";

    /// <summary>The tree found; empty where there is none.</summary>
    public string BuildDirectory { get; init; } = "";

    public required string Store { get; init; }

    /// <summary>Stands before the places of the running system; empty for the real one.</summary>
    public string Root { get; init; } = "";

    /// <summary>True where a usable tree was found, and is whole where it lies in the store; otherwise the reason is in <paramref name="diagnostics"/>.</summary>
    public bool Check(DiagnosticBag diagnostics)
    {
        var before = diagnostics.Count;
        if (NamedDirectory.Length > 0)
        {
            CheckNamedDirectory(diagnostics);
        }
        else if (Release.Length == 0)
        {
            CheckNoRelease(diagnostics);
        }
        else if (BuildDirectory.Length == 0)
        {
            CheckNoTree(diagnostics);
        }
        else if (BuildDirectory == $"{Store}/{Release}/build")
        {
            EntrySeal.Check(Store, Release, diagnostics);
        }

        return diagnostics.Count == before;
    }

    private void CheckNamedDirectory(DiagnosticBag diagnostics)
    {
        if (!Directory.Exists(BuildDirectory))
        {
            diagnostics.Error("KLP0022", ProjectFile, $"KlpKernelBuildDirectory names {BuildDirectory}, which does not exist.", "Name a folder against which modules are built, such as /lib/modules/<release>/build.");
        }
        else if (Release.Length == 0)
        {
            diagnostics.Error("KLP0022", ProjectFile, $"KlpKernelBuildDirectory names {BuildDirectory}, which is no prepared kernel build tree: it has no include/generated/utsrelease.h.",
                "In a kernel source tree run `make modules_prepare` first.");
        }
        else if (Name.Length > 0 && Name != Release)
        {
            diagnostics.Error("KLP0023", ProjectFile, $"TargetKernel is {Name}, but KlpKernelBuildDirectory names a tree of {Release}.", "Remove one of the two.");
        }
    }

    private void CheckNoRelease(DiagnosticBag diagnostics)
    {
        var here = KernelPlaces.Find(Store, Root);
        if (Name.Length > 0)
        {
            diagnostics.Error("KLP0020", ProjectFile, $"TargetKernel is '{Name}', which is neither a kernel release nor an alias of the store.", Paste(here), List(here));
        }
        else if (here.Count == 0)
        {
            diagnostics.Error("KLP0020", ProjectFile, "No kernel build tree is here: neither in the kernel store nor in /lib/modules, /usr/src.", "Get one: klp kernel add newest. " + InstallHint.ForHeaders(null, Root));
        }
        else
        {
            diagnostics.Error("KLP0021", ProjectFile, "The project names no kernel, the running kernel's build tree is not here, and there is more than one other.", Paste(here), List(here));
        }
    }

    private void CheckNoTree(DiagnosticBag diagnostics)
    {
        // An entry of the store that lost its tree has the name still: fetching it again takes removing it.
        if (Directory.Exists($"{Store}/{Release}") && !EntrySeal.Check(Store, Release, diagnostics))
        {
            return;
        }

        var here = KernelPlaces.Find(Store, Root);
        if (Release.AsSpan().ContainsAny('*', '?'))
        {
            diagnostics.Error("KLP0020", ProjectFile, $"TargetKernel is '{Release}', a pattern; a kernel is named by its release or an alias, and several one by one (TargetKernels).", Paste(here), [.. List(here), .. Aliases()]);
            return;
        }

        string[] notes = ["looked for " + string.Join(", ", KernelPlaces.Candidates(Release, Store, Root)), .. List(here), .. Aliases()];
        if (char.IsAsciiDigit(Release[0]))
        {
            diagnostics.Error("KLP0020", ProjectFile, $"The build tree (headers) of kernel {Release} is not here.", $"Get it: klp kernel add {Release}. {InstallHint.ForHeaders(Release, Root)}", notes);
            return;
        }

        // The names that the store keeps itself cannot be given to another kernel.
        var get = Release == "newest" || IsDebianRelease().IsMatch(Release) ? $"Get it: klp kernel add {Release}." : $"Give a kernel that name: klp kernel add newest --alias {Release}.";
        diagnostics.Error("KLP0020", ProjectFile, $"TargetKernel is '{Release}', which is neither the release of a kernel that is here nor an alias of the store.", get + (here.Count > 0 ? " " + Paste(here) : ""), notes);
    }

    private string[] Aliases()
    {
        try
        {
            return Directory.Exists(Store + "/aliases") ? [.. Directory.GetFiles(Store + "/aliases").Where(SpecialFile.IsRegular).Order(StringComparer.Ordinal).Select(f => $"alias: {Path.GetFileName(f)} ({File.ReadAllText(f).Trim()})")] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The store's newest is one of this machine's architecture where there is one.
    private string Paste(IReadOnlyList<KernelPlace> here)
    {
        var newest = KernelName.Release("newest", Store, Root);
        return here.Count == 0
            ? "Get one: klp kernel add newest. Or set KlpKernelBuildDirectory."
            : $"Put one into the project: <TargetKernel>{(here.Any(p => p.Release == newest) ? newest : here[^1].Release)}</TargetKernel>";
    }

    [GeneratedRegex("^debian[0-9]+$")]
    private static partial Regex IsDebianRelease();

    private static string[] List(IReadOnlyList<KernelPlace> here) =>
        [.. here.Select(p => $"here: {p.Release} ({p.BuildDirectory})")];
}
