using Klp.Base;

namespace Klp.Guest;

/// <summary>
/// Loads a patch into a booted kernel, shows what it does, takes it out again: the steps, and what their results mean to the patch's author.
/// </summary>
public static class PatchRun
{
    public const string Before = "before";
    public const string Load = "load";
    public const string Transition = "transition";
    public const string Targets = "load the patched modules";
    public const string With = "with";
    public const string Command = "command";
    public const string Disable = "disable";
    public const string Unload = "unload";
    public const string After = "after";

    private const string LoadTargetPrefix = "load ";

    /// <summary>The steps of one patch, as one group; several patches can share a boot.</summary>
    public static IReadOnlyList<GuestStep> Steps(PatchRunRequest request, string group = "")
    {
        var name = request.Module.Name;
        var steps = new List<GuestStep>();
        void Show(string when)
        {
            if (request.Command is null)
            {
                steps.Add(new GuestStep(when, request.ShowCommand ?? StateCommand(name)));
            }
        }

        steps.AddRange(request.LoadBefore.Select(m => GuestStep.Insert(LoadTargetPrefix + m.Name, m)));
        Show(Before);
        steps.Add(GuestStep.Insert(Load, request.Module));
        steps.Add(GuestStep.AwaitTransition(Transition, name, request.TransitionTimeout));
        steps.AddRange(request.LoadAfter.Select(m => GuestStep.Insert(LoadTargetPrefix + m.Name, m)));
        if (request.Candidates.Count > 0)
        {
            steps.Add(new GuestStep(Targets, LoadTargetsCommand(request)) { Role = GuestStepRole.Required });
        }

        Show(With);
        if (request.Command is not null)
        {
            steps.Add(new GuestStep(Command, request.Command) { Interactive = request.Interactive, Timeout = request.Guest.Timeout });
        }

        steps.Add(GuestStep.Disable(Disable, name, request.TransitionTimeout));
        steps.Add(GuestStep.Remove(Unload, name));
        Show(After);
        return steps.Select(s => s with { Group = group }).ToArray();
    }

    /// <summary>The modules that those steps load.</summary>
    public static IReadOnlyList<GuestModule> Modules(PatchRunRequest request) =>
        request.LoadBefore.Concat(request.LoadAfter).Concat(request.Candidates.Values.SelectMany(m => m)).Append(request.Module).DistinctBy(m => m.Name).ToArray();

    /// <summary>Boots, goes through the steps and judges.</summary>
    /// <returns>Null where nothing could be started. The patch did what it should exactly where <paramref name="diagnostics"/> has no error.</returns>
    public static async Task<GuestResult?> RunAsync(PatchRunRequest request, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var guest = request.Guest with { Steps = Steps(request), Modules = Modules(request) };
        var result = await GuestRunner.RunAsync(guest, diagnostics, cancellation).ConfigureAwait(false);
        if (result is not null)
        {
            Judge(request, result, result.Steps, diagnostics);
        }

        return result;
    }

    /// <summary>Says what went wrong in the steps of one patch: KLP0808 to KLP0813.</summary>
    public static void Judge(PatchRunRequest request, GuestResult boot, IReadOnlyList<GuestStepResult> steps, DiagnosticBag diagnostics)
    {
        var failed = steps.FirstOrDefault(s => s is { Step.Role: GuestStepRole.Required, Ran: true, ExitCode: not 0 and not null });
        if (failed is not null)
        {
            Failure(request, failed, boot, diagnostics);
        }

        // A panic is said already, with more of the log.
        var log = steps.SelectMany(s => s.KernelLog).ToList();
        if (log.FindIndex(l => l.IsTrouble) is var trouble and >= 0 && boot.Verdict == GuestVerdict.Finished)
        {
            // What a WARN() has to say stands between this mark and its own first line.
            var mark = log.FindLastIndex(trouble, Math.Min(trouble + 1, 20), l => l.Text.Contains("[ cut here ]", StringComparison.Ordinal));
            diagnostics.Error("KLP0813", request.ModuleFile, "The kernel reported trouble while the patch was loaded, in use or unloaded.",
                "Its report is in the log below; a report that the same steps without the patch bring too is the kernel's own.",
                [.. log.Skip(mark < 0 ? trouble : mark).Take(60).Select(l => l.ToString())]);
        }
    }

