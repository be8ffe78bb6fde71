using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Chooses the source of vmlinux's symbols and reads it.</summary>
internal static class SymbolSourceReader
{
    /// <summary>The first usable source, and its file.</summary>
    public static (SymbolTables? Tables, string? File) ReadMain(SymbolSources sources, string? cacheDirectory, DiagnosticBag diagnostics)
    {
        _ = cacheDirectory;
        foreach (var file in new[] { sources.VmlinuxFile, sources.ImageFile })
        {
            if (file is not null)
            {
                var image = KernelImage.Load(file, diagnostics);
                return (image is null ? null : ImageSymbolSource.Read(image), file);
            }
        }

        return (null, null);
    }
}
