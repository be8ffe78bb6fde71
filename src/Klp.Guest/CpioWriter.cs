using System.Globalization;
using System.Text;

namespace Klp.Guest;

/// <summary>
/// Writes a cpio archive in the "newc" format, the one the kernel unpacks as an initramfs
/// (Documentation/driver-api/early-userspace/buffer-format.rst). Every entry belongs to root and has no time, so equal content is equal bytes.
/// </summary>
public sealed class CpioWriter
{
    private const uint TypeDirectory = 0x4000;
    private const uint TypeCharacterDevice = 0x2000;
    private const uint TypeRegular = 0x8000;
    private const uint TypeLink = 0xa000;

    private readonly MemoryStream _archive = new();
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private uint _inode = 1;

    /// <summary>Adds a file; folders above it are added as needed.</summary>
    /// <param name="path">Without a leading slash.</param>
    public void AddFile(string path, ReadOnlySpan<byte> content, bool executable = false)
    {
        AddFolderOf(path);
        Add(path, TypeRegular | (executable ? 0x1edu : 0x1a4u), content);
    }

    public void AddFolder(string path)
    {
        if (path.Length == 0 || !_folders.Add(path))
        {
            return;
        }

        AddFolderOf(path);
        Add(path, TypeDirectory | 0x1ed, []);
    }

    public void AddLink(string path, string target)
    {
        AddFolderOf(path);
        Add(path, TypeLink | 0x1ff, Encoding.UTF8.GetBytes(target));
    }

    public void AddCharacterDevice(string path, uint major, uint minor)
    {
        AddFolderOf(path);
        Add(path, TypeCharacterDevice | 0x180, [], major, minor);
    }

    /// <summary>The whole archive, with its trailer.</summary>
    public byte[] ToArray()
    {
        var size = _archive.Length;
        Add("TRAILER!!!", 0, []);
        var bytes = _archive.ToArray();
        _archive.SetLength(size);
        return bytes;
    }

    private void AddFolderOf(string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash > 0)
        {
            AddFolder(path[..slash]);
        }
    }

    private void Add(string path, uint mode, ReadOnlySpan<byte> content, uint major = 0, uint minor = 0)
    {
        var name = Encoding.UTF8.GetBytes(path);
        ReadOnlySpan<uint> fields =
        [
            _inode++, mode, 0, 0, 1, 0, checked((uint)content.Length), 0, 0, major, minor, (uint)name.Length + 1, 0,
        ];
        var header = new StringBuilder("070701", 110);
        foreach (var field in fields)
        {
            header.Append(field.ToString("x8", CultureInfo.InvariantCulture));
        }

        _archive.Write(Encoding.ASCII.GetBytes(header.ToString()));
        _archive.Write(name);
        _archive.WriteByte(0);
        Pad();
        _archive.Write(content);
        Pad();
    }

    private void Pad()
    {
        while (_archive.Length % 4 != 0)
        {
            _archive.WriteByte(0);
        }
    }
}
