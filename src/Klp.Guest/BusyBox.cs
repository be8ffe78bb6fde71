using System.Runtime.InteropServices;
using Klp.Base;
using Klp.Elf;

namespace Klp.Guest;

/// <summary>
/// Finds the guest's shell: a statically linked busybox of the guest's architecture, from the system the kernel image belongs to (a store's entry
/// with Debian's package in it), else from the host.
/// </summary>
internal static class BusyBox
{
    private const string Cure = "Install a static one (Debian: apt-get install busybox-static).";

    /// <summary>The program's bytes; null with KLP0801, or with KLP0860 where only the kernel's own system could have it.</summary>
    /// <param name="imageFile">Absolute; the root of its system is the folder above its own (<c>root/boot/vmlinuz</c>), or <c>root</c> beside it.</param>
    public static byte[]? Read(GuestArchitecture architecture, string imageFile, string searchPath, DiagnosticBag diagnostics)
    {
        var folder = Path.GetDirectoryName(imageFile) ?? "/";
        string[] roots = [Path.Combine(folder, "root"), Path.GetDirectoryName(folder) ?? "/"];
        foreach (var candidate in roots.SelectMany(r => (string[])[Path.Combine(r, "bin/busybox"), Path.Combine(r, "usr/bin/busybox")]).Where(File.Exists))
        {
            if (SafeFile.Read(candidate, new DiagnosticBag()) is { } own && IsStatic(own, architecture.Machine))
            {
                return own;
            }
        }

        // Debian has it in /bin, which a user's PATH may lack. One of another kind may stand before it.
        var found = $"{searchPath}:/bin:/usr/bin".Split(':', StringSplitOptions.RemoveEmptyEntries).Select(f => ProcessRunner.FindOnPath("busybox", f, "/")).OfType<string>().ToList();
        foreach (var candidate in found)
        {
            if (SafeFile.Read(candidate, new DiagnosticBag()) is { } bytes && IsStatic(bytes, architecture.Machine))
            {
                return bytes;
            }
        }

        if (architecture.Host != RuntimeInformation.OSArchitecture)
        {
            diagnostics.Error("KLP0860", imageFile,
                $"The virtual machine needs busybox for its shell, and this kernel is for {architecture.Name}: no statically linked one of that architecture is beside it.",
                $"Put one at {Path.Combine(roots[0], "bin/busybox")}. From Debian's package busybox-static for {architecture.DebianName}: "
                + $"dpkg-deb --fsys-tarfile busybox-static_*_{architecture.DebianName}.deb | tar -xf - -C {roots[0]} --wildcards '*bin/busybox'");
        }
        else if (found.Count == 0)
        {
            diagnostics.Error("KLP0801", (string?)null, "The virtual machine needs busybox for its shell, and there is none on this machine.", Cure);
        }
        else if (SafeFile.Read(found[0], diagnostics) is not null)
        {
            diagnostics.Error("KLP0801", found[0], $"This busybox is not a statically linked program for {architecture.Name}; "
                + "the virtual machine has no shared libraries.", Cure);
        }

        return null;
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
