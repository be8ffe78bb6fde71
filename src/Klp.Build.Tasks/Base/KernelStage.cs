using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>A stage that works for one kernel, after its probe: it has the kernel's item and profile, and remembers what it did.</summary>
public abstract class KernelStage : KernelTask
{
    /// <summary>The profile's file, which ProbeKernel gave.</summary>
    [Required]
    public string ProfileFile { get; set; } = "";

    /// <summary><c>$(PATH)</c>: where tools are found.</summary>
    public string SearchPath { get; set; } = "";

    private protected SharedFacts Facts => new(BuildEngine4, ProjectDirectory);

    private protected KernelProfile Profile => Facts.Profile(ProfileFile);

    /// <summary>The lines of a module, with the kernel's headers where they really lie: a place that no editor can open helps nobody.</summary>
    private protected static LineTable Lines(ElfFile module, KernelProfile profile) => LineTable.Read(module, PrefixMaps.DebugName(profile.SourceTree), profile.SourceTree);

    /// <summary>The layout of the kernel's livepatch structs. A module that is no livepatch may be for a kernel without; it has none of them, so any layout reads none.</summary>
    private protected static LivepatchLayout Layout(KernelProfile profile) => profile.Template.Livepatch ?? LivepatchLayout.Usual;

    /// <summary>Runs <paramref name="work"/> unless nothing it reads has changed; then repeats what the recorded run had to say.</summary>
    /// <param name="outputs">Absolute paths of what the stage writes; the first one names its state file.</param>
    /// <param name="words">Everything but files that decides the result.</param>
    /// <param name="inputs">Absolute paths of what it reads.</param>
    /// <param name="work">Writes the outputs by rename; false after an error.</param>
    private protected void Recorded(
        string stage, IReadOnlyList<string> outputs, IEnumerable<string> words, IEnumerable<string> inputs, DiagnosticBag diagnostics, Func<StageRecord, DiagnosticBag, bool> work)
    {
        var record = StageRecord.Begin(stage, outputs[0] + ".state", [.. words, ToolIdentity.Current()], [.. inputs], Facts.Digests());
        if (record.IsUpToDate(outputs))
        {
            Log.LogMessage(MessageImportance.Low, "{0}: up to date", stage);
            diagnostics.AddRange(record.Diagnostics);
            return;
        }

        Log.LogMessage(MessageImportance.Low, "{0}: {1}", stage, record.Reason);
        var said = new DiagnosticBag();
        if (work(record, said) && !said.HasErrors)
        {
            record.Save(outputs, said, said);
        }

        diagnostics.AddRange(said);
    }
}
