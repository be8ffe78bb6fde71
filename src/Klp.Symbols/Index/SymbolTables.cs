using System.Text;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>What one source gave: the symbols of one or more objects, and what the source is.</summary>
internal sealed record SymbolTables
{
    /// <summary>The objects, normalised names.</summary>
    public required IReadOnlyDictionary<string, ObjectSymbols> Objects { get; init; }

    /// <summary>Release of the kernel the source is of, where it says so.</summary>
    public string? Release { get; init; }

    /// <summary>Hexadecimal build-id, where the source has one.</summary>
    public string? BuildId { get; init; }

    /// <summary>What kind of source it is, for people: <c>the symbol table embedded in the kernel (bzImage, xz)</c>.</summary>
    public required string Description { get; init; }

    /// <summary>What this source cannot know; empty where it knows all.</summary>
    public string Limits { get; init; } = "";

    /// <summary>Symbols of one name are in the kernel's order. False for a list of names: there positions can be counted, not told apart.</summary>
    public bool HasPositions { get; init; } = true;

    /// <summary>A module's modinfo section, for sources that are modules.</summary>
    public ModuleInformation? Information { get; init; }

    private const string ObjectPrefix = "object ";
    private const string FactsPart = "facts";
    private const string ModinfoPart = "modinfo";

    /// <summary>As parts of a cache file.</summary>
    /// <param name="origin">What they were read from, by the digest of its content or by its path.</param>
    public IReadOnlyList<(string Name, ReadOnlyMemory<byte> Bytes)> ToParts(string origin)
    {
        var facts = new[] { origin, Release ?? "", BuildId ?? "", Description, Limits, HasPositions ? "positions" : "" };
        var parts = new List<(string, ReadOnlyMemory<byte>)> { (FactsPart, Encoding.UTF8.GetBytes(string.Join('\n', facts))) };
        if (Information is { } information)
        {
            parts.Add((ModinfoPart, Encoding.UTF8.GetBytes(string.Concat(information.Entries.Select(e => $"{e.Key}={e.Value}\0")))));
        }

        parts.AddRange(Objects.Select(o => (ObjectPrefix + o.Key, o.Value.Bytes)));
        return parts;
    }

    /// <summary>From a cache file; null unless it is of this origin and every part is sound.</summary>
    public static SymbolTables? FromParts(IndexFile file, string origin)
    {
        if (file.Part(FactsPart) is not { } factBytes || Encoding.UTF8.GetString(factBytes.Span).Split('\n') is not [var from, var release, var buildId, var description, var limits, var positions]
            || from != origin)
        {
            return null;
        }

        var objects = new Dictionary<string, ObjectSymbols>();
        foreach (var name in file.Names.Where(n => n.StartsWith(ObjectPrefix, StringComparison.Ordinal)))
        {
            var objectName = name[ObjectPrefix.Length..];
            if (file.Part(name) is not { } table || ObjectSymbols.Open(objectName, table) is not { } symbols)
            {
                return null;
            }

            objects[objectName] = symbols;
        }

        var modinfo = file.Part(ModinfoPart);
        return modinfo is null && file.Names.Contains(ModinfoPart) ? null : new SymbolTables
        {
            Objects = objects,
            Release = release.Length > 0 ? release : null,
            BuildId = buildId.Length > 0 ? buildId : null,
            Description = description,
            Limits = limits,
            HasPositions = positions.Length > 0,
            Information = modinfo is { } entries ? ModuleInformation.Parse(entries.Span) : null,
        };
    }
}
