using System.Runtime.InteropServices;

namespace Klp.Base;

/// <summary>
/// The one place that writes files. A file is written beside its destination and renamed over it, so a reader, a kill or a full disk
/// never leaves half a file under the real name.
/// </summary>
public static class SafeFile
{
    private const int MostUnsized = 256 << 20;

    /// <summary>
    /// Writes <paramref name="content"/> to <paramref name="path"/> atomically, creating its folder.
    /// With <paramref name="keepEqual"/> a file that already has these bytes keeps its time. A file that is replaced hands its permissions on;
    /// a device or pipe (<c>/dev/null</c>, <c>/dev/stdout</c>) is written to and stays.
    /// </summary>
    /// <param name="removeLeftovers">
    /// Also looks through the folder for what a killed writer of this file left. Who writes thousands of files into one folder does that once for all of them.
    /// </param>
    /// <returns>False with KLP0010 in <paramref name="diagnostics"/> where it could not be written; the old file is then untouched.</returns>
    public static bool Write(string path, ReadOnlySpan<byte> content, DiagnosticBag diagnostics, bool keepEqual = true, bool removeLeftovers = true)
    {
        string? temporary = null;
        try
        {
            if (SpecialFile.OwnDescriptor(path) is { } descriptor)
            {
                SpecialFile.Write(descriptor, content);
                return true;
            }

            if (SpecialFile.IsWrittenInPlace(path))
            {
                using var device = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
                device.Write(content);
                return true;
            }

            var old = new FileInfo(path);
            if (keepEqual && HasContent(old, content))
            {
                return true;
            }

            using (var stream = Begin(path, 1, out temporary))
            {
                stream.Write(content);
            }

            End(temporary, path, old, removeLeftovers);
            return true;
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            Discard(temporary);
            diagnostics.Error("KLP0010", path, $"This file cannot be written: {Reason(e, path)}", Cure(e, path));
            return false;
        }
    }

    /// <summary>As the other, for content that is made while it is written; <paramref name="write"/> gets a stream that can seek.</summary>
    public static bool Write(string path, Action<Stream> write, DiagnosticBag diagnostics)
    {
        string? temporary = null;
        try
        {
            using (var stream = Begin(path, 1 << 16, out temporary))
            {
                write(stream);
            }

            End(temporary, path, new FileInfo(path), removeLeftovers: true);
            return true;
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            diagnostics.Error("KLP0010", path, $"This file cannot be written: {Reason(e, path)}", Cure(e, path));
            return false;
        }
        finally
        {
            Discard(temporary); // not there any more where all went well
        }
    }

    public static bool WriteText(string path, string content, DiagnosticBag diagnostics, bool keepEqual = true) =>
        Write(path, System.Text.Encoding.UTF8.GetBytes(content), diagnostics, keepEqual);

    /// <summary>Reads a whole file; null with KLP0011 where that is not possible. What has no size (a pipe, a device) may give 256 MiB, since one such as <c>/dev/zero</c> never ends.</summary>
    public static byte[]? Read(string path, DiagnosticBag diagnostics)
    {
        try
        {
            return SpecialFile.Is(path) ? ReadUnsized(path) : File.ReadAllBytes(path);
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            diagnostics.Error("KLP0011", path, $"This file cannot be read: {Reason(e, path)}");
            return null;
        }
    }

    /// <summary>As the other, into memory that the next file's bytes will overwrite.</summary>
    public static ReadOnlyMemory<byte>? Read(string path, FileScratch scratch, DiagnosticBag diagnostics)
    {
        try
        {
            if (SpecialFile.Is(path))
            {
                return ReadUnsized(path);
            }

            using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
            var size = RandomAccess.GetLength(handle);
            var content = size <= Array.MaxLength ? scratch.Content((int)size) : throw new IOException("it is larger than 2 GiB.");
            var length = 0;
            for (int count; length < content.Length && (count = RandomAccess.Read(handle, content.Span[length..], length)) > 0; length += count)
            {
            }

            return content[..length];
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            diagnostics.Error("KLP0011", path, $"This file cannot be read: {Reason(e, path)}");
            return null;
        }
    }

