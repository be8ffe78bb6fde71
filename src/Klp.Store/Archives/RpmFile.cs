using Klp.Base;

namespace Klp.Store;

/// <summary>An .rpm package: the usual unpackers take its payload out; what is in it goes where everything goes, through <see cref="UnpackTarget"/>.</summary>
internal static class RpmFile
{
    // The largest kernel packages are a few hundred megabytes unpacked.
    private const int Largest = 1 << 30;

    /// <summary>False with KLP0272 (no unpacker), KLP0267 (damaged) or what is refused.</summary>
    public static async Task<bool> UnpackAsync(StoreContext context, string file, UnpackTarget target, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (SpecialFile.Is(file))
        {
            diagnostics.Error("KLP0267", file, "This is no usable package: it is a pipe or a device.", "Copy or download the file again.");
            return false;
        }

        var cpio = ProcessRunner.FindOnPath("rpm2cpio", context.SearchPath, "/");
        var tar = cpio is null ? ProcessRunner.FindOnPath("bsdtar", context.SearchPath, "/") : null;
        if ((cpio ?? tar) is not { } program)
        {
            diagnostics.Error(
                "KLP0272", file, "Neither rpm2cpio nor bsdtar is on the search path; one of them takes the files out of an .rpm.",
                "Install one: apt install rpm2cpio, apt install libarchive-tools, dnf install rpm, or zypper install bsdtar.");
            return false;
        }

        using var payload = new MemoryStream();
        string[] words = cpio is not null ? [file] : ["-cf", "-", "--format=pax", "@" + file];
        var environment = new Dictionary<string, string>(context.Environment, StringComparer.Ordinal) { ["LC_ALL"] = "C.UTF-8" };
        var request = new ProcessRequest(program, words, "/", environment) { ReadOutput = stream => CopyAsync(stream, payload, cancellation) };
        if (await ProcessRunner.RunAsync(request, diagnostics, cancellation).ConfigureAwait(false) is not { } result)
        {
            return false;
        }

        if (result.ExitCode != 0 || payload.Length == 0 || payload.Length >= Largest)
        {
            diagnostics.Error("KLP0267", file, $"{Path.GetFileName(program)} cannot take the files out of this package.", "Copy or download the file again.", result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            return false;
        }

        var bytes = payload.GetBuffer().AsMemory(0, (int)payload.Length);
        return cpio is not null ? CpioUnpacker.Unpack(bytes, file, target, diagnostics) : TarUnpacker.Unpack(bytes, file, target, diagnostics);
    }

    private static async Task CopyAsync(Stream from, MemoryStream to, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 17];
        while (await from.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var count)
        {
            // Beyond the limit it is read on, so that the program ends, but not kept.
            if (to.Length < Largest)
            {
                to.Write(buffer, 0, count);
            }
        }
    }
}
