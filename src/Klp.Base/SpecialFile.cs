using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Klp.Base;

/// <summary>Whether a name stands for stored bytes, or for a device, pipe or open descriptor. .NET does not tell these apart (their attributes are Normal).</summary>
/// <remarks>Source: statx(2). Its record, unlike stat's, is the same on every architecture.</remarks>
public static partial class SpecialFile
{
    private const int CurrentFolder = -100;
    private const uint WantType = 1;
    private const int RecordSize = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int RegularFile = 0x8000;
    private const int Folder = 0x4000;
    private const int Interrupted = 4;

    /// <summary>A device, a pipe or a socket, also behind links; false for what is not there.</summary>
    public static bool Is(string path) => TypeOf(path) is { } type and not (RegularFile or Folder);

    /// <summary>
    /// Stored bytes, also behind links. What a walk through a folder finds and this refuses must not be opened: a pipe that nobody writes to blocks for ever.
    /// </summary>
    public static bool IsRegular(string path) => OperatingSystem.IsWindows() ? File.Exists(path) : TypeOf(path) is RegularFile;

    /// <summary>Something that must be written where it is: a rename would put a file in place of the device, or of <c>/dev/stdout</c>.</summary>
    public static bool IsWrittenInPlace(string path) =>
        path.StartsWith("/proc/", StringComparison.Ordinal) || path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path is "/dev/stdout" or "/dev/stderr" || Is(path);

    /// <summary>
    /// The number of this process's own descriptor that a name stands for, where stored bytes are behind it; null otherwise. Opened by that name such a file
    /// would be written at its start, wherever the shell (<c>&gt;&gt;</c>) or a command before this one left off.
    /// </summary>
    public static int? OwnDescriptor(string path)
    {
        var number = path switch
        {
            "/dev/stdout" => "1",
            "/dev/stderr" => "2",
            _ when path.StartsWith("/dev/fd/", StringComparison.Ordinal) => path["/dev/fd/".Length..],
            _ when path.StartsWith("/proc/self/fd/", StringComparison.Ordinal) => path["/proc/self/fd/".Length..],
            _ => "",
        };
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor) && IsRegular(path) ? descriptor : null;
    }

    /// <summary>Writes at the place where the descriptor stands, and moves it on; .NET's streams do neither for a file that can seek.</summary>
    public static unsafe void Write(int descriptor, ReadOnlySpan<byte> content)
    {
        fixed (byte* bytes = content)
        {
            for (nint done = 0; done < content.Length;)
            {
                var count = write(descriptor, bytes + done, content.Length - done);
                if (count < 0 && Marshal.GetLastPInvokeError() is var error and not Interrupted)
                {
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
                }

                done += Math.Max(0, count);
            }
        }
    }

    /// <summary>The file's type as its mode has it; null for what is not there.</summary>
    private static int? TypeOf(string path)
    {
        if (OperatingSystem.IsWindows() || path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        Span<byte> record = stackalloc byte[RecordSize];
        if (statx(CurrentFolder, path, 0, WantType, record) != 0)
        {
            return null;
        }

        var mode = BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(record[ModeOffset..]) : BinaryPrimitives.ReadUInt16BigEndian(record[ModeOffset..]);
        return mode & TypeMask;
    }

#pragma warning disable SYSLIB1054, IDE1006 // libc's own name
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, Span<byte> record);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int descriptor, byte* content, nint length);
#pragma warning restore SYSLIB1054, IDE1006
}