    /// <summary>A name beside <paramref name="path"/> that no other process uses: same folder, so that a rename stays on one file system.</summary>
    public static string TemporaryName(string path) => $"{path}.{Environment.ProcessId:x}-{Guid.NewGuid():N}.tmp";

    /// <summary>Deletes a file if it is there; never throws.</summary>
    public static void Discard(string? path)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A leftover with a unique name harms nobody.
        }
    }

    private static FileStream Begin(string path, int bufferSize, out string temporary)
    {
        var directory = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(directory))
        {
            Directory.CreateDirectory(directory);
        }

        temporary = TemporaryName(path);
        return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize);
    }

    private static void End(string temporary, string path, FileInfo old, bool removeLeftovers)
    {
        if (!OperatingSystem.IsWindows() && old.Exists && !old.Attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            File.SetUnixFileMode(temporary, old.UnixFileMode);
        }

        File.Move(temporary, path, overwrite: true);
        if (removeLeftovers)
        {
            RemoveLeftovers(path);
        }
    }

    private static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    // What a killed writer of this file left beside it would stay for ever: nobody else knows its name.
    private static void RemoveLeftovers(string path)
    {
        try
        {
            if (Path.IsPathFullyQualified(path))
            {
                Leftovers.RemoveOf(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The file itself is in place; that is what was asked for.
        }
    }

    private static bool HasContent(FileInfo info, ReadOnlySpan<byte> content) =>
        info.Exists && info.Length == content.Length && File.ReadAllBytes(info.FullName).AsSpan().SequenceEqual(content);

    private static byte[] ReadUnsized(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        using var content = new MemoryStream();
        var piece = new byte[1 << 16];
        for (var length = stream.Read(piece); length > 0; length = stream.Read(piece))
        {
            if (content.Length + length > MostUnsized)
            {
                throw new IOException($"it is no file of a known size, and does not end within {MostUnsized >> 20} MiB.");
            }

            content.Write(piece, 0, length);
        }

        return content.ToArray();
    }

    private static string Reason(Exception e, string path) => e switch
    {
        IOException io when IsDiskFull(io) => "no space is left on the device.",
        _ when Directory.Exists(path) => "a folder has this name.",
        UnauthorizedAccessException => "permission denied.",
        IOException when FileInTheWay(path) is { } file => $"{file} is a file, where a folder is needed.",
        DirectoryNotFoundException => "its folder does not exist.",
        FileNotFoundException => "it does not exist.",
        _ => e.Message,
    };

    private static string? Cure(Exception e, string path) => e switch
    {
        IOException io when IsDiskFull(io) => "Free some space and build again; nothing was lost.",
        _ when Directory.Exists(path) => "Move that folder away.",
        UnauthorizedAccessException => "Make its folder writable for this user, or set OutputPath/IntermediateOutputPath to one that is.",
        IOException when FileInTheWay(path) is not null => "Move that file away, or set OutputPath/IntermediateOutputPath to another folder.",
        _ => null,
    };

    /// <summary>The nearest of a path's folders that is no folder but a file.</summary>
    private static string? FileInTheWay(string path)
    {
        var folder = Path.GetDirectoryName(path);
        while (!string.IsNullOrEmpty(folder) && !Directory.Exists(folder))
        {
            if (File.Exists(folder))
            {
                return folder;
            }

            folder = Path.GetDirectoryName(folder);
        }

        return null;
    }

    // ENOSPC (28) and EDQUOT (122) of Linux, as .NET hands them on in HResult.
    private static bool IsDiskFull(IOException e) => e.HResult is 28 or 122 || (RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && e.Message.Contains("No space left", StringComparison.Ordinal));
}
