using System.Text;
using Klp.Elf;

namespace Klp.Verify;

/// <summary>The strings of <c>.modinfo</c> as the kernel walks them: <c>key=value</c>, NUL between, runs of NUL skipped.</summary>
internal sealed class VerifiedModinfo
{
    private readonly List<(string Key, string Value)> _entries = [];

    public static VerifiedModinfo Read(ElfFile file)
    {
        var result = new VerifiedModinfo();
        var text = file.FindSection(".modinfo") is { } section ? Encoding.UTF8.GetString(section.Data.Span) : "";
        foreach (var entry in text.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = entry.IndexOf('=');
            result._entries.Add(equals < 0 ? (entry, "") : (entry[..equals], entry[(equals + 1)..]));
        }

        return result;
    }

    public IEnumerable<string> Values(string key) => _entries.Where(e => e.Key == key).Select(e => e.Value);

    public bool Has(string key, string value) => _entries.Contains((key, value));
}
