using System.Buffers.Binary;
using System.Text;
using Klp.Base;

namespace Klp.Toolchain;

/// <summary>Reads what <see cref="StateWriter"/> wrote. A missing, damaged or foreign file is simply not there.</summary>
internal sealed class StateReader
{
    private readonly BinaryReader _reader;

    private StateReader(BinaryReader reader) => _reader = reader;

    /// <summary>Opens a state file and hands it to <paramref name="read"/>; null for anything that is not exactly such a file.</summary>
    public static T? Read<T>(string path, string kind, int format, Func<StateReader, T?> read)
        where T : class
    {
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var bytes = File.ReadAllBytes(path);
            if (bytes.Length < 16 || StateFile.CheckSum(bytes.AsSpan(0, bytes.Length - 8)) != BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(bytes.Length - 8)))
            {
                return null;
            }

            using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - 8, writable: false), Encoding.UTF8);
            return reader.ReadUInt64() == StateFile.Magic && reader.ReadString() == kind && reader.ReadInt32() == format ? read(new StateReader(reader)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    public int Int() => _reader.Read7BitEncodedInt();

    public long Long() => _reader.ReadInt64();

    public bool Bool() => _reader.ReadBoolean();

    public string String() => _reader.ReadString();

    public string? Optional()
    {
        var there = Bool();
        var text = String();
        return there ? text : null;
    }

    public byte[] Bytes()
    {
        var count = Int();
        var bytes = _reader.ReadBytes(count);
        return bytes.Length == count ? bytes : throw new EndOfStreamException();
    }

    public string[] Words() => Many(String);

    public T[] Many<T>(Func<T> one)
    {
        var count = Int();
        if (count < 0 || count > _reader.BaseStream.Length)
        {
            throw new FormatException();
        }

        var items = new T[count];
        for (var i = 0; i < count; i++)
        {
            items[i] = one();
        }

        return items;
    }

    public FileRecord FileRecord() => new(String(), new FileStamp(Long(), Long()), String());

    public Diagnostic Diagnostic() => new(String(), (Severity)Int(), new SourcePlace(Optional(), Int(), Int()), String(), Optional(), Words() is { Length: > 0 } notes ? notes : null);
}
