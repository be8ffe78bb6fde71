namespace Klp.TestKit;

/// <summary>Words that start a program where something is missing: room on a device, a file, or the right to read every file. None needs root.</summary>
public static class SmallerWorld
{
    /// <summary>What a run on a small device prints before the list of the files that are left there.</summary>
    public const string Left = "LEFT ON THE DEVICE:";

    // Root needs no user namespace, and cannot have one in a chroot.
    private const string Namespace = """
        if unshare -m true 2>/dev/null; then exec unshare -m "$@"; fi
        exec unshare -Urm "$@"
        """;

    private const string Device = """
        mount -t tmpfs -o "size=$1" none "$2" && cp -a "$3/." "$2/" || { echo "This machine lets no test mount a tmpfs in a namespace of its own (unshare -m, or -Urm)."; exit 99; }
        device=$2 more=$4
        shift 4
        "$@"
        code=$?
        echo "LEFT ON THE DEVICE:"
        (cd "$device" && find . -type f -exec sha256sum {} +)
        if [ -n "$more" ]; then
          mount -o "remount,size=$more" "$device" && "$@"
          code=$code-$?
          echo "THEN: $code"
          exit 1
        fi
        exit $code
        """;

    private const string Cover = """
        cover=$1
        shift
        while [ "$1" != -- ]; do
          mount --bind "$cover" "$1" || { echo "This machine lets no test mount in a namespace of its own (unshare -m, or -Urm)."; exit 99; }
          shift
        done
        shift
        exec "$@"
        """;

    /// <summary>A folder is a device of this size (<c>64k</c>), with the files of another folder on it. Only the program sees it, and when it has ended nobody.</summary>
    /// <param name="size">Of the device, as mount says it.</param>
    /// <param name="folder">Absolute; it exists.</param>
    /// <param name="content">What lies on the device first; absolute.</param>
    /// <param name="more">The size the device then gets for a second run of the program, or null for none. Both exit codes stand behind <c>THEN: </c>.</param>
    public static IReadOnlyList<string> SmallDevice(string size, string folder, string content, string? more = null) =>
        ["sh", "-c", Namespace, "sh", "sh", "-c", Device, "sh", size, folder, content, more ?? ""];

    /// <summary>In the place of these files lies another one. Only the program sees it so.</summary>
    /// <param name="cover">Absolute.</param>
    /// <param name="files">Absolute; they exist.</param>
    public static IReadOnlyList<string> Covered(string cover, params IEnumerable<string> files) => ["sh", "-c", Namespace, "sh", "sh", "-c", Cover, "sh", cover, .. files, "--"];

    /// <summary>Root without the right to read and write everything; for others nothing changes.</summary>
    public static IReadOnlyList<string> Unprivileged => Environment.UserName == "root" ? ["setpriv", "--bounding-set", "-all"] : [];

    /// <summary>chmod.</summary>
    public static void Mode(string path, string mode) => CCompiler.Run("chmod", "/", mode, path);
}
