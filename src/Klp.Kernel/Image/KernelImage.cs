using Klp.Base;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// A kernel image (vmlinuz, bzImage, Image.gz, zImage, vmlinux): its release, build-id and the tables embedded in it.
/// The kernel's bytes themselves are not kept.
/// </summary>
public sealed class KernelImage
{
    private readonly (ulong Start, ulong End)? _init;
    private readonly (ulong Start, ulong End)? _percpu;

    private KernelImage(ImagePayload payload, KallsymsTable kallsyms, ImageSymbols symbols, AddressMap map)
    {
        var bytes = payload.Bytes.Span;
        Packaging = payload.Packaging;
        Kallsyms = kallsyms;
        Machine = symbols.Machine;
        ByteOrder = symbols.Order;
        Release = KernelBanner.ReleaseAt(bytes, symbols["linux_banner"] is { } banner ? map.OffsetOf(banner) : -1) ?? KernelBanner.ReleaseAt(bytes, KernelBanner.Find(bytes));
        BuildId = symbols.Range("__start_notes", "__stop_notes") is { } notes && map.OffsetOf(notes.Start, notes.End - notes.Start) is >= 0 and var at
            ? Kernel.BuildId.Find(bytes.Slice(at, (int)(notes.End - notes.Start)), symbols.Order)
            : null;
        _init = symbols.Range("__init_begin", "__init_end") ?? symbols.Range("_sinittext", "_einittext"); // the first are no text symbols: without KALLSYMS_ALL they are missing
        HasData = symbols["_end"] is not null || symbols["linux_banner"] is not null;
        _percpu = symbols.Range("__per_cpu_start", "__per_cpu_end");
        Ftrace = FtraceTable(bytes, symbols, map);
    }

    /// <summary>How the file held the kernel: <c>bzImage, xz</c>.</summary>
    public string Packaging { get; }

    /// <summary>UTS_RELEASE from the kernel's banner; null where there is none.</summary>
    public string? Release { get; }

    /// <summary>The GNU build-id note; null where there is none.</summary>
    public byte[]? BuildId { get; }

    public KallsymsTable Kallsyms { get; }

    public ElfMachine Machine { get; }

    public ByteOrder ByteOrder { get; }

    /// <summary>The table has data symbols. Without (no CONFIG_KALLSYMS_ALL) the kernel cannot be livepatched at all.</summary>
    public bool HasData { get; }

    /// <summary>Ftrace's call sites; null where the image does not say (relocated while booting).</summary>
    public FtraceSites? Ftrace { get; }

    /// <summary>Lies in memory that is given back after boot (<c>__init_begin</c> to <c>__init_end</c>, without the per-CPU template).</summary>
    public bool IsInit(ulong address) =>
        _init is { } init && address >= init.Start && address < init.End && !(_percpu is { } percpu && address >= percpu.Start && address < percpu.End);

    /// <summary>Reads an image file of any supported architecture and compression.</summary>
    /// <returns>Null with KLP0011 (unreadable), KLP0231 to KLP0235 (decompression), KLP0240 (no kernel in it) or KLP0241 (no symbol table in the kernel).</returns>
    /// <param name="cancellation">Throws in the middle of the decompression, which takes a second or more.</param>
    public static KernelImage? Load(string path, DiagnosticBag diagnostics, CancellationToken cancellation = default) =>
        SafeFile.Read(path, diagnostics) is { } bytes ? Read(bytes, path, diagnostics, cancellation) : null;

    /// <summary>Reads an image's bytes; <paramref name="path"/> is for messages.</summary>
    public static KernelImage? Read(ReadOnlyMemory<byte> image, string path, DiagnosticBag diagnostics, CancellationToken cancellation = default) =>
        ImagePayload.Find(image, path, diagnostics, cancellation) is { } payload ? Read(payload, path, diagnostics) : null;

    /// <summary>Reads an unpacked kernel.</summary>
    public static KernelImage? Read(ImagePayload payload, string path, DiagnosticBag diagnostics)
    {
        var bytes = payload.Bytes;
        var isElf = ElfFile.IsElf(bytes.Span) && bytes.Length >= ElfFile.HeaderSize && bytes.Span[4] == 2;
        var map = isElf ? AddressMap.OfElf(bytes.Span, bytes.Span[5] == 2 ? ByteOrder.Big : ByteOrder.Little) : null;
        if (KallsymsLocator.Find(bytes, map) is not { } kallsyms)
        {
            diagnostics.Error(
                "KLP0241", path, $"The kernel in this file ({payload.Packaging}, {bytes.Length:#,0} bytes unpacked) has no symbol table that can be read.",
                "The kernel must be 64-bit and built with CONFIG_KALLSYMS (livepatching needs it too); if it is, name its System.map or vmlinux instead.");
            return null;
        }

        var symbols = ImageSymbols.Collect(kallsyms, bytes.Span);
        map ??= RawMap(bytes.Span, symbols);
        return new KernelImage(payload, kallsyms, symbols, map);
    }

    /// <summary>A raw image has no headers; its banner's address and place tell where it is linked.</summary>
    private static AddressMap RawMap(ReadOnlySpan<byte> bytes, ImageSymbols symbols)
    {
        var banner = KernelBanner.Find(bytes);
        var start = symbols["linux_banner"] is { } address && banner >= 0 && address >= (ulong)banner ? address - (ulong)banner : symbols["_text"] ?? 0;
        return AddressMap.Linear(start, bytes.Length);
    }

    private static FtraceSites? FtraceTable(ReadOnlySpan<byte> bytes, ImageSymbols symbols, AddressMap map)
    {
        if (symbols.Range("__start_mcount_loc", "__stop_mcount_loc") is not { } table || table.End - table.Start > (ulong)bytes.Length)
        {
            return null;
        }

        var length = table.End - table.Start;
        var at = map.OffsetOf(table.Start, length);
        var lowest = symbols["_text"] ?? symbols["_stext"] ?? 0;
        return at < 0 ? null : FtraceSites.Read(bytes.Slice(at, (int)length), symbols.Order, symbols.Machine, lowest, symbols["_end"] ?? ulong.MaxValue);
    }
}
