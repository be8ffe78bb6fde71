using System.Formats.Tar;
using System.Text;
using Klp.Base;

namespace Klp.Store;

/// <summary>A Debian package file: its description and the tar archive of its files (deb(5)).</summary>
internal sealed class DebFile
{
    private readonly ReadOnlyMemory<byte> _data;

    private DebFile(string path, Package package, ReadOnlyMemory<byte> data) => (Path, Package, _data) = (path, package, data);

    public string Path { get; }

    /// <summary>With the digest and the size of this file.</summary>
    public Package Package { get; }

    /// <summary>Null with KLP0267 where the file is no Debian package, or a damaged one. It is read twice, so a pipe serves no purpose.</summary>
    public static DebFile? Open(string path, DiagnosticBag diagnostics)
    {
        if (SpecialFile.Is(path))
        {
            Report(path, "it is a pipe or a device", diagnostics);
            return null;
        }

        if (SafeFile.Read(path, diagnostics) is not { } bytes)
        {
            return null;
        }

        if (ArArchive.Read(bytes) is not { } members || members.Count < 3 || members[0].Name != "debian-binary" || !members[0].Content.Span.StartsWith("2."u8))
        {
            Report(path, "it is no archive of that form, or it is cut off", diagnostics);
            return null;
        }

        var control = members.FirstOrDefault(m => m.Name.StartsWith("control.tar", StringComparison.Ordinal)).Content;
        var data = members.FirstOrDefault(m => m.Name.StartsWith("data.tar", StringComparison.Ordinal)).Content;
        if (control.IsEmpty || data.IsEmpty)
        {
            Report(path, "its control or data part is missing", diagnostics);
            return null;
        }

        if (Unpack(control, path, diagnostics, CancellationToken.None) is not { } tar)
        {
            return null;
        }

        if (Describe(tar, path) is not { } package)
        {
            Report(path, "it does not describe itself", diagnostics);
            return null;
        }

        return new DebFile(path, package with { Size = bytes.Length, Sha256 = Digest.OfBytes(bytes) }, data);
    }

    /// <summary>Unpacks its files; false with the reason.</summary>
    public bool Unpack(UnpackTarget target, DiagnosticBag diagnostics) =>
        Unpack(_data, Path, diagnostics, target.Cancellation) is { } tar && TarUnpacker.Unpack(tar, Path, target, diagnostics);

    private static ReadOnlyMemory<byte>? Unpack(ReadOnlyMemory<byte> part, string path, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        Decompressor.Sniff(part.Span) == CompressionFormat.None ? part : Decompressor.Decompress(part.Span, path, Decompressor.ReasonableLimit(part.Length), diagnostics, 6L * part.Length, cancellation: cancellation)?.Bytes;

    private static Package? Describe(ReadOnlyMemory<byte> tar, string path)
    {
        try
        {
            using var reader = new TarReader(new MemoryStream(tar.ToArray()));
            while (reader.GetNextEntry() is { } entry)
            {
                if (entry.Name is "./control" or "control" && entry.DataStream is { } content)
                {
                    using var text = new StreamReader(content, Encoding.UTF8);
                    return ControlFile.Read(text.ReadToEnd(), _ => true).Select(Package.From).FirstOrDefault();
                }
            }
        }
        catch (Exception e) when (TarUnpacker.IsMalformed(e))
        {
            // The caller says it of the whole file.
        }

        return null;
    }

    private static void Report(string path, string why, DiagnosticBag diagnostics) =>
        diagnostics.Error("KLP0267", path, $"This is no usable Debian package: {why}.", "Copy or download the file again.");
}
