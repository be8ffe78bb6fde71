using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Klp.Elf;

namespace Klp.TestKit;

/// <summary>
/// A kernel image of some hundred symbols, made for tests: banner, build-id, ftrace sites and embedded symbol table, as ELF vmlinux, raw Image or bzImage.
/// </summary>
public sealed class SyntheticKernel
{
    public const ulong Text = 0xffffffff81000000;
    public const string Release = "6.6.6-klp-test";

    private readonly string _release;

    private const int DataOffset = 0x1000;
    private const ulong DataAddress = Text + 0x800000;
    private const ulong InitStart = Text + 0x600000;

    public SyntheticKernel(SyntheticLayout layout = SyntheticLayout.Offsets65, ByteOrder order = ByteOrder.Little, int functions = 600, ElfMachine machine = ElfMachine.X86_64, string release = Release)
    {
        _release = release;
        Layout = layout;
        Order = order;
        Machine = machine;
        Symbols = MakeSymbols(functions, layout);
        Payload = MakePayload();
    }

    public SyntheticLayout Layout { get; }

    public ByteOrder Order { get; }

    public ElfMachine Machine { get; }

    /// <summary>In the kernel's order.</summary>
    public IReadOnlyList<SyntheticSymbol> Symbols { get; }

    public byte[] BuildId { get; } = Enumerable.Range(1, 20).Select(i => (byte)(i * 7)).ToArray();

    /// <summary>The ELF vmlinux.</summary>
    public byte[] Payload { get; }

    /// <summary>Functions whose number divides by 3 have no ftrace site; those of init text have one as the others.</summary>
    public static bool HasSite(int function) => function % 3 != 0;

    /// <summary>The kernel in an x86 boot image (boot protocol 2.15), compressed with gzip.</summary>
    public byte[] BzImage()
    {
        const int SetupSectors = 4;
        byte[] payload = [.. Gzip(Payload)];
        var image = new byte[(SetupSectors + 1) * 512 + 0x100 + payload.Length + 64];
        image[0x1f1] = SetupSectors;
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), 0x20f);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(0x248), 0x100);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(0x24c), payload.Length);
        payload.CopyTo(image.AsSpan((SetupSectors + 1) * 512 + 0x100));
        return image;
    }

    /// <summary>arm64's form: the bytes without ELF, with the Image header.</summary>
    public byte[] RawImage()
    {
        var raw = (byte[])Payload.Clone();
        Array.Clear(raw, 0, 0x200);
        "ARM\x64"u8.CopyTo(raw.AsSpan(56));
        return raw;
    }

    public static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }

    private static List<SyntheticSymbol> MakeSymbols(int functions, SyntheticLayout layout)
    {
        var symbols = new List<SyntheticSymbol>();
        var hasPercpu = layout is SyntheticLayout.Offsets54 or SyntheticLayout.Sequence62 or SyntheticLayout.Offsets65 or SyntheticLayout.Addresses54 or SyntheticLayout.Addresses65;
        if (hasPercpu)
        {
            symbols.Add(new(0, 'A', "__per_cpu_start"));
            symbols.Add(new(0x1040, 'A', "cpu_number"));
            symbols.Add(new(0x2000, 'A', "__per_cpu_end"));
        }

        symbols.Add(new(Text, 'T', "_text"));
        symbols.Add(new(Text, 'T', "_stext"));
        for (var i = 0; i < functions; i++)
        {
            // Every tenth name is one of five homonyms; one name is as long as Rust's.
            var name = i % 10 == 0 ? $"homonym_{i / 10 % 5}" : i == 7 ? new string('r', 200) + "_7" : $"subsys{i % 13}_do_thing_{i}";
            symbols.Add(new(FunctionAddress(i), i % 4 == 0 ? 'T' : 't', name));
        }

        symbols.Add(new(InitStart, 'T', "__init_begin"));
        symbols.Add(new(InitStart, 't', "homonym_0"));
        symbols.Add(new(InitStart + 0x100, 't', "setup_thing"));
        symbols.Add(new(InitStart + 0x1000, 'D', "__init_end"));
        symbols.Add(new(DataAddress, 'D', "linux_banner"));
        symbols.Add(new(DataAddress + 0x100, 'R', "__start_notes"));
        symbols.Add(new(DataAddress + 0x100 + 16 + 20, 'R', "__stop_notes"));
        symbols.Add(new(DataAddress + 0x200, 'd', "__start_mcount_loc"));
        symbols.Add(new(DataAddress + 0x200 + 8 * (ulong)Enumerable.Range(0, functions).Count(HasSite), 'd', "__stop_mcount_loc"));
        symbols.Add(new(DataAddress + 0x10000, 'b', "some_static_data"));
        symbols.Add(new(DataAddress + 0x700000, 'B', "_end"));
        return symbols;
    }

    public static ulong FunctionAddress(int function) => Text + 0x1000 + 0x40 * (ulong)function;

    private byte[] MakePayload()
    {
        var functions = Symbols.Count(s => s.Address >= FunctionAddress(0) && s.Address < InitStart);
        var tablesAt = 0x200 + (8 * functions + 0xff & ~0xff);
        var tables = SyntheticKallsyms.Encode(Symbols, Layout, Order, Text, DataAddress + (ulong)tablesAt);
        var bytes = new byte[DataOffset + tablesAt + tables.Length + 64];
        var data = bytes.AsSpan(DataOffset);
        Encoding.ASCII.GetBytes($"Linux version {_release} (klp@test) #1 SMP\n").CopyTo(data);
        Order.WriteUInt32(data[0x100..], 4);
        Order.WriteUInt32(data[0x104..], (uint)BuildId.Length);
        Order.WriteUInt32(data[0x108..], 3);
        "GNU\0"u8.CopyTo(data[0x10c..]);
        BuildId.CopyTo(data[0x110..]);
        var site = 0x200;
        foreach (var function in Enumerable.Range(0, functions).Where(HasSite))
        {
            Order.WriteUInt64(data[site..], FunctionAddress(function) + 4); // behind endbr64
            site += 8;
        }

        tables.CopyTo(data[tablesAt..]);
        WriteElfHeader(bytes);
        return bytes;
    }

    private void WriteElfHeader(Span<byte> bytes)
    {
        byte[] identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, (byte)Order, 1];
        identity.CopyTo(bytes);
        Order.WriteUInt16(bytes[16..], (ushort)ElfType.Executable);
        Order.WriteUInt16(bytes[18..], (ushort)Machine);
        Order.WriteUInt64(bytes[32..], 64);
        Order.WriteUInt16(bytes[54..], 56);
        Order.WriteUInt16(bytes[56..], 1);
        var header = bytes[64..];
        Order.WriteUInt32(header, 1);
        Order.WriteUInt64(header[8..], DataOffset);
        Order.WriteUInt64(header[16..], DataAddress);
        Order.WriteUInt64(header[32..], (ulong)(bytes.Length - DataOffset));
    }
}
