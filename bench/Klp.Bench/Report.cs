using System.Globalization;
using System.Text;

namespace Klp.Bench;

/// <summary>The table of a run, as Markdown.</summary>
internal static class Report
{
    public static string Table(IEnumerable<(Measurement Measurement, Series Series)> rows, string title)
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"## {title}").AppendLine()
            .AppendLine("| what | command | median s | min s | ratio to kbuild |").AppendLine("|---|---|---|---|---|");
        foreach (var group in rows.GroupBy(r => r.Measurement.Group))
        {
            var reference = group.Single(r => r.Measurement.IsReference).Series.Median;
            foreach (var (measurement, series) in group)
            {
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"| {measurement.Group} | {measurement.Name} | {series.Median:0.000} | {series.Minimum:0.000} | {(measurement.IsReference ? "1" : (series.Median / reference).ToString("0.00", CultureInfo.InvariantCulture))} |");
            }
        }

        return text.ToString();
    }
}
