using System.Globalization;

namespace Klp.Base;

/// <summary>Whether the process that a temporary file is named after is gone. Its number alone does not tell: it may be another's by now, or a dead process's that nobody has waited for.</summary>
/// <remarks>Source: proc_pid_stat(5): the state is the 3rd field, the start in ticks since boot the 22nd; proc_stat(5): btime.</remarks>
public static class FileOwner
{
    /// <summary>USER_HZ, the same on every architecture that runs .NET.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>The boot's time is in whole seconds, and a file's may be a tick of the kernel's clock behind.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(3);

    /// <param name="process">The number in the file's name.</param>
    /// <param name="lastWrite">When the file was last written, UTC: a process that started after that is not the one that wrote it.</param>
    public static bool IsGone(int process, DateTime lastWrite)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            // Behind the command's name, which may hold anything but ends with the last bracket.
            var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields[0] is "Z" or "X" || Boot().AddSeconds(long.Parse(fields[19], CultureInfo.InvariantCulture) / (double)TicksPerSecond) > lastWrite + _tolerance;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            // It went while it was looked at, or cannot be looked at: the next one sweeps.
            return false;
        }
    }

    private static DateTime Boot()
    {
        var line = File.ReadLines("/proc/stat").First(l => l.StartsWith("btime ", StringComparison.Ordinal));
        return DateTime.UnixEpoch.AddSeconds(long.Parse(line["btime ".Length..], CultureInfo.InvariantCulture));
    }
}
