using Klp.Base;

namespace Klp.Modpost;

/// <summary>
/// modinfo <c>srcversion</c>: a checksum of the module's own sources without blanks and comments. DKMS and modinfo compare it; the kernel ignores it.
/// </summary>
/// <remarks>Source: scripts/mod/sumversion.c. Per object: its source, then each header it depends on that lies below the object's folder.</remarks>
internal static class SourceVersion
{
    private const int Length = 23;

    /// <summary>The kernel asks for it in every module, or the module has a version.</summary>
    public static bool IsWanted(ModpostInput input, Modinfo source, Modinfo record) =>
        input.Sources.Count > 0 && (input.Profile.IsConfigured("MODULE_SRCVERSION_ALL") || source.Has("version") || record.Has("version"));

    /// <param name="sources">The module's sources, in order.</param>
    /// <param name="withHeaders">
    /// False where kbuild works in the module's folder: modpost then has objects as ./a.o and headers as a.h, finds that they lie in different folders, and counts none.
    /// </param>
    /// <param name="diagnostics">Gets what could not be read.</param>
    public static string? Compute(IReadOnlyList<ModuleSource> sources, bool withHeaders, DiagnosticBag diagnostics)
    {
        var sum = new SourceVersionHash();
        foreach (var source in sources)
        {
            var folder = source.Directory.EndsWith('/') ? source.Directory : source.Directory + "/";
            var headers = source.Dependencies.Where(d => withHeaders && d != source.File && d.StartsWith(folder, StringComparison.Ordinal));
            foreach (var path in headers.Prepend(source.File))
            {
                if (SafeFile.Read(path, diagnostics) is not { } bytes)
                {
                    return null;
                }

                AddFile(sum, bytes);
            }
        }

        return sum.Finish()[..Length];
    }

    private static void AddFile(SourceVersionHash sum, ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)0);
        text = end < 0 ? text : text[..end];
        for (var i = 0; i < text.Length; i++)
        {
            var (c, next) = (text[i], i + 1 < text.Length ? text[i + 1] : (byte)0);
            if (c == '\\' && next == '\n')
            {
                i++;
            }
            else if (c == '/' && next == '*')
            {
                // The search for the end may use the star of the beginning: "/*/" is a whole comment here.
                for (i += 2; i < text.Length && !(text[i - 1] == '*' && text[i] == '/'); i++)
                {
                }
            }
            else if (c == '"')
            {
                sum.Add(c);
                for (i++; i < text.Length; i++)
                {
                    sum.Add(text[i]);
                    if (text[i] == '"' && text[i - 1] != '\\')
                    {
                        break;
                    }
                }
            }
            else if (c is not (9 or 10 or 11 or 12 or 13 or 32))
            {
                sum.Add(c);
            }
        }
    }
}
