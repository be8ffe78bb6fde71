using System.Globalization;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>
/// The name of a livepatch symbol, <c>.klp.sym.object.name,position</c>.
/// </summary>
/// <param name="Object">The object that defines it: <c>vmlinux</c> or a module's name.</param>
/// <param name="Name">Its name in kallsyms; may contain dots.</param>
/// <param name="Position">0: the name is unique in the object; n: its n-th occurrence.</param>
public sealed record LivepatchSymbolName(string Object, string Name, ulong Position)
{
    /// <summary>
    /// Reads a name as the kernel's scan does (klp_resolve_symbols): object up to the first dot, name up to the first comma, decimal digits;
    /// what follows the digits is ignored. Null where the kernel would say "incorrectly formatted name".
    /// </summary>
    public static LivepatchSymbolName? Parse(string symbolName)
    {
        if (!symbolName.StartsWith(LivepatchFormat.SymbolPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = symbolName.AsSpan(LivepatchFormat.SymbolPrefix.Length);
        var dot = rest.IndexOf('.');
        var comma = dot < 0 ? -1 : rest[(dot + 1)..].IndexOf(',');
        if (dot <= 0 || comma <= 0)
        {
            return null;
        }

        var name = rest.Slice(dot + 1, comma);
        var digits = rest[(dot + comma + 2)..].TrimStart(" \t\n\v\f\r");
        var count = digits.IndexOfAnyExceptInRange('0', '9');
        digits = count < 0 ? digits : digits[..count];
        return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? new LivepatchSymbolName(rest[..dot].ToString(), name.ToString(), position)
            : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{LivepatchFormat.SymbolPrefix}{Object}.{Name},{Position}");
}
