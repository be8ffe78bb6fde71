using System.Text;

namespace Klp.Elf.Dwarf;

/// <summary>The DW_FORM encodings that line headers use, and those a later producer may: DWARF 5 §7.5.6.</summary>
internal static class DwarfForm
{
    /// <summary>Reads one value: a number, or a string as the bytes from its first one on (its end is found when somebody wants it).</summary>
    public static (ReadOnlyMemory<byte> Text, ulong Number) Read(
        ref DwarfCursor cursor, ulong form, bool is64Bit, LineSections sections, Dictionary<ulong, (int Section, ulong Value)> relocated)
    {
        switch (form)
        {
            case 0x08: // string
                var start = cursor.Position;
                return (sections.Line.Slice(start, cursor.SkipText()), 0);
            case 0x0e: // strp
                return (TextAt(ref cursor, is64Bit, sections.Strings, relocated), 0);
            case 0x1f: // line_strp
                return (TextAt(ref cursor, is64Bit, sections.LineStrings, relocated), 0);
            case 0x0b: // data1
                return (default, cursor.Byte());
            case 0x05: // data2
                return (default, cursor.UInt16());
            case 0x06: // data4
                return (default, cursor.UInt32());
            case 0x07: // data8
                return (default, cursor.UInt64());
            case 0x0f: // udata
                return (default, cursor.Leb());
            case 0x1e: // data16, an MD5
                cursor.Skip(16);
                return default;
            case 0x09: // block
                cursor.Skip(cursor.Leb());
                return default;
            case 0x0a: // block1
                cursor.Skip(cursor.Byte());
                return default;
            default:
                // Of unknown size: nothing behind it can be read.
                cursor.Skip(ulong.MaxValue);
                return default;
        }
    }

    /// <summary>The string that begins with these bytes; the rest of them where it has no end.</summary>
    public static string Decode(ReadOnlyMemory<byte> text)
    {
        var length = text.Span.IndexOf((byte)0);
        return Encoding.UTF8.GetString(length < 0 ? text.Span : text.Span[..length]);
    }

    private static ReadOnlyMemory<byte> TextAt(
        ref DwarfCursor cursor, bool is64Bit, ReadOnlyMemory<byte> strings, Dictionary<ulong, (int Section, ulong Value)> relocated)
    {
        var place = (ulong)cursor.Position;
        var offset = is64Bit ? cursor.UInt64() : cursor.UInt32();
        offset = relocated.TryGetValue(place, out var target) ? target.Value : offset;
        return offset < (ulong)strings.Length ? strings[(int)offset..] : default;
    }
}
