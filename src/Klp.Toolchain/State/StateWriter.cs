using System.Text;
using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// Writes a state file: a kind, a format number, what the stage has to remember, and a check sum over all of it, so that a damaged or foreign file is never believed.
/// </summary>
/// <remarks>A binary form, because a no-op build reads several of these and must not pay for a parser. No cryptography: that library alone costs milliseconds to load.</remarks>
internal sealed class StateWriter : IDisposable
{
    private readonly MemoryStream _stream = new();
    private readonly BinaryWriter _writer;

    public StateWriter(string kind, int format)
    {
        _writer = new BinaryWriter(_stream, Encoding.UTF8);
        _writer.Write(StateFile.Magic);
        _writer.Write(kind);
        _writer.Write(format);
    }

    public void Write(int value) => _writer.Write7BitEncodedInt(value);

    public void Write(long value) => _writer.Write(value);

    public void Write(bool value) => _writer.Write(value);

    public void Write(string value) => _writer.Write(value);

    public void WriteOptional(string? value)
    {
        _writer.Write(value is not null);
        _writer.Write(value ?? "");
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Write(bytes.Length);
        _writer.Write(bytes);
    }

    public void Write(IReadOnlyCollection<string> words)
    {
        Write(words.Count);
        foreach (var word in words)
        {
            _writer.Write(word);
        }
    }

    public void Write(FileRecord file)
    {
        Write(file.Path);
        Write(file.Stamp.Size);
        Write(file.Stamp.Ticks);
        Write(file.Digest);
    }

    public void Write(Diagnostic diagnostic)
    {
        Write(diagnostic.Id);
        Write((int)diagnostic.Severity);
        WriteOptional(diagnostic.Place.File);
        Write(diagnostic.Place.Line);
        Write(diagnostic.Place.Column);
        Write(diagnostic.Message);
        WriteOptional(diagnostic.Cure);
        Write([.. diagnostic.Notes ?? []]);
    }

    /// <summary>What was written so far, without the check sum.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        _writer.Flush();
        return _stream.GetBuffer().AsSpan(0, (int)_stream.Length);
    }

    /// <summary>Puts the file in place, atomically.</summary>
    public bool Save(string path, DiagnosticBag diagnostics)
    {
        _writer.Write(StateFile.CheckSum(Bytes()));
        return SafeFile.Write(path, Bytes(), diagnostics);
    }

    public void Dispose() => _writer.Dispose();
}
