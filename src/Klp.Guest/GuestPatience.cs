using System.Globalization;

namespace Klp.Guest;

/// <summary>
/// How scripts in the guest wait at most for something: by the guest's own clock, and not by how often they looked. The kernel's patience is by the clock too: after 15
/// seconds it wakes the tasks that hold a transition up (kernel/livepatch/transition.c), and on a busy host a look takes a multiple of its time.
/// </summary>
internal static class GuestPatience
{
    /// <summary>Shell condition: the time that <see cref="Begin"/> gave is over.</summary>
    public const string IsOver = "[ $(date +%s) -gt $end ]";

    /// <summary>Shell line: from now on. Not /proc/uptime: a patch may be of that very file.</summary>
    public static string Begin(TimeSpan atMost) =>
        string.Create(CultureInfo.InvariantCulture, $"end=$(($(date +%s) + {Math.Max(1, (int)atMost.TotalSeconds)}))");
}
