using System.Globalization;
using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// Warnings on their way from the inner builds, which may be other processes, to the outer one that says them once. One small file per kernel and stage, beside
/// each other, with the outer build's process in its name: what a killed build leaves, the next one removes.
/// </summary>
public static class Findings
{
    private const string Kind = "findings";
    private const int Format = 1;

    /// <summary>A new place for the findings of one outer build; nothing is written yet.</summary>
    /// <param name="stem">Absolute path that the files' names begin with.</param>
    public static string NewPlace(string stem) => SafeFile.TemporaryName(stem);

    /// <summary>Leaves what a stage of one kernel's build had to say.</summary>
    /// <returns>False with KLP0010 where it cannot be written: then the caller says it itself.</returns>
    public static bool Leave(string place, string kernel, IReadOnlyList<Diagnostic> said, DiagnosticBag diagnostics)
    {
        using var writer = new StateWriter(Kind, Format);
        writer.Write(kernel);
        writer.Write(said.Count);
        foreach (var diagnostic in said)
        {
            writer.Write(diagnostic);
        }

        // Stages of one kernel run one after another; the clock keeps their order.
        var (stem, owner) = Parts(place);
        var name = string.Create(CultureInfo.InvariantCulture, $"{stem}.{DateTime.UtcNow.Ticks:x16}{Guid.NewGuid():N}.{owner}.tmp");
        return writer.Save(name, diagnostics);
    }

    /// <summary>What the inner builds left, kernel by kernel in the given order, and in the order it was said; then the files are removed.</summary>
    public static IReadOnlyList<(string Kernel, Diagnostic Diagnostic)> Take(string place, IReadOnlyList<string> kernels)
    {
        var (stem, owner) = Parts(place);
        var folder = Path.GetDirectoryName(stem)!;
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var files = Directory.GetFiles(folder, $"{Path.GetFileName(stem)}.*.{owner}.tmp").Order(StringComparer.Ordinal).ToArray();
        var said = files.SelectMany(f => StateReader.Read(f, Kind, Format, Read) ?? []).ToArray();
        Array.ForEach(files, SafeFile.Discard);
        return [.. said.OrderBy(s => kernels.Contains(s.Kernel) ? kernels.ToList().IndexOf(s.Kernel) : int.MaxValue)];
    }

    private static (string Kernel, Diagnostic Diagnostic)[] Read(StateReader reader)
    {
        var kernel = reader.String();
        return reader.Many(() => (kernel, reader.Diagnostic()));
    }

    // stem.<owner>.tmp, as SafeFile.TemporaryName makes it.
    private static (string Stem, string Owner) Parts(string place)
    {
        var stem = Path.ChangeExtension(place, null);
        return (Path.ChangeExtension(stem, null)!, Path.GetExtension(stem)!.TrimStart('.'));
    }
}
