using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Klp.TestKit;

/// <summary>Writes Debian packages, well-formed ones and others: the members of the data archive are the test's to choose.</summary>
public static class DebWriter
{
    public static byte[] Write(string control, params IEnumerable<TarEntry> entries)
    {
        using var deb = new MemoryStream();
        deb.Write("!<arch>\n"u8);
        Member(deb, "debian-binary", "2.0\n"u8.ToArray());
        Member(deb, "control.tar.gz", Tar([File("./control", control)]));
        Member(deb, "data.tar.gz", Tar(entries));
        return deb.ToArray();
    }

    public static TarEntry File(string name, string content, bool executable = false) => File(name, Encoding.UTF8.GetBytes(content), executable);

    public static TarEntry File(string name, byte[] content, bool executable = false) => new PaxTarEntry(TarEntryType.RegularFile, name)
    {
        DataStream = new MemoryStream(content),
        Mode = (UnixFileMode)Convert.ToInt32(executable ? "755" : "644", 8),
    };

    public static TarEntry Link(string name, string target) => new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target };

    private static byte[] Tar(IEnumerable<TarEntry> entries)
    {
        using var buffer = new MemoryStream();
        using (var zip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zip, TarEntryFormat.Pax))
        {
            foreach (var entry in entries)
            {
                // The same packages, the same bytes, whenever they are made.
                entry.ModificationTime = DateTimeOffset.UnixEpoch;
                tar.WriteEntry(entry);
            }
        }

        return buffer.ToArray();
    }

    private static void Member(MemoryStream deb, string name, byte[] content)
    {
        deb.Write(Encoding.ASCII.GetBytes($"{name,-16}{0,-12}{0,-6}{0,-6}{"100644",-8}{content.Length,-10}`\n"));
        deb.Write(content);
        if (content.Length % 2 == 1)
        {
            deb.WriteByte((byte)'\n');
        }
    }
}
