using Klp.Base;

namespace Klp.Symbols;

/// <summary>
/// Symbol tables kept on disk, by the digest of the file they were read from; a small key file beside them remembers size and time of that file,
/// so that an unchanged one is not read again. Nothing in here is believed: what is damaged, cut off or of other content is made anew.
/// </summary>
/// <param name="directory">The user's cache folder; null: nothing is kept.</param>
internal sealed class IndexCache(string? directory)
{
    private const string KeyHeader = "klp-index-key 1";

    private int _swept;

    /// <summary>Where this cache keeps its files; null: nothing is kept.</summary>
    private string? Folder { get; } = directory is null ? null : Path.Combine(directory, "symbols");

    /// <summary>The file that holds all modules of a folder at once (<see cref="ModulePack"/>); null: nothing is kept.</summary>
    public string? PackPath(string modulesDirectory) =>
        Folder is null ? null : Path.Combine(Folder, $"modules-{IndexChecksum.Of(System.Text.Encoding.UTF8.GetBytes(modulesDirectory)):x16}-v{IndexFile.Version}.klpindex");

    /// <summary>The tables of a file, from the cache or by <paramref name="read"/>.</summary>
    /// <param name="kind">What the file is read as; a part of the key.</param>
    /// <param name="read">From the file's bytes to tables; null after an error.</param>
    public SymbolTables? Get(string file, string kind, Func<byte[], SymbolTables?> read, DiagnosticBag diagnostics)
    {
        if (Folder is not { } folder)
        {
            return SafeFile.Read(file, diagnostics) is { } bytes ? read(bytes) : null;
        }

        // Two files that share a key's name only cost each other time: the key says which it is of. A real digest's library would take longer to load than the look-up.
        var keyFile = Path.Combine(folder, $"{IndexChecksum.Of(System.Text.Encoding.UTF8.GetBytes(kind + '\0' + file)):x16}.key");
        var stamp = FileStamp.Of(file);
        if (stamp is { } now && ReadKey(keyFile, file, now) is { } known && Open(IndexPath(folder, kind, known), known) is { } warm)
        {
            return warm;
        }

        if (SafeFile.Read(file, diagnostics) is not { } content)
        {
            return null;
        }

        var digest = Digest.OfBytes(content);
        var path = IndexPath(folder, kind, digest);
        var tables = Open(path, digest);
        var kept = tables is not null;
        if (tables is null)
        {
            tables = read(content);
            kept = tables is not null && Keep(path, IndexFile.Write(tables.ToParts(digest)), diagnostics);
        }

        // The stamp is older than the content that was read: a change in between shows as another stamp next time.
        if (kept && stamp is { } before && before.IsSettled(DateTime.UtcNow))
        {
            Keep(keyFile, System.Text.Encoding.UTF8.GetBytes($"{KeyHeader}\n{before.Length} {before.Ticks}\n{digest}\n{file}\n"), diagnostics);
        }

        return tables;
    }

    private static string IndexPath(string folder, string kind, string digest) => Path.Combine(folder, $"{kind}-{digest}-v{IndexFile.Version}.klpindex");

    private static SymbolTables? Open(string path, string digest) =>
        MappedFile.Open(path) is { } bytes && IndexFile.Open(bytes) is { } file ? SymbolTables.FromParts(file, digest) : null;

    /// <summary>The digest recorded for this file as it stands now, or null.</summary>
    private static string? ReadKey(string keyFile, string file, FileStamp stamp)
    {
        try
        {
            var lines = File.Exists(keyFile) ? File.ReadAllText(keyFile).Split('\n') : [];
            return lines is [KeyHeader, var stat, { Length: 64 } digest, var path, ""] && stat == $"{stamp.Length} {stamp.Ticks}" && path == file
                && digest.All(char.IsAsciiHexDigitLower)
                ? digest
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void RemoveLeftovers(string folder)
    {
        try
        {
            if (Interlocked.Exchange(ref _swept, 1) == 0)
            {
                Leftovers.Remove(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Leftovers have unique names and harm nobody.
        }
    }

    private bool Keep(string path, byte[] content, DiagnosticBag diagnostics)
    {
        var problems = new DiagnosticBag();
        // All modules of a kernel are thousands of files: the first write looks for leftovers, for all.
        if (SafeFile.Write(path, content, problems, removeLeftovers: false))
        {
            RemoveLeftovers(Path.GetDirectoryName(path)!);
            return true;
        }

        TellNotKept(path, problems, diagnostics);
        return false;
    }

    /// <summary>A cache that cannot be written costs time, not the build.</summary>
    public static void TellNotKept(string path, DiagnosticBag problems, DiagnosticBag diagnostics) => diagnostics.Information(
        "KLP0310", new SourcePlace(path),
        $"The symbol index cannot be kept, so the next build reads the kernel again. {problems.First().Message}",
        "Make the folder writable, or set KlpCacheDirectory to one that is.");
}
