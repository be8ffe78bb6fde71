using Klp.Base;
using Klp.Elf;

namespace Klp.Guest;

/// <summary>Finds the guest's shell: a statically linked busybox of the host, for the guest's architecture.</summary>
internal static class BusyBox
{
    private const string Cure = "Install a static one (Debian: apt-get install busybox-static).";

    /// <summary>The program's bytes; null with KLP0801.</summary>
    public static byte[]? Read(GuestArchitecture architecture, string searchPath, DiagnosticBag diagnostics)
    {
        // Debian has it in /bin, which a user's PATH may lack.
        var path = ProcessRunner.FindOnPath("busybox", searchPath + ":/bin:/usr/bin", "/");
        if (path is null)
        {
            diagnostics.Error("KLP0801", (string?)null, "The virtual machine needs busybox for its shell, and there is none on this machine.", Cure);
            return null;
        }

        var bytes = SafeFile.Read(path, diagnostics);
        if (bytes is null)
        {
            return null;
        }

        if (!IsStatic(bytes, architecture.Machine))
        {
            diagnostics.Error("KLP0801", path, $"This busybox is not a statically linked program for {architecture.Machine}; "
                + "the virtual machine has no shared libraries.", Cure);
            return null;
        }

        return bytes;
    }

    /// <summary>An ELF program of this machine without PT_INTERP (elf(5)).</summary>
    internal static bool IsStatic(ReadOnlySpan<byte> file, ElfMachine machine)
    {
        const int ProgramInterpreter = 3;
        if (file.Length < 64 || !file.StartsWith("\x7f"u8) || !file[1..].StartsWith("ELF"u8) || file[4] != 2 || file[5] is not (1 or 2))
        {
            return false;
        }

        var order = (ByteOrder)file[5];
        if (order.ReadUInt16(file[18..]) != (ushort)machine)
        {
            return false;
        }

        var (offset, size, count) = (order.ReadUInt64(file[32..]), order.ReadUInt16(file[54..]), order.ReadUInt16(file[56..]));
        for (var i = 0u; i < count; i++)
        {
            var at = offset + i * size;
            if (size < 56 || at > (ulong)file.Length - 56 || order.ReadUInt32(file[(int)at..]) == ProgramInterpreter)
            {
                return false;
            }
        }

        return count > 0;
    }
}
