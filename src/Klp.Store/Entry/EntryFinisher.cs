using Klp.Base;

namespace Klp.Store;

/// <summary>What every way to a kernel ends with: the tree becomes relocatable, its tools run here, the entry is described and sealed.</summary>
internal static class EntryFinisher
{
    /// <param name="libraries">Gets unpacked library packages for tools that do not start here; null where none can be had, with or without a reason.</param>
    /// <param name="bringLibraries">Also where the tools start here: the entry is for machines with an older C library too.</param>
    /// <returns>The manifest as written; null with the reason.</returns>
    public static async Task<KernelManifest?> FinishAsync(
        EntryDraft draft, KernelManifest manifest, Func<Task<string?>> libraries, bool bringLibraries, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (!draft.Link(diagnostics))
        {
            return null;
        }

        var tree = RealPath.Of(Path.Combine(draft.Directory, EntryLayout.Build));
        if (!MakefileRelocation.Apply(draft.Root, tree, manifest, diagnostics))
        {
            return null;
        }

        manifest = manifest with { Architecture = manifest.Architecture.Length > 0 ? manifest.Architecture : StoreEntry.ArchitectureOf(tree) };
        IReadOnlyList<string> programs = [.. new[] { Path.Combine(tree, "scripts"), Path.Combine(tree, "tools") }.Select(RealPath.Of).Append(Path.Combine(draft.Root, "usr/lib")).SelectMany(BuildTools.Find).Distinct()];
        if (bringLibraries || !await BuildTools.StartAsync(programs, cancellation).ConfigureAwait(false))
        {
            var before = diagnostics.Count;
            if (await libraries().ConfigureAwait(false) is not { } available)
            {
                if (diagnostics.Count == before)
                {
                    BuildTools.ReportMissing(programs[0], "the C library of its own distribution", diagnostics);
                }

                return null;
            }

            if (!BuildTools.Wrap(programs, available, Path.Combine(draft.Root, EntryLayout.ToolLibraries), diagnostics))
            {
                return null;
            }

            manifest = manifest with { HasToolLibraries = true, BuildPackages = [.. manifest.BuildPackages.Where(n => !DebianKernels.IsLibrary(n))] };
        }

        return draft.Seal(manifest, diagnostics, cancellation) ? manifest : null;
    }
}
