namespace Klp.Build.Tasks;

/// <summary>What a file is by its first bytes: an image that is named in a project may be a vmlinuz or a vmlinux.</summary>
internal static class FileKind
{
    public static bool IsElf(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            Span<byte> magic = stackalloc byte[4];
            return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("\u007fELF"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
