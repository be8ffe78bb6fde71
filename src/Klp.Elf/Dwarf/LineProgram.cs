namespace Klp.Elf.Dwarf;

/// <summary>Runs line programs: DWARF's little machine that builds the matrix of addresses and lines. Source: DWARF 5 §6.2.5.</summary>
internal static class LineProgram
{
    /// <summary>Rows by section, ordered by offset.</summary>
    public static Dictionary<int, LineRow[]> ReadAll(LineSections sections)
    {
        sections.Decompress();
        var relocated = sections.RelocatedValues();
        var rows = new Dictionary<int, List<LineRow>>();
        var data = sections.Line.Span;
        var at = 0;
        while (at < data.Length)
        {
            var cursor = new DwarfCursor(data, at, data.Length, sections.ByteOrder);
            var length = (ulong)cursor.UInt32();
            var is64Bit = length == uint.MaxValue;
            length = is64Bit ? cursor.UInt64() : length;
            if (cursor.IsBroken || length == 0 || length > (ulong)(data.Length - cursor.Position))
            {
                break; // cut off, or padding: what was read so far is still right
            }

            var end = cursor.Position + (int)length;
            var unit = new DwarfCursor(data, cursor.Position, end, sections.ByteOrder);
            if (LineHeader.Read(ref unit, is64Bit, sections, relocated) is { } header)
            {
                Run(ref unit, header, sections, relocated, rows);
            }

            at = end;
        }

        // At one offset the end of a run stands before the start of the next; otherwise the program's order counts.
        return rows.ToDictionary(r => r.Key, r => r.Value.OrderBy(row => row.Offset).ThenBy(row => row.Unit is not null).ToArray());
    }

    private static void Run(
        ref DwarfCursor cursor, LineHeader header, LineSections sections, Dictionary<ulong, (int Section, ulong Value)> relocated, Dictionary<int, List<LineRow>> rows)
    {
        var state = new State();
        while (!cursor.IsAtEnd)
        {
            var opcode = cursor.Byte();
            if (opcode >= header.OpcodeBase)
            {
                var adjusted = opcode - header.OpcodeBase;
                state.Offset += (ulong)(adjusted / header.LineRange) * header.MinimumInstructionLength;
                state.Line += header.LineBase + adjusted % header.LineRange;
                Emit(rows, header, state);
                continue;
            }

            switch (opcode)
            {
                case 0:
                    Extended(ref cursor, header, sections, relocated, rows, ref state);
                    break;
                case 1: // copy
                    Emit(rows, header, state);
                    break;
                case 2: // advance_pc
                    state.Offset += cursor.Leb() * header.MinimumInstructionLength;
                    break;
                case 3: // advance_line
                    state.Line += cursor.SignedLeb();
                    break;
                case 4: // set_file
                    state.File = cursor.Leb();
                    break;
                case 5: // set_column
                    state.Column = cursor.Leb();
                    break;
                case 8: // const_add_pc
                    state.Offset += (ulong)((byte.MaxValue - header.OpcodeBase) / header.LineRange) * header.MinimumInstructionLength;
                    break;
                case 9: // fixed_advance_pc
                    state.Offset += cursor.UInt16();
                    break;
                default: // negate_stmt, set_basic_block, set_prologue_end, set_isa and unknown ones: only operands to skip
                    for (var operand = 0; operand < header.OperandCounts[opcode]; operand++)
                    {
                        cursor.Leb();
                    }

                    break;
            }
        }
    }

    private static void Extended(
        ref DwarfCursor cursor, LineHeader header, LineSections sections, Dictionary<ulong, (int Section, ulong Value)> relocated,
        Dictionary<int, List<LineRow>> rows, ref State state)
    {
        var length = cursor.Leb();
        var start = cursor.Position;
        if (length == 0 || cursor.IsBroken)
        {
            return;
        }

        switch (cursor.Byte())
        {
            case 1: // end_sequence
                EmitEnd(rows, state);
                state = new State();
                break;
            case 2: // set_address
                var place = (ulong)cursor.Position;
                state.Section = relocated.TryGetValue(place, out var target) && target.Section is > 0 and < SpecialSection.LowReserve ? target.Section : 0;
                state.Offset = target.Value;
                break;
            case 3: // define_file
                header.ReadFile4(ref cursor, sections);
                break;
        }

        var consumed = (ulong)(cursor.Position - start);
        cursor.MoveTo(start);
        cursor.Skip(Math.Max(length, consumed));
    }

    private static void Emit(Dictionary<int, List<LineRow>> rows, LineHeader header, State state)
    {
        if (state.Section != 0)
        {
            RowsOf(rows, state.Section).Add(new LineRow(state.Offset, header, (uint)Math.Min(state.File, uint.MaxValue), Clamp(state.Line), Clamp((long)Math.Min(state.Column, int.MaxValue))));
        }
    }

    private static void EmitEnd(Dictionary<int, List<LineRow>> rows, State state)
    {
        if (state.Section != 0)
        {
            RowsOf(rows, state.Section).Add(new LineRow(state.Offset, null, 0, 0, 0));
        }
    }

    private static List<LineRow> RowsOf(Dictionary<int, List<LineRow>> rows, int section)
    {
        if (!rows.TryGetValue(section, out var list))
        {
            rows.Add(section, list = []);
        }

        return list;
    }

    private static int Clamp(long value) => (int)Math.Clamp(value, 0, int.MaxValue);

    /// <summary>The registers. Section 0 is "no address set by a relocation yet": such rows say nothing about this object.</summary>
    private record struct State
    {
        public State()
        {
        }

        public int Section { get; set; } = 0;

        public ulong Offset { get; set; } = 0;

        public ulong File { get; set; } = 1;

        public long Line { get; set; } = 1;

        public ulong Column { get; set; } = 0;
    }
}
