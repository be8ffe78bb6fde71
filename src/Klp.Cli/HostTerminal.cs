using System.Runtime.InteropServices;

namespace Klp.Cli;

/// <summary>
/// The person's terminal in raw mode while the guest's shell has it: every key goes to the guest, whose own terminal does the rest.
/// Disposing brings the old mode back.
/// </summary>
internal sealed partial class HostTerminal : IDisposable
{
    private const int StandardInput = 0;

    // struct termios is 60 bytes with glibc and no more than 80 elsewhere; only libc looks inside.
    private const int TermiosSize = 256;

    private readonly byte[] _old;

    private HostTerminal(byte[] old) => _old = old;

    /// <summary>Null where standard input is no terminal.</summary>
    public static HostTerminal? EnterRaw()
    {
        var settings = new byte[TermiosSize];
        if (Console.IsInputRedirected || tcgetattr(StandardInput, settings) != 0)
        {
            return null;
        }

        var old = (byte[])settings.Clone();
        cfmakeraw(settings);
        return tcsetattr(StandardInput, 0, settings) == 0 ? new HostTerminal(old) : null;
    }

    public void Dispose() => _ = tcsetattr(StandardInput, 0, _old);

#pragma warning disable SYSLIB1054, CA1401, IDE1006 // libc's own names
    [LibraryImport("libc")]
    private static partial int tcgetattr(int descriptor, [Out] byte[] settings);

    [LibraryImport("libc")]
    private static partial int tcsetattr(int descriptor, int when, byte[] settings);

    [LibraryImport("libc")]
    private static partial void cfmakeraw([In, Out] byte[] settings);
#pragma warning restore SYSLIB1054, CA1401, IDE1006
}
