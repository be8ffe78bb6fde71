namespace Klp.Elf.Dwarf;

/// <summary>
/// A line program's header: opcode numbers and the names of its files. Source: DWARF 4 §6.2.4, DWARF 5 §6.2.4.
/// </summary>
internal sealed class LineHeader
{
    private const ulong PathContent = 1;
    private const ulong DirectoryContent = 2;

    private readonly List<ReadOnlyMemory<byte>> _directories = [];
    private readonly List<(ReadOnlyMemory<byte> Name, ulong Directory)> _files = [];
    private bool _firstDirectoryIsBase;

    public byte MinimumInstructionLength { get; private init; }

    public sbyte LineBase { get; private init; }

    public byte LineRange { get; private init; }

    public byte OpcodeBase { get; private init; }

    public byte[] OperandCounts { get; private init; } = [];

    /// <summary>Reads a header and moves to the program's first opcode.</summary>
    public static LineHeader? Read(ref DwarfCursor cursor, bool is64Bit, LineSections sections, Dictionary<ulong, (int Section, ulong Value)> relocated)
    {
        var version = cursor.UInt16();
        if (version is < 2 or > 5)
        {
            return null;
        }

        if (version == 5)
        {
            cursor.Skip(2); // address and segment selector size: set_address tells its own size
        }

        var length = is64Bit ? cursor.UInt64() : cursor.UInt32();
        var program = (ulong)cursor.Position + length;
        var minimumInstructionLength = cursor.Byte();
        cursor.Skip(version >= 4 ? 2UL : 1); // maximum_operations_per_instruction is 1 everywhere but VLIW; default_is_stmt
        var header = new LineHeader
        {
            MinimumInstructionLength = minimumInstructionLength,
            LineBase = (sbyte)cursor.Byte(),
            LineRange = cursor.Byte(),
            OpcodeBase = cursor.Byte(),
            OperandCounts = new byte[byte.MaxValue + 1],
        };
        for (var opcode = 1; opcode < header.OpcodeBase; opcode++)
        {
            header.OperandCounts[opcode] = cursor.Byte();
        }

        if (version == 5)
        {
            header.ReadNames5(ref cursor, is64Bit, sections, relocated);
        }
        else
        {
            header.ReadNames4(ref cursor, sections);
        }

        if (cursor.IsBroken || header.LineRange == 0 || program > int.MaxValue || (int)program < cursor.Position)
        {
            return null;
        }

        cursor.MoveTo((int)program);
        return cursor.IsBroken ? null : header;
    }

    /// <summary>A file's full name by the number the program uses: from 1 before DWARF 5, from 0 since.</summary>
    public string? NameOf(uint file)
    {
        if (file >= (uint)_files.Count)
        {
            return null;
        }

        var (name, directory) = _files[(int)file];
        var folder = directory < (ulong)_directories.Count ? DwarfForm.Decode(_directories[(int)directory]) : "";
        var root = _firstDirectoryIsBase && directory != 0 ? DwarfForm.Decode(_directories[0]) : "";
        return Join(Join(root, folder), DwarfForm.Decode(name));
    }

    /// <summary>An entry of the extended opcode DW_LNE_define_file, also the form of the file table before DWARF 5.</summary>
    public void ReadFile4(ref DwarfCursor cursor, LineSections sections)
    {
        var start = cursor.Position;
        var name = sections.Line.Slice(start, cursor.SkipText());
        _files.Add((name, cursor.Leb()));
        cursor.Leb();
        cursor.Leb();
    }

    private void ReadNames4(ref DwarfCursor cursor, LineSections sections)
    {
        // Directory 0 is the compilation's own, which only .debug_info names: such files keep their relative name.
        _directories.Add(default);
        for (var start = cursor.Position; cursor.SkipText() is > 0 and var length; start = cursor.Position)
        {
            _directories.Add(sections.Line.Slice(start, length));
        }

        _files.Add(default);
        while (!cursor.IsAtEnd && sections.Line.Span[cursor.Position] != 0)
        {
            ReadFile4(ref cursor, sections);
        }

        cursor.Skip(1);
    }

    private void ReadNames5(ref DwarfCursor cursor, bool is64Bit, LineSections sections, Dictionary<ulong, (int Section, ulong Value)> relocated)
    {
        _directories.AddRange(ReadTable5(ref cursor, is64Bit, sections, relocated).Select(entry => entry.Name));
        _firstDirectoryIsBase = _directories.Count > 0;
        _files.AddRange(ReadTable5(ref cursor, is64Bit, sections, relocated));
    }

    private static List<(ReadOnlyMemory<byte> Name, ulong Directory)> ReadTable5(
        ref DwarfCursor cursor, bool is64Bit, LineSections sections, Dictionary<ulong, (int Section, ulong Value)> relocated)
    {
        var format = new (ulong Content, ulong Form)[cursor.Byte()];
        for (var i = 0; i < format.Length; i++)
        {
            format[i] = (cursor.Leb(), cursor.Leb());
        }

        // Every known form takes a byte at least, so the data limits the entries; entries of nothing could be claimed without end.
        var count = format.Length == 0 ? (cursor.Leb() & 0) : cursor.Leb();
        var entries = new List<(ReadOnlyMemory<byte>, ulong)>();
        for (var i = 0UL; i < count && !cursor.IsBroken; i++)
        {
            ReadOnlyMemory<byte> name = default;
            var directory = 0UL;
            foreach (var (content, form) in format)
            {
                var (text, number) = DwarfForm.Read(ref cursor, form, is64Bit, sections, relocated);
                name = content == PathContent ? text : name;
                directory = content == DirectoryContent ? number : directory;
            }

            entries.Add((name, directory));
        }

        return entries;
    }

    private static string Join(string directory, string name) =>
        name.StartsWith('/') || directory.Length == 0 ? name : directory.EndsWith('/') ? directory + name : directory + "/" + name;
}
