using System.Text;
using Klp.Base;

namespace Klp.Kernel;

/// <summary>
/// Module.symvers: every symbol the kernel and its modules export, with checksum, owner, licence rule and namespace.
/// The text is kept as bytes and only indexed; a line becomes a record when somebody asks for it.
/// </summary>
/// <remarks>
/// Source: scripts/mod/modpost.c, read_dump and write_dump, 4.19 to 7.2. Columns are separated by tabs: checksum, symbol, owner, kind of export,
/// namespace; 4.19 has no namespace, early 5.4 has it before the owner.
/// </remarks>
public sealed class Symvers
{
    private readonly List<byte[]> _files = [];
    private readonly List<string> _paths = [];
    private readonly DiagnosticBag _diagnostics;

    // Open addressing over the names: each slot holds the complement of a line's place (file in the upper half), so that a new array is an empty table. Never more than half full.
    private long[] _slots = new long[1 << 12];
    private int _count;

    private Symvers(DiagnosticBag diagnostics) => _diagnostics = diagnostics;

    /// <summary>How many symbols can be imported.</summary>
    public int Count => _count;

    /// <summary>Every symbol's name, in no particular order.</summary>
    public IEnumerable<string> Names => _slots.Where(s => s < 0).Select(s => Encoding.Latin1.GetString(NameAt(~s)));

    /// <summary>
    /// Reads the kernel's file and then those of other modules, in order. A later file replaces what an earlier one says of a module's symbol;
    /// none may replace a symbol of the kernel itself.
    /// </summary>
    /// <returns>Null with KLP0500 (missing or unreadable), KLP0501 (empty), KLP0502 (not such a file) or KLP0503 (a kernel symbol exported twice).</returns>
    public static Symvers? Read(IReadOnlyList<string> files, DiagnosticBag diagnostics)
    {
        var result = new Symvers(diagnostics);
        var ok = true;
        foreach (var file in files)
        {
            ok &= result.TryReadFile(file, isKernels: file == files[0]) is { } bytes && result.Add(bytes, file);
        }

        return ok ? result : null;
    }

    /// <summary>The same from bytes that are already here; <paramref name="path"/> is for messages.</summary>
    public static Symvers? Parse(byte[] bytes, string path, DiagnosticBag diagnostics)
    {
        var result = new Symvers(diagnostics);
        return result.Add(bytes, path) ? result : null;
    }

    /// <summary>What is exported under a name, or null.</summary>
    public ExportedSymbol? Find(string name)
    {
        var bytes = Latin1.Bytes(name);
        var place = ~_slots[Slot(bytes)];
        return place >= 0 && SymversLine.TryParse(LineAt(place), out var line) ? line.ToSymbol() : null;
    }

    private byte[]? TryReadFile(string path, bool isKernels)
    {
        const string KernelCure = "Install the kernel's headers package, or in a source tree build the kernel completely once (modules_prepare does not write it); KlpModuleSymversFile names another file.";
        var cure = isKernels ? KernelCure : "Correct or remove the KlpExtraSymvers item; the build of the module that exports the symbols writes its Module.symvers.";
        if (!File.Exists(path))
        {
            _diagnostics.Error("KLP0500", path, $"This file is missing. It lists what {(isKernels ? "the kernel exports and with which checksums, and no module can be made without it" : "another module exports")}.", cure);
            return null;
        }

        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _diagnostics.Error("KLP0500", path, $"This list of exported symbols cannot be read: {e.Message}", cure);
            return null;
        }
    }

    private bool Add(byte[] bytes, string path)
    {
        if (bytes.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
        {
            // A module that exports nothing leaves an empty file, so only the kernel's own must have content.
            if (_files.Count > 0)
            {
                return true;
            }

            _diagnostics.Error("KLP0501", path, "This file is empty: the kernel tree was configured but the kernel never built, so nobody knows what it exports.",
                "Build the kernel in this tree (make), or use the distribution's headers package of the same release.");
            return false;
        }

        _files.Add(bytes);
        _paths.Add(path);
        var errors = new SymversErrors(path, _diagnostics);
        var (file, at, line) = (_files.Count - 1, 0, 1);
        for (; at < bytes.Length; line++)
        {
            var rest = bytes.AsSpan(at);
            var length = rest.IndexOf((byte)'\n');
            length = length < 0 ? rest.Length : length;
            if (length > 0)
            {
                AddLine(((long)file << 32) | (uint)at, rest[..length], line, errors);
            }

            at += length + 1;
        }

        return errors.Report();
    }

    private void AddLine(long place, ReadOnlySpan<byte> text, int line, SymversErrors errors)
    {
        if (!SymversLine.TryName(text, out var name))
        {
            errors.Unreadable(line, text);
            return;
        }

        if ((_count + 1) * 2 > _slots.Length)
        {
            Grow();
        }

        var slot = Slot(name);
        var before = ~_slots[slot];
        _slots[slot] = ~place;
        if (before < 0)
        {
            _count++;
        }
        else if (SymversLine.TryParse(LineAt(before), out var kernels) && kernels.OwnerIsKernel && !LineAt(before).SequenceEqual(LineAt(place)))
        {
            errors.ExportedTwice(line, kernels.ToSymbol().Name, _paths[(int)(before >> 32)]);
        }
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new long[old.Length * 4];
        foreach (var used in old)
        {
            if (used < 0)
            {
                _slots[Slot(NameAt(~used))] = used;
            }
        }
    }

    private int Slot(ReadOnlySpan<byte> name)
    {
        var hash = 2166136261u;
        foreach (var b in name)
        {
            hash = (hash ^ b) * 16777619u;
        }

        var mask = _slots.Length - 1;
        var slot = (int)(hash ^ (hash >> 15)) & mask;
        while (_slots[slot] < 0 && !NameAt(~_slots[slot]).SequenceEqual(name))
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private ReadOnlySpan<byte> LineAt(long place)
    {
        var rest = _files[(int)(place >> 32)].AsSpan((int)(uint)place);
        var end = rest.IndexOf((byte)'\n');
        return end < 0 ? rest : rest[..end];
    }

    private ReadOnlySpan<byte> NameAt(long place)
    {
        // Behind "0x????????\t": the checksum always has ten characters (checked when the line was added).
        var rest = _files[(int)(place >> 32)].AsSpan((int)(uint)place + SymversLine.NameOffset);
        return rest[..rest.IndexOf((byte)'\t')];
    }
}
