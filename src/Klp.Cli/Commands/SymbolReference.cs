using System.Globalization;
using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary>A symbol as a user or a livepatch names it: <c>object.name</c>, with <c>,position</c> or <c>@address</c>; <c>.klp.sym.</c> in front is allowed.</summary>
internal sealed record SymbolReference(string Object, string Name, ulong? Position, ulong? Address)
{
    private const string LivepatchPrefix = ".klp.sym.";

    /// <summary>Null with KLP0321.</summary>
    public static SymbolReference? Parse(string text, DiagnosticBag diagnostics)
    {
        var rest = text.StartsWith(LivepatchPrefix, StringComparison.Ordinal) ? text[LivepatchPrefix.Length..] : text;
        ulong? position = null, address = null;
        var mark = rest.IndexOfAny([',', '@']);
        var isRead = true;
        if (mark >= 0)
        {
            var number = rest[(mark + 1)..];
            if (rest[mark] == ',')
            {
                isRead = ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
                position = value;
            }
            else
            {
                isRead = ulong.TryParse(number.StartsWith("0x", StringComparison.Ordinal) ? number[2..] : number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value);
                address = value;
            }

            rest = rest[..mark];
        }

        var dot = rest.IndexOf('.');
        if (isRead && dot > 0 && dot < rest.Length - 1)
        {
            return new SymbolReference(ObjectName.Normalise(rest[..dot]), rest[(dot + 1)..], position, address);
        }

        diagnostics.Error(
            "KLP0321", SourcePlace.None,
            $"'{text}' names no symbol.",
            "Write object.name, object.name,position or object.name@address, for example vmlinux.show,2.");
        return null;
    }

    /// <summary>The symbol the kernel takes; null where it takes none (klp_find_object_symbol: 0 must be unique, n counts from 1).</summary>
    public static KernelSymbol? Resolve(SymbolReference wanted, IReadOnlyList<KernelSymbol> all) =>
        wanted.Address is { } address ? all.FirstOrDefault(s => s.Address == address)
        : (wanted.Position ?? 0) == 0 ? all.Count == 1 ? all[0] : null
        : wanted.Position <= (ulong)all.Count ? all[(int)wanted.Position.Value - 1] : null;
}
