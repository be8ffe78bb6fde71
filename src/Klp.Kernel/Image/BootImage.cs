using System.Buffers.Binary;
using Klp.Base;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// The boot wrappers of the architectures: where they keep the compressed kernel. x86: Documentation/arch/x86/boot.rst; EFI zboot:
/// drivers/firmware/efi/libstub/zboot-header.S; arm64: Documentation/arch/arm64/booting.rst; powerpc and s390: their boot/ folders.
/// </summary>
internal static class BootImage
{
    private const int SmallestKernel = 4096;

    /// <summary>Enough for any image that holds several streams (vdso, initramfs, firmware) in front of the kernel.</summary>
    private const int MostStreamsTried = 64;

    public static CompressedPlace? FindCompressed(ReadOnlySpan<byte> image) => FindBzImage(image) ?? FindZboot(image);

    /// <summary>arm64's and riscv's Image header, or a raw s390 or other binary that holds its own banner uncompressed.</summary>
    public static bool IsRaw(ReadOnlySpan<byte> image) =>
        (image.Length >= 64 && image[56..60].SequenceEqual("ARM\x64"u8)) || KernelBanner.Find(image) >= 0;

    /// <summary>x86: the setup header at 0x1f1; from protocol 2.08 on it says where the payload is, counted from the protected-mode code.</summary>
    private static CompressedPlace? FindBzImage(ReadOnlySpan<byte> image)
    {
        const int HeaderEnd = 0x268, PayloadProtocol = 0x208, SectorSize = 512;
        if (image.Length < HeaderEnd || !image[0x202..0x206].SequenceEqual("HdrS"u8))
        {
            return null;
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(image[0x206..]) < PayloadProtocol)
        {
            return null;
        }

        var sectors = image[0x1f1] == 0 ? 4 : image[0x1f1];
        var offset = (sectors + 1) * SectorSize + (long)BinaryPrimitives.ReadUInt32LittleEndian(image[0x248..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(image[0x24c..]);
        if (length < 8 || offset > image.Length || length > image.Length - offset)
        {
            return null;
        }

        var payload = image.Slice((int)offset, (int)length);

        // The build appends the content's size to every format but gzip, which ends with it anyway.
        return Decompressor.Sniff(payload) == CompressionFormat.None
            ? null
            : new CompressedPlace((int)offset, (int)length, BinaryPrimitives.ReadUInt32LittleEndian(payload[^4..]), "bzImage");
    }

    /// <summary>EFI zboot (arm64, riscv, loongarch): MZ, "zimg", payload offset and size, and the compression's name.</summary>
    private static CompressedPlace? FindZboot(ReadOnlySpan<byte> image)
    {
        if (image.Length < 64 || !image.StartsWith("MZ"u8) || !image[4..8].SequenceEqual("zimg"u8))
        {
            return null;
        }

        long offset = BinaryPrimitives.ReadUInt32LittleEndian(image[8..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(image[12..]);
        if (length < 8 || offset > image.Length || length > image.Length - offset || Decompressor.Sniff(image.Slice((int)offset, (int)length)) == CompressionFormat.None)
        {
            return null;
        }

        // zboot appends the content's size behind the payload; gzip has it as its own trailer.
        var end = (int)(offset + length);
        var expected = image.Length - end >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(image[end..]) : 0;
        return new CompressedPlace((int)offset, (int)length, expected, "EFI zboot image");
    }

    /// <summary>powerpc's zImage keeps the kernel in <c>.kernel:vmlinux.strip</c>, s390's wrapper in <c>.vmlinux.bin.compressed</c> or <c>.rodata.compressed</c>.</summary>
    public static CompressedPlace? FindInElf(ReadOnlySpan<byte> image)
    {
        foreach (var section in SectionPlaces(image))
        {
            if (section.Name.StartsWith(".kernel:vmlinux", StringComparison.Ordinal) || section.Name.Contains("compressed", StringComparison.Ordinal))
            {
                var content = image.Slice(section.Offset, section.Length);
                if (Decompressor.Sniff(content) != CompressionFormat.None)
                {
                    return new CompressedPlace(section.Offset, section.Length, 0, "boot wrapper");
                }
            }
        }

        return null;
    }

    /// <summary>Places that look like the start of a compressed stream, in order.</summary>
    public static List<CompressedPlace> ScanForStreams(ReadOnlySpan<byte> image)
    {
        var places = new List<CompressedPlace>();
        foreach (var magic in (ReadOnlySpan<byte[]>)[[0x1f, 0x8b, 8], [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], [0x28, 0xb5, 0x2f, 0xfd], [0x42, 0x5a, 0x68],
            [0x02, 0x21, 0x4c, 0x18], [0x04, 0x22, 0x4d, 0x18], [0x89, 0x4c, 0x5a, 0x4f, 0], [0x5d, 0, 0]])
        {
            for (int from = 0, hit; from < image.Length && (hit = image[from..].IndexOf(magic)) >= 0; from += hit + 1)
            {
                var at = from + hit;
                if (Decompressor.Sniff(image[at..]) != CompressionFormat.None && image.Length - at >= SmallestKernel)
                {
                    places.Add(new CompressedPlace(at, image.Length - at, 0, "image"));
                    if (places.Count >= MostStreamsTried)
                    {
                        return places;
                    }
                }
            }
        }

        places.Sort((a, b) => a.Offset.CompareTo(b.Offset));
        return places;
    }

    /// <summary>Names and places of an ELF file's sections with bytes; 32-bit wrappers (powerpc's zImage) too. Empty where the headers are no good.</summary>
    internal static List<(string Name, int Offset, int Length)> SectionPlaces(ReadOnlySpan<byte> file)
    {
        var result = new List<(string, int, int)>();
        if (file.Length < ElfFile.HeaderSize || file[4] is not (1 or 2) || file[5] is not (1 or 2))
        {
            return result;
        }

        var is64 = file[4] == 2;
        var order = (ByteOrder)file[5];
        ulong table = is64 ? order.ReadUInt64(file[40..]) : order.ReadUInt32(file[32..]);
        var size = is64 ? ElfFile.SectionHeaderSize : 40;
        var counts = file[(is64 ? 58 : 46)..];
        int entry = order.ReadUInt16(counts), count = order.ReadUInt16(counts[2..]), names = order.ReadUInt16(counts[4..]);
        if (entry != size || names >= count || table > (ulong)file.Length || (ulong)(count * size) > (ulong)file.Length - table)
        {
            return result;
        }

        var (_, _, namesOffset, namesLength) = Header(file, (int)table + names * size, is64, order);
        if (!Fits(file, namesOffset, namesLength))
        {
            return result;
        }

        var strings = file.Slice((int)namesOffset, (int)namesLength);
        for (var i = 1; i < count; i++)
        {
            var (name, type, offset, length) = Header(file, (int)table + i * size, is64, order);
            if (type is 0 or (uint)SectionType.NoBits || !Fits(file, offset, length) || name >= strings.Length)
            {
                continue;
            }

            var text = strings[(int)name..];
            var end = text.IndexOf((byte)0);
            result.Add((System.Text.Encoding.Latin1.GetString(end < 0 ? text : text[..end]), (int)offset, (int)length));
        }

        return result;
    }

    private static (uint Name, uint Type, ulong Offset, ulong Length) Header(ReadOnlySpan<byte> file, int at, bool is64, ByteOrder order)
    {
        var header = file[at..];
        return is64
            ? (order.ReadUInt32(header), order.ReadUInt32(header[4..]), order.ReadUInt64(header[24..]), order.ReadUInt64(header[32..]))
            : (order.ReadUInt32(header), order.ReadUInt32(header[4..]), order.ReadUInt32(header[16..]), order.ReadUInt32(header[20..]));
    }

    private static bool Fits(ReadOnlySpan<byte> file, ulong offset, ulong length) => offset <= (ulong)file.Length && length <= (ulong)file.Length - offset;
}
