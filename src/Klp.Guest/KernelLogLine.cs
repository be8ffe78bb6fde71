using System.Globalization;
using System.Text.RegularExpressions;

namespace Klp.Guest;

/// <summary>One line of the kernel's log.</summary>
/// <param name="Level">0 (emergency) to 7 (debug); -1 where the line does not say.</param>
/// <param name="Seconds">Since boot; null where the line does not say.</param>
public sealed partial record KernelLogLine(int Level, double? Seconds, string Text)
{
    /// <summary>The line opens a report of something that must not happen in a healthy kernel.</summary>
    public bool IsTrouble => Trouble().IsMatch(Text);

    /// <summary>Reads <c>&lt;6&gt;[    1.234567] text</c> (dmesg -r) and <c>[    1.234567] text</c> (a console).</summary>
    public static KernelLogLine Parse(string line)
    {
        var match = Form().Match(line);
        var level = match.Groups["level"] is { Success: true } l && int.TryParse(l.Value, CultureInfo.InvariantCulture, out var number) ? number & 7 : -1;
        double? seconds = match.Groups["time"] is { Success: true } t ? double.Parse(t.Value, CultureInfo.InvariantCulture) : null;
        return new KernelLogLine(level, seconds, match.Groups["text"].Value);
    }

    public static IReadOnlyList<KernelLogLine> ParseAll(string text) =>
        text.Split('\n').Select(l => l.TrimEnd('\r', '\0')).Where(l => l.Length > 0).Select(Parse).ToArray();

    public override string ToString() => Seconds is { } s ? string.Create(CultureInfo.InvariantCulture, $"[{s,12:F6}] {Text}") : Text;

    [GeneratedRegex(@"^(<(?<level>[0-9]{1,9})>)?(\[ *(?<time>[0-9]{1,12}\.[0-9]{1,9})\](\[ *[TC][0-9]+\])? ?)?(?<text>.*)$", RegexOptions.Singleline)]
    private static partial Regex Form();

    // The openings of lib/bug.c, kernel/panic.c, arch fault handlers, the hung task, soft lockup and RCU stall detectors, and the sanitizers.
    [GeneratedRegex(@"^(WARNING: |BUG: |kernel BUG at |Oops|general protection fault|Kernel panic|traps: Missing ENDBR|Unpatched return thunk|"
        + @"INFO: task .* blocked|INFO: trying to register non-static key|watchdog: BUG|rcu: INFO: .* (detected|self-detected) stall|INFO: rcu_.* stall|UBSAN: |KASAN: |list_(add|del) corruption|"
        + @"refcount_t: |unchecked MSR|Unable to handle kernel|double fault|invalid opcode)")]
    private static partial Regex Trouble();
}
