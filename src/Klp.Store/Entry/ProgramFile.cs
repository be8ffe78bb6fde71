using System.Buffers.Binary;
using System.Text;

namespace Klp.Store;

/// <summary>What an ELF program or library says about its start: its loader and the libraries it needs (the gABI's dynamic section, 64-bit).</summary>
/// <param name="Interpreter">The loader's path; null for a library or a static program.</param>
/// <param name="Needed">Names of libraries.</param>
internal sealed record ProgramFile(string? Interpreter, IReadOnlyList<string> Needed)
{
    private const int Dynamic = 2, InterpreterSegment = 3, Load = 1, NeededTag = 1, StringTable = 5;

    /// <summary>Null where the bytes are no little- or big-endian 64-bit ELF program or library, or contradict themselves.</summary>
    public static ProgramFile? Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < 64 || !file.StartsWith("\u007fELF"u8) || file[4] != 2 || file[5] is not (1 or 2))
        {
            return null;
        }

        var little = file[5] == 1;
        var segments = Segments(file, little);
        var interpreter = segments.Where(s => s.Type == InterpreterSegment).Select(s => s.Offset).FirstOrDefault(-1);
        var dynamic = segments.Find(s => s.Type == Dynamic);
        var needed = new List<long>();
        long strings = -1;
        for (var at = dynamic.Offset; dynamic.Type == Dynamic && at >= 0 && at + 16 <= file.Length && at + 16 <= dynamic.Offset + dynamic.Size; at += 16)
        {
            var (tag, value) = (Number(file, at, little), Number(file, at + 8, little));
            if (tag == 0)
            {
                break;
            }

            if (tag == NeededTag)
            {
                needed.Add(value);
            }

            strings = tag == StringTable ? FileOffset(segments, value) : strings;
        }

        return new ProgramFile(interpreter < 0 ? null : Text(file, interpreter), strings < 0 ? [] : Names(file, strings, needed));
    }

    private static string[] Names(ReadOnlySpan<byte> file, long strings, List<long> needed)
    {
        var names = new string[needed.Count];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Text(file, strings + needed[i]);
        }

        return names;
    }

    private static List<(int Type, long Offset, long Address, long Size)> Segments(ReadOnlySpan<byte> file, bool little)
    {
        var start = Number(file, 32, little);
        var count = little ? BinaryPrimitives.ReadUInt16LittleEndian(file[56..]) : BinaryPrimitives.ReadUInt16BigEndian(file[56..]);
        var segments = new List<(int, long, long, long)>();
        for (var i = 0; i < count && start >= 0 && start + ((i + 1) * 56L) <= file.Length; i++)
        {
            var at = start + (i * 56L);
            var type = little ? BinaryPrimitives.ReadInt32LittleEndian(file[(int)at..]) : BinaryPrimitives.ReadInt32BigEndian(file[(int)at..]);
            segments.Add((type, Number(file, at + 8, little), Number(file, at + 16, little), Number(file, at + 32, little)));
        }

        return segments;
    }

    private static long FileOffset(List<(int Type, long Offset, long Address, long Size)> segments, long address) =>
        segments.Where(s => s.Type == Load && address >= s.Address && address - s.Address < s.Size).Select(s => s.Offset + address - s.Address).FirstOrDefault(-1);

    private static long Number(ReadOnlySpan<byte> file, long at, bool little) =>
        little ? BinaryPrimitives.ReadInt64LittleEndian(file[(int)at..]) : BinaryPrimitives.ReadInt64BigEndian(file[(int)at..]);

    private static string Text(ReadOnlySpan<byte> file, long at)
    {
        if (at < 0 || at >= file.Length)
        {
            return "";
        }

        var rest = file[(int)at..];
        var end = rest.IndexOf((byte)0);
        return end < 0 ? "" : Encoding.UTF8.GetString(rest[..end]);
    }
}
