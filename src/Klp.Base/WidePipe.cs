using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Klp.Base;

/// <summary>A pipe that holds more than the usual 64 KiB, for a writer that does not wait when it is full.</summary>
/// <remarks>Source: fcntl(2), F_SETPIPE_SZ; /proc/sys/fs/pipe-max-size is 1 MiB for users.</remarks>
public static partial class WidePipe
{
    private const int SetPipeSize = 1031;
    private const int Size = 1 << 20;

    /// <summary>Makes this pipe as wide as a user may; what is no pipe, or may not grow, stays as it is.</summary>
    public static void Widen(Stream stream)
    {
        if (stream is PipeStream pipe && OperatingSystem.IsLinux())
        {
            _ = fcntl(pipe.SafePipeHandle, SetPipeSize, Size);
        }
    }

#pragma warning disable SYSLIB1054, IDE1006 // libc's own name
    [LibraryImport("libc")]
    private static partial int fcntl(SafeHandle descriptor, int command, nint argument);
#pragma warning restore SYSLIB1054, IDE1006
}
