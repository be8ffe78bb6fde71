using System.Globalization;
using Klp.Base;
using Klp.Guest;

namespace Klp.Build.Tasks;

/// <summary>What <c>dotnet test --logger</c> asks for: <c>trx;LogFileName=x.trx</c> or <c>trx;LogFilePrefix=x</c>. The console has its lines without asking.</summary>
internal static class TestLoggers
{
    /// <summary>Paths of the TRX files to write; a logger that is not known here is a warning.</summary>
    /// <param name="suffix">Put into a name that the user chose, where several kernels would write the same file; else empty.</param>
    public static IReadOnlyList<string> TrxFiles(IEnumerable<string> loggers, string folder, string project, string suffix, string release, DateTimeOffset now, string projectFile, DiagnosticBag diagnostics)
    {
        var files = new List<string>();
        var time = now.ToLocalTime().ToString("yyyy-MM-dd_HH_mm_ss", CultureInfo.InvariantCulture);
        foreach (var logger in loggers.Select(l => l.Trim()).Where(l => l.Length > 0))
        {
            var words = logger.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            switch (words[0].ToUpperInvariant())
            {
                case "TRX":
                    var name = Value(words, "LogFileName") is { } chosen ? Path.Combine(Path.GetDirectoryName(chosen)!, Path.GetFileNameWithoutExtension(chosen) + suffix + Path.GetExtension(chosen))
                        : Value(words, "LogFilePrefix") is { } prefix ? $"{prefix}_{release}_{time}.trx"
                        : $"{project}_{release}_{time}.trx";
                    files.Add(Path.GetFullPath(name, folder));
                    break;
                case "CONSOLE":
                    break;
                default:
                    diagnostics.Warning("KLP0045", new SourcePlace(projectFile), $"The logger '{words[0]}' is a program for .NET tests; it cannot log tests in a kernel.", "Loggers here are trx and console.");
                    break;
            }
        }

        return files;
    }

    private static string? Value(string[] words, string key) =>
        words.Skip(1).FirstOrDefault(w => w.StartsWith(key + "=", StringComparison.OrdinalIgnoreCase)) is { } word && word.Length > key.Length + 1 ? word[(key.Length + 1)..] : null;
}
