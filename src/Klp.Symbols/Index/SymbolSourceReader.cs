using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Chooses the source of vmlinux's symbols, reads it through the cache, and holds the sources against each other.</summary>
internal sealed class SymbolSourceReader(SymbolSources sources, IndexCache cache, DiagnosticBag diagnostics, CancellationToken cancellation)
{
    /// <summary>
    /// The tables of the first usable source, and its file. What stood before it and was of no use is told (KLP0302, KLP0306), and what is named behind it
    /// and does not exist: a misspelt name. Where none is usable, every reason is an error.
    /// </summary>
    public (SymbolTables? Tables, string? File) Read()
    {
        var problems = new List<(string File, DiagnosticBag Why)>();
        var candidates = Candidates().ToList();
        foreach (var (index, (file, read)) in candidates.Index())
        {
            if (file is null)
            {
                continue;
            }

            var why = new DiagnosticBag();
            var tables = read(file, why);
            if (tables is not null)
            {
                diagnostics.AddRange(why);
                TellUnused(problems, file);
                TellMissing(candidates[(index + 1)..].Select(c => c.File).OfType<string>(), file);
                CheckTogether(tables, file);
                return (tables, file);
            }

            problems.Add((file, why));
        }

        foreach (var (_, why) in problems)
        {
            diagnostics.AddRange(why);
        }

        return (null, null);
    }

    private IEnumerable<(string? File, Func<string, DiagnosticBag, SymbolTables?> Read)> Candidates() =>
    [
        (sources.VmlinuxFile, (file, d) => cache.Get(file, "vmlinux", bytes => VmlinuxSymbolSource.Read(bytes, file, d, cancellation), d)),
        (sources.ImageFile, ReadImage),
        (sources.KallsymsFile, (file, d) => cache.Get(file, "kallsyms", bytes => KallsymsDumpSource.Read(bytes, file, d), d)),
        (sources.SystemMapFile, ReadSystemMap),
        (sources.SymbolListFile, ReadList),
    ];

    private SymbolTables? ReadImage(string file, DiagnosticBag d)
    {
        var said = new DiagnosticBag();
        var tables = cache.Get(file, "image", bytes => KernelImage.Read(bytes, file, said, cancellation) is { } image ? ImageSymbolSource.Read(image) : null, said);
        d.AddRange(said.Select(s => s is { Id: "KLP0011", Cure: null } ? s with { Cure = ImageCure(file) } : s));
        return tables;
    }

    // Not through the cache: to search a list is faster than to know that it is the one that was seen before.
    private static SymbolTables? ReadList(string file, DiagnosticBag d) => SafeFile.Read(file, d) is { } text ? SymbolListSource.Read(text, file, d) : null;

    /// <summary>Some distributions let only root read /boot/vmlinuz; everything else of a build needs no root.</summary>
    private static string ImageCure(string file) => File.Exists(file)
        ? $"Let this user read it (sudo chmod a+r {file}), or copy it (sudo install -m 644 {file} .) and name the copy in KlpKernelImageFile."
        : "Correct KlpKernelImageFile, or remove it: the image is then looked for beside the kernel's tree and in /boot.";

    private SymbolTables? ReadSystemMap(string file, DiagnosticBag d)
    {
        if (FileStamp.Of(file) is { Length: < 4096 } && SafeFile.Read(file, new DiagnosticBag()) is { } text && SystemMapSource.IsStub(text))
        {
            d.Information(
                "KLP0306", new SourcePlace(file),
                "This System.map is the distribution's one-line stand-in and holds no symbols; it is passed over.",
                "Name the kernel image: it has them all.");
            return null;
        }

        return cache.Get(file, "map", bytes => SystemMapSource.Read(bytes, file, d), d);
    }

    private void TellUnused(List<(string File, DiagnosticBag Why)> problems, string used)
    {
        foreach (var (file, why) in problems)
        {
            if (why.HasErrors)
            {
                diagnostics.Warning(
                    "KLP0302", new SourcePlace(file),
                    $"This source of kernel symbols cannot be used ({why.First(d => d.Severity == Severity.Error).Message}); {used} is used instead.",
                    "Make it readable, or do not name it.");
            }
            else
            {
                diagnostics.AddRange(why);
            }
        }
    }

    private void TellMissing(IEnumerable<string> notNeeded, string used)
    {
        foreach (var file in notNeeded.Where(f => !File.Exists(f)))
        {
            diagnostics.Warning(
                "KLP0302", new SourcePlace(file),
                $"This source of kernel symbols {(Directory.Exists(file) ? "is a folder" : "does not exist")}; {used} is used.",
                "Correct the name, or do not name it.");
        }
    }

    /// <summary>A vmlinux beside an image must be of the same build; a symbol list beside either must fit it.</summary>
    private void CheckTogether(SymbolTables tables, string file)
    {
        if (file == sources.VmlinuxFile && sources.ImageFile is { } imageFile && ReadImage(imageFile, new DiagnosticBag()) is { BuildId: { } imageId } image
            && tables.BuildId is { } id && id != imageId)
        {
            diagnostics.Error(
                "KLP0304", file, $"This vmlinux (build-id {id}) is of another build than the kernel image {imageFile} (build-id {imageId}, release {image.Release}): their symbols and positions differ.",
                "Give the vmlinux of exactly this kernel (the debug package of the same version), or none.");
        }

        if (tables.HasPositions && sources.SymbolListFile is { } listFile && ReadList(listFile, new DiagnosticBag()) is { } list)
        {
            CheckList(list, listFile, tables, file);
        }
    }

    /// <summary>A list made from another build lacks symbols of this kernel. Its names are more than the kernel's own table keeps, so only this direction tells.</summary>
    private void CheckList(SymbolTables list, string listFile, SymbolTables tables, string file)
    {
        if (list.Objects.GetValueOrDefault(ObjectName.Vmlinux) is not { } listed || tables.Objects.GetValueOrDefault(ObjectName.Vmlinux) is not { } real)
        {
            return;
        }

        var missing = 0;
        string? example = null;
        for (var i = 0; i < real.NameCount; i++)
        {
            if (!listed.Contains(real.Name(i)))
            {
                missing++;
                example ??= System.Text.Encoding.Latin1.GetString(real.Name(i));
            }
        }

        if (missing > real.NameCount / 200)
        {
            diagnostics.Warning(
                "KLP0313", new SourcePlace(listFile),
                $"This symbol list is of another build than {file}: {missing:#,0} of the kernel's {real.NameCount:#,0} names are not in it ('{example}' for one). It is not used.",
                "Generate it again, or do not name it.");
        }
    }
}
