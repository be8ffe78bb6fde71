using System.Text;
using Klp.Elf;

namespace Klp.Modpost;

/// <summary>The strings of <c>.modinfo</c>: <c>key=value</c>, NUL-terminated, in any order; a key may come more than once.</summary>
public sealed class Modinfo
{
    private readonly List<string> _entries = [];

    /// <summary>Every entry as it stands in the file.</summary>
    public IReadOnlyList<string> Entries => _entries;

    /// <summary>What the sources of a module say; empty where it has no such section.</summary>
    public static Modinfo Read(ElfFile file)
    {
        var result = new Modinfo();
        foreach (var section in file.Sections.Where(s => s.Name == ".modinfo"))
        {
            result._entries.AddRange(Encoding.UTF8.GetString(section.Data.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries));
        }

        return result;
    }

    public void Add(string key, string value) => _entries.Add($"{key}={value}");

    public void AddEntry(string entry) => _entries.Add(entry);

    public IEnumerable<string> Values(string key) =>
        _entries.Where(e => e.Length > key.Length && e[key.Length] == '=' && e.StartsWith(key, StringComparison.Ordinal)).Select(e => e[(key.Length + 1)..]);

    public bool Has(string key) => Values(key).Any();

    /// <summary>The section's bytes.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Concat(_entries.Select(e => e + "\0")));
}
