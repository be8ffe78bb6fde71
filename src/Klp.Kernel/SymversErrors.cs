using System.Text;
using Klp.Base;

namespace Klp.Kernel;

/// <summary>Collects what is wrong in one Module.symvers, so that a damaged file is one message and not ten thousand.</summary>
internal sealed class SymversErrors(string path, DiagnosticBag diagnostics)
{
    private const int Shown = 5;

    private readonly List<string> _unreadable = [];
    private readonly List<string> _twice = [];
    private int _firstLine;
    private int _firstTwice;
    private int _unreadableCount;
    private int _twiceCount;

    public void Unreadable(int line, ReadOnlySpan<byte> text)
    {
        _firstLine = _firstLine == 0 ? line : _firstLine;
        if (_unreadableCount++ < Shown)
        {
            _unreadable.Add($"line {line}: {Printable(text)}");
        }
    }

    public void ExportedTwice(int line, string name, string before)
    {
        _firstTwice = _firstTwice == 0 ? line : _firstTwice;
        if (_twiceCount++ < Shown)
        {
            _twice.Add($"{name}, before in {before}");
        }
    }

    /// <returns>Whether nothing was wrong.</returns>
    public bool Report()
    {
        if (_unreadableCount > 0)
        {
            diagnostics.Error("KLP0502", new SourcePlace(path, _firstLine),
                $"{_unreadableCount} line(s) of this Module.symvers are not of the form checksum, symbol, owner, EXPORT_SYMBOL…, namespace. The file is damaged or another kind of file.",
                "Install the kernel's headers package again, or name the right file with KlpModuleSymversFile.", _unreadable);
        }

        if (_twiceCount > 0)
        {
            diagnostics.Error("KLP0503", new SourcePlace(path, _firstTwice),
                $"{_twiceCount} symbol(s) of the kernel itself are exported here a second time and differently. A module cannot replace what vmlinux exports.",
                "Remove those lines, or name a Module.symvers that belongs to this kernel in KlpExtraSymvers.", _twice);
        }

        return _unreadableCount == 0 && _twiceCount == 0;
    }

    private static string Printable(ReadOnlySpan<byte> text)
    {
        var cut = Encoding.Latin1.GetString(text.Length > 80 ? text[..80] : text);
        return string.Concat(cut.Select(c => c is >= ' ' and < (char)127 ? c : c == '\t' ? ' ' : '?'));
    }
}
