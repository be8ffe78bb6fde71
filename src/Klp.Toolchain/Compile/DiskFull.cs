using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// A compiler that finds no space blames the line of the source it was at, or a temporary file; the user's problem is the device. gcc, as and clang all print
/// the C library's words.
/// </summary>
internal static class DiskFull
{
    private const string Words = "No space left on device";

    /// <summary>The same messages, with KLP0010 at the object in the place of all that say so.</summary>
    public static IEnumerable<Diagnostic> Tell(IReadOnlyList<Diagnostic> said, string objectFile)
    {
        var full = said.Where(d => d.Message.Contains(Words, StringComparison.Ordinal)).ToArray();
        return full.Length == 0
            ? said
            : said.Except(full).Append(new Diagnostic(
                "KLP0010", Severity.Error, new SourcePlace(objectFile), "This object cannot be written: no space is left on the device.",
                "Free some space there, or in the folder for temporary files if it is named below, and build again; nothing was lost.", [.. full.Select(d => d.Message)]));
    }
}
