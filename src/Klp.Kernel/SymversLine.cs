using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Klp.Kernel;

/// <summary>One line of Module.symvers, its columns still bytes.</summary>
internal readonly ref struct SymversLine
{
    /// <summary>The name stands behind <c>0x</c>, eight digits and a tab.</summary>
    public const int NameOffset = 11;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private readonly uint _crc;
    private readonly ReadOnlySpan<byte> _name;
    private readonly ReadOnlySpan<byte> _owner;
    private readonly ReadOnlySpan<byte> _export;
    private readonly ReadOnlySpan<byte> _namespace;

    private SymversLine(uint crc, ReadOnlySpan<byte> name, ReadOnlySpan<byte> owner, ReadOnlySpan<byte> export, ReadOnlySpan<byte> ns)
    {
        _crc = crc;
        _name = name;
        _owner = owner;
        _export = export;
        _namespace = ns;
    }

    public bool OwnerIsKernel => BaseName(_owner).SequenceEqual("vmlinux"u8);

    /// <summary>The cheap check and the name: all that indexing needs.</summary>
    public static bool TryName(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (line.Length <= NameOffset || line[0] != '0' || line[1] != 'x' || line[NameOffset - 1] != '\t' || line[2..(NameOffset - 1)].ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        var rest = line[NameOffset..];
        var tab = rest.IndexOf((byte)'\t');
        if (tab <= 0 || rest[tab..].IndexOf("\tEXPORT_"u8) < 0)
        {
            return false;
        }

        name = rest[..tab];
        return name.IndexOf((byte)0) < 0;
    }

    public static bool TryParse(ReadOnlySpan<byte> line, out SymversLine result)
    {
        result = default;
        if (!TryName(line, out var name) || !Utf8Parser.TryParse(line[2..(NameOffset - 1)], out uint crc, out var used, 'x') || used != 8)
        {
            return false;
        }

        var rest = line[(NameOffset + name.Length + 1)..].TrimEnd((byte)'\r');
        var first = Column(ref rest);
        var second = Column(ref rest);
        var third = Column(ref rest);
        var exportIsSecond = second.StartsWith("EXPORT_"u8);
        if (first.IsEmpty || !(exportIsSecond || third.StartsWith("EXPORT_"u8)))
        {
            return false;
        }

        // Early 5.4 wrote the namespace before the owner.
        result = exportIsSecond ? new SymversLine(crc, name, first, second, third) : new SymversLine(crc, name, second, third, first);
        return true;
    }

    public ExportedSymbol ToSymbol()
    {
        var owner = Encoding.Latin1.GetString(BaseName(_owner)).Replace('-', '_');
        var ns = Encoding.Latin1.GetString(_namespace.Trim((byte)' '));
        return new ExportedSymbol(Encoding.Latin1.GetString(_name), _crc, owner, IsGplOnly(_export), ns.Length == 0 ? null : ns);
    }

    // EXPORT_SYMBOL_GPL, EXPORT_UNUSED_SYMBOL_GPL; EXPORT_SYMBOL_GPL_FUTURE never refused anybody.
    private static bool IsGplOnly(ReadOnlySpan<byte> export) => export.EndsWith("_GPL"u8);

    private static ReadOnlySpan<byte> BaseName(ReadOnlySpan<byte> path)
    {
        var name = path[(path.LastIndexOf((byte)'/') + 1)..];
        return name.EndsWith(".ko"u8) || name.EndsWith(".o"u8) ? name[..name.LastIndexOf((byte)'.')] : name;
    }

    private static ReadOnlySpan<byte> Column(scoped ref ReadOnlySpan<byte> rest)
    {
        var tab = rest.IndexOf((byte)'\t');
        var column = tab < 0 ? rest : rest[..tab];
        rest = tab < 0 ? default : rest[(tab + 1)..];
        return column;
    }
}