    private static void Failure(PatchRunRequest request, GuestStepResult failed, GuestResult boot, DiagnosticBag diagnostics)
    {
        var name = request.Module.Name;
        var (log, said) = (failed.KernelLog.Select(l => l.Text), failed.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        IReadOnlyList<string> words = [.. log, .. said];
        // Who holds a transition up stands in the step's own words.
        IReadOnlyList<string> holders = [.. said, .. log];
        switch (failed.Step.Name)
        {
            case Load:
                diagnostics.Error("KLP0808", request.ModuleFile, $"The kernel {boot.Release} refuses to load this module.", "Its own words follow.", words);
                break;
            case Transition when failed.ExitCode == TestSteps.NoPatch:
                diagnostics.Error("KLP0809", request.ModuleFile,
                    $"The module is loaded, but the kernel has no /sys/kernel/livepatch/{name}: it enabled no patch.",
                    "A livepatch module calls klp_enable_patch() in its init function; the author's header does (KLP_MODULE).", words);
                break;
            case Transition:
                diagnostics.Error("KLP0810", request.ModuleFile,
                    $"The transition to the patched state was not over after {request.TransitionTimeout.TotalSeconds:0} seconds.",
                    "Some task sleeps in a function that the patch replaces; it is named below, with its stack. Patch a function nearer to the leaf.", holders);
                break;
            case Disable when failed.ExitCode == TestSteps.Refused:
                diagnostics.Error("KLP0811", request.ModuleFile, "The kernel refuses to disable the patch, which is still in place.",
                    "It does so while another patch is in transition: that one has to arrive first.", words);
                break;
            case Disable:
                diagnostics.Error("KLP0811", request.ModuleFile,
                    $"The transition back was not over after {request.TransitionTimeout.TotalSeconds:0} seconds; the patch is still in place.",
                    "Some task sleeps in a function of the patch; it is named below, with its stack. Let the function come back, or patch one nearer to the leaf.", holders);
                break;
            case Unload:
                diagnostics.Error("KLP0811", request.ModuleFile, "The patch is disabled, but its module cannot be unloaded.",
                    "The kernel unloads a module only where it has a module_exit(), which may be empty, and where nothing uses it.", words);
                break;
            default:
                diagnostics.Error("KLP0812", request.ModuleFile, $"A module of the kernel that this patch needs cannot be loaded ({failed.Step.Name}).",
                    "Its own words follow.", words);
                break;
        }
    }

    /// <summary>Loads what the patch patches and what is not loaded yet; the kernel lists a patch's objects in sysfs.</summary>
    private static string LoadTargetsCommand(PatchRunRequest request)
    {
        var cases = request.Candidates.Select(c => $"    {c.Key}) set -- {string.Join(' ', c.Value.Select(m => m.Name))} ;;");
        return $$"""
            for folder in /sys/kernel/livepatch/{{request.Module.Name}}/*/; do
              object=${folder%/}
              case ${object##*/} in
            {{string.Join('\n', cases)}}
                *) set -- ;;
              esac
              for module; do
                [ -e /sys/module/$module/initstate ] || insmod /klp/modules/$module.ko || exit 1
              done
            done
            """;
    }

    /// <summary>The default show: every file under the patch's folder in sysfs, or that there is none.</summary>
    private static string StateCommand(string name) => $$"""
        cd /sys/kernel/livepatch 2>/dev/null || { echo "this kernel has no livepatch support"; exit 1; }
        [ -d {{name}} ] || { echo "{{name}}: not loaded"; exit 0; }
        find {{name}} -type f | sort | while read -r file; do
          value=$(cat "$file" 2>/dev/null) && echo "$file: $value"
        done
        find {{name}} -mindepth 2 -type d | sort
        """;
}
