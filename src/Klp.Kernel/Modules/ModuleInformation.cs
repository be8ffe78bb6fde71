using System.Text;

namespace Klp.Kernel;

/// <summary>A module's modinfo: the <c>key=value</c> strings of its <c>.modinfo</c> section, in order.</summary>
public sealed record ModuleInformation(IReadOnlyList<KeyValuePair<string, string>> Entries)
{
    public string? Vermagic => Value("vermagic");

    /// <summary>The first word of vermagic, the release the module was built for.</summary>
    public string? Release => Vermagic?.Split(' ', 2)[0];

    /// <summary>Names of modules this one needs, normalised.</summary>
    public IReadOnlyList<string> Depends =>
        [.. (Value("depends") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ObjectName.Normalise)];

    /// <summary>The first value of a key, or null.</summary>
    public string? Value(string key) => Entries.Where(e => e.Key == key).Select(e => e.Value).FirstOrDefault();

    /// <summary>Parses the section's bytes; strings without '=' are passed over, as the kernel does.</summary>
    public static ModuleInformation Parse(ReadOnlySpan<byte> section)
    {
        var entries = new List<KeyValuePair<string, string>>();
        foreach (var range in section.Split((byte)0))
        {
            var text = section[range];
            var equals = text.IndexOf((byte)'=');
            if (equals > 0)
            {
                entries.Add(new(Encoding.UTF8.GetString(text[..equals]), Encoding.UTF8.GetString(text[(equals + 1)..])));
            }
        }

        return new ModuleInformation(entries);
    }

    /// <summary>Of a module's ELF bytes, without decoding anything else; empty where there is no such section.</summary>
    public static ModuleInformation OfFile(ReadOnlySpan<byte> module)
    {
        foreach (var (name, offset, length) in BootImage.SectionPlaces(module))
        {
            if (name == ".modinfo")
            {
                return Parse(module.Slice(offset, length));
            }
        }

        return new ModuleInformation([]);
    }
}
