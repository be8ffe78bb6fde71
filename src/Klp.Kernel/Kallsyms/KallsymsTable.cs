using System.Text;
using Klp.Base;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// A kernel's own symbol table, decoded from its image: every symbol that the running kernel can look up, in the kernel's order
/// (ascending address). Names stay compressed until asked for.
/// </summary>
public sealed class KallsymsTable
{
    /// <summary>Longest name of any kernel, with its type letter: KSYM_NAME_LEN is 512 since 6.1.</summary>
    public const int LongestName = 1024;

    private readonly byte[] _names;
    private readonly int[] _starts;
    private readonly byte[][] _tokens;
    private readonly ulong[] _addresses;

    internal KallsymsTable(byte[] names, int[] starts, byte[][] tokens, ulong[] addresses, KallsymsAddressing addressing, ByteOrder order)
    {
        _names = names;
        _starts = starts;
        _tokens = tokens;
        _addresses = addresses;
        Addressing = addressing;
        ByteOrder = order;
    }

    public int Count => _addresses.Length;

    public KallsymsAddressing Addressing { get; }

    public ByteOrder ByteOrder { get; }

    /// <summary>Addresses of all symbols, never descending.</summary>
    public ReadOnlySpan<ulong> Addresses => _addresses;

    public ulong AddressOf(int index) => _addresses[index];

    /// <summary>The letter <c>nm</c> would print: <c>T</c> global text, <c>t</c> local text, <c>d</c>…</summary>
    public char TypeOf(int index)
    {
        Span<byte> buffer = stackalloc byte[LongestName];
        return Expand(index, buffer) > 0 ? (char)buffer[0] : '?';
    }

    public string NameOf(int index)
    {
        Span<byte> buffer = stackalloc byte[LongestName];
        var length = Expand(index, buffer);
        return length > 0 ? Encoding.Latin1.GetString(buffer[1..length]) : "";
    }

    /// <summary>Writes type letter and name of a symbol.</summary>
    /// <param name="buffer">At least <see cref="LongestName"/> bytes.</param>
    /// <returns>Bytes written: one for the letter and the name's length.</returns>
    public int Expand(int index, Span<byte> buffer)
    {
        var at = _starts[index];
        int count = _names[at++];
        if (count >= 0x80)
        {
            count = (count & 0x7f) | _names[at++] << 7; // long names, 6.1+
        }

        var length = 0;
        foreach (var code in _names.AsSpan(at, count))
        {
            var token = _tokens[code];
            if (token.Length > buffer.Length - length)
            {
                break;
            }

            token.CopyTo(buffer[length..]);
            length += token.Length;
        }

        return length;
    }

    /// <summary>Indices of every symbol of exactly this name, in the kernel's order. Looks at all symbols; an index is quicker.</summary>
    public IReadOnlyList<int> IndicesOf(string name)
    {
        var found = new List<int>();
        var wanted = Latin1.Bytes(name);
        Span<byte> buffer = stackalloc byte[LongestName];
        for (var i = 0; i < Count; i++)
        {
            if (buffer[..Expand(i, buffer)] is [_, .. var rest] && rest.SequenceEqual(wanted))
            {
                found.Add(i);
            }
        }

        return found;
    }
}
