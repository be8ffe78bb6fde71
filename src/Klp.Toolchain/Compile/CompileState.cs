using Klp.Base;

namespace Klp.Toolchain;

/// <summary>What a compile remembers: for each object its command, the files it was made from, its own bytes, and what the compiler said.</summary>
/// <remarks>Headers are kept once for all objects: sources of one module share nearly all of their 560.</remarks>
internal sealed record CompileState(IReadOnlyDictionary<string, CompileState.Entry> Entries)
{
    private const string Kind = "compile";
    private const int Format = 1;

    public static CompileState Empty { get; } = new(new Dictionary<string, Entry>());

    public static CompileState Load(string path) => StateReader.Read(path, Kind, Format, Read) ?? Empty;

    public bool Save(string path, DiagnosticBag diagnostics)
    {
        var table = new Dictionary<string, int>(StringComparer.Ordinal);
        var files = new List<FileRecord>();
        foreach (var file in Entries.Values.SelectMany(e => e.Files))
        {
            if (table.TryAdd(file.Path, files.Count))
            {
                files.Add(file);
            }
            else if (file.Digest != files[table[file.Path]].Digest)
            {
                // Two objects saw two contents: neither may be believed.
                files[table[file.Path]] = file with { Digest = FileRecord.UnknownDigest };
            }
        }

        using var writer = new StateWriter(Kind, Format);
        writer.Write(files.Count);
        files.ForEach(writer.Write);
        writer.Write(Entries.Count);
        foreach (var entry in Entries.Values.OrderBy(e => e.Source, StringComparer.Ordinal))
        {
            writer.Write(entry.Source);
            writer.Write(entry.Fingerprint);
            writer.Write(entry.Object);
            writer.Write(entry.Files.Count);
            foreach (var file in entry.Files)
            {
                writer.Write(table[file.Path]);
            }

            writer.Write(entry.Diagnostics.Count);
            foreach (var diagnostic in entry.Diagnostics)
            {
                writer.Write(diagnostic);
            }
        }

        return writer.Save(path, diagnostics);
    }

    private static CompileState Read(StateReader reader)
    {
        var files = reader.Many(reader.FileRecord);
        var entries = reader.Many(() => new Entry(
            reader.String(),
            reader.Words(),
            reader.FileRecord(),
            reader.Many(() => reader.Int() is var index && index >= 0 && index < files.Length ? files[index] : throw new FormatException()),
            reader.Many(reader.Diagnostic)));
        return new CompileState(entries.ToDictionary(e => e.Source, StringComparer.Ordinal));
    }

    /// <param name="Source">Absolute.</param>
    /// <param name="Fingerprint">The command's words.</param>
    /// <param name="Object">The finished object.</param>
    /// <param name="Files">Everything the compiler read, the source first.</param>
    /// <param name="Diagnostics">Its warnings, said again while the object stays up to date.</param>
    public sealed record Entry(string Source, IReadOnlyList<string> Fingerprint, FileRecord Object, IReadOnlyList<FileRecord> Files, IReadOnlyList<Diagnostic> Diagnostics);
}
