namespace Klp.Base;

/// <summary>A growing output buffer that refuses to pass its limit, so that a decompression bomb costs no more than the caller allows.</summary>
internal sealed class OutputBuffer
{
    private const int FirstSize = 1 << 16;

    /// <summary>How much a library decodes before this code hears of a cancellation: some hundredths of a second of xz.</summary>
    private const int LargestPiece = 1 << 20;

    private readonly int _limit;
    private readonly CancellationToken _cancellation;
    private readonly FileScratch? _scratch;
    private byte[] _bytes;

    /// <param name="expected">Expected size, 0 where it is unknown; only a hint, capped by the limit.</param>
    /// <param name="scratch">Memory to write to, where the caller reuses it; it grows as needed.</param>
    /// <param name="cancellation">Asked at each <see cref="Piece"/>.</param>
    public OutputBuffer(long expected, int limit, FileScratch? scratch = null, CancellationToken cancellation = default)
    {
        _limit = limit;
        _cancellation = cancellation;
        _scratch = scratch;
        _bytes = scratch is { Unpacked.Length: > 0 } ? scratch.Unpacked : Allocate((int)Math.Min(Math.Max(expected, FirstSize), limit));
    }

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Room for at least one more byte, or an empty span at the limit.</summary>
    public Span<byte> Free()
    {
        if (Length == _bytes.Length && Length < _limit)
        {
            Grow(Length + 1);
        }

        // Memory that was there before may be larger than this content is allowed to become.
        return _bytes.AsSpan(Length, Math.Min(_bytes.Length, _limit) - Length);
    }

    /// <summary>As <see cref="Free"/>, but no more than a moment's work, for a loop over a slow library; throws where the caller has cancelled.</summary>
    public Span<byte> Piece()
    {
        _cancellation.ThrowIfCancellationRequested();
        var room = Free();
        return room.Length > LargestPiece ? room[..LargestPiece] : room;
    }

    /// <summary>Room for exactly <paramref name="count"/> more bytes, or an empty span where that passes the limit.</summary>
    public Span<byte> Reserve(int count)
    {
        if (count > _limit - Length)
        {
            return default;
        }

        if (count > _bytes.Length - Length)
        {
            Grow(Length + count);
        }

        return _bytes.AsSpan(Length, count);
    }

    /// <summary>All the room there is below the limit.</summary>
    public Span<byte> ReserveAll() => Reserve(_limit - Length);

    /// <summary>Repeats what was written <paramref name="distance"/> bytes ago; the copy may overlap itself. False at the limit.</summary>
    public bool CopyBack(int distance, int count)
    {
        var room = Reserve(count);
        if (room.Length != count)
        {
            return false;
        }

        // A copy longer than its distance repeats what it has just written: each round may take all written so far, a multiple of the distance.
        for (var done = 0; done < count;)
        {
            var part = Math.Min(count - done, distance + done);
            _bytes.AsSpan(Length - distance, part).CopyTo(_bytes.AsSpan(Length + done));
            done += part;
        }

        Length += count;
        return true;
    }

    public void Advance(int count) => Length += count;

    private void Grow(int needed)
    {
        var size = (int)Math.Min(_limit, Math.Max(needed, _bytes.Length * 2L));
        var old = _bytes.AsSpan(0, Length);
        _bytes = Allocate(size);
        old.CopyTo(_bytes);
    }

    private byte[] Allocate(int size)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(size);
        if (_scratch is not null)
        {
            _scratch.Unpacked = bytes;
        }

        return bytes;
    }
}
