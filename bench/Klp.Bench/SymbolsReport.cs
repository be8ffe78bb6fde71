using System.Globalization;
using System.Text;
using Klp.TestKit;
using Spectre.Console;

namespace Klp.Bench;

/// <summary>The <c>symbols</c> command: all operations round after round, and their table.</summary>
internal static class SymbolsReport
{
    public static async Task<int> RunAsync(int rounds, TestKernel kernel, string tool, IReadOnlyDictionary<string, string> environment, string? output)
    {
        using var bench = new SymbolsBench(kernel, new Stopwatches(environment, environment["PATH"]), tool);
        var rows = bench.Operations().Select(o => (Operation: o, Series: new Series(o.Name, []))).ToList();

        // One round that does not count: it fills the page cache and compiles the libraries' code.
        for (var round = 0; round <= rounds; round++)
        {
            AnsiConsole.WriteLine(round == 0 ? "warming up" : $"round {round} of {rounds}");
            foreach (var (operation, series) in rows)
            {
                var seconds = await operation.Run();
                if (round > 0)
                {
                    series.Seconds.Add(seconds);
                }
            }
        }

        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"## Symbols and conversion, Linux {kernel.Release}, {rounds} rounds, {Environment.ProcessorCount} cores").AppendLine()
            .AppendLine("| what | how | median s | min s | should be under s |").AppendLine("|---|---|---|---|---|");
        foreach (var (operation, series) in rows)
        {
            var limit = operation.ReferenceName is { } name ? rows.Single(r => r.Operation.Name == name).Series.Median * operation.Ratio : operation.Limit;
            text.AppendLine(CultureInfo.InvariantCulture, $"| {operation.Group} | {operation.Name} | {series.Median:0.0000} | {series.Minimum:0.0000} | {limit?.ToString("0.000", CultureInfo.InvariantCulture)} |");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"\nPeak memory of indexing the image and all modules: {await bench.PeakOfIndexingAsync():0} MiB (should be under 300).");
        var file = output ?? Repository.Combine("bench", "results", $"{kernel.Release}-symbols.md");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await File.WriteAllTextAsync(file, text.ToString());
        AnsiConsole.WriteLine(text.ToString());
        return 0;
    }
}
