namespace Klp.Base;

/// <summary>
/// LZO1X blocks, as the stream format is described in the kernel's Documentation/staging/lzo.rst (bitstream version 0).
/// An instruction's high bits say literal run or match, its low two bits how many literals follow a match.
/// </summary>
internal static class Lzo1x
{
    /// <summary>Decodes one block that must unpack to exactly <paramref name="contentSize"/> bytes.</summary>
    public static StreamEnd Decode(ReadOnlySpan<byte> block, int contentSize, OutputBuffer output)
    {
        if (output.Reserve(contentSize).IsEmpty)
        {
            return StreamEnd.TooLarge;
        }

        var decoder = new Run(block, contentSize, output);
        return decoder.Decode() ? StreamEnd.Complete : StreamEnd.Corrupt;
    }

    private ref struct Run(ReadOnlySpan<byte> block, int contentSize, OutputBuffer output)
    {
        private readonly ReadOnlySpan<byte> _block = block;
        private readonly int _start = output.Length;
        private int _at;

        // Literals copied by the last instruction: 0, 1 to 3, or 4 for "a long run"; it gives codes 0..15 their meaning.
        private int _state;

        public bool Decode()
        {
            if (_block.Length > 0 && _block[0] > 17)
            {
                var count = _block[_at++] - 17;
                if (!Literals(count))
                {
                    return false;
                }

                _state = Math.Min(count, 4);
            }

            while (_at < _block.Length)
            {
                var code = _block[_at++];
                if (code < 16 && _state == 0)
                {
                    var count = Length(code, 15);
                    if (count < 0 || !Literals(count + 3))
                    {
                        return false;
                    }

                    _state = 4;
                    continue;
                }

                if (!Match(code, out var isEnd))
                {
                    return false;
                }

                if (isEnd)
                {
                    return _at == _block.Length && output.Length - _start == contentSize;
                }
            }

            return false;
        }

        private bool Match(int code, out bool isEnd)
        {
            isEnd = false;
            int distance, length, next;
            if (code >= 64)
            {
                if (!Byte(out var high))
                {
                    return false;
                }

                distance = (high << 3) + (code >> 2 & 7) + 1;
                length = (code >> 5) + 1;
                next = code & 3;
            }
            else if (code >= 16)
            {
                var isNear = code >= 32;
                length = isNear ? Length(code & 31, 31) : Length(code & 7, 7);
                if (length < 0 || !Byte(out var low) || !Byte(out var high))
                {
                    return false;
                }

                length += 2;
                next = low & 3;
                distance = (high << 6) + (low >> 2);
                if (isNear)
                {
                    distance++;
                }
                else
                {
                    distance += (code & 8) << 11;
                    if (distance == 0)
                    {
                        isEnd = true;
                        return true;
                    }

                    distance += 16384;
                }
            }
            else
            {
                if (!Byte(out var high))
                {
                    return false;
                }

                distance = (high << 2) + (code >> 2) + (_state == 4 ? 2049 : 1);
                length = _state == 4 ? 3 : 2;
                next = code & 3;
            }

            if (distance > output.Length - _start || length > contentSize - (output.Length - _start) || !output.CopyBack(distance, length))
            {
                return false;
            }

            _state = next;
            return Literals(next);
        }

        private bool Literals(int count)
        {
            if (count > _block.Length - _at || count > contentSize - (output.Length - _start))
            {
                return false;
            }

            _block.Slice(_at, count).CopyTo(output.Reserve(count));
            output.Advance(count);
            _at += count;
            return true;
        }

        /// <summary>A length whose field is <paramref name="full"/> bits wide: zero means more bytes, each zero byte 255 more.</summary>
        private int Length(int field, int full)
        {
            if (field != 0)
            {
                return field;
            }

            var length = full;
            while (_at < _block.Length && length <= contentSize)
            {
                var b = _block[_at++];
                if (b != 0)
                {
                    return length + b;
                }

                length += 255;
            }

            return -1;
        }

        private bool Byte(out int value)
        {
            value = _at < _block.Length ? _block[_at] : -1;
            return _at++ < _block.Length;
        }
    }
}
