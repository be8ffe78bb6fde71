using System.Runtime.InteropServices;

namespace Klp.Store;

/// <summary>An architecture by Debian's name and by the kernel's; the four that this project builds for.</summary>
/// <param name="Debian"><c>amd64</c>, <c>arm64</c>, <c>ppc64el</c>, <c>s390x</c>.</param>
/// <param name="Kernel">What <c>uname -m</c> says, and ours elsewhere.</param>
/// <param name="Flavour">Debian's kernel without a variant: the end of its release.</param>
/// <param name="CrossPrefix">Debian's cross compilers start so.</param>
public sealed record DebianArchitecture(string Debian, string Kernel, string Flavour, string CrossPrefix)
{
    public static IReadOnlyList<DebianArchitecture> All { get; } =
    [
        new("amd64", "x86_64", "amd64", "x86-64-linux-gnu"), new("arm64", "aarch64", "arm64", "aarch64-linux-gnu"),
        new("ppc64el", "ppc64le", "powerpc64le", "powerpc64le-linux-gnu"), new("s390x", "s390x", "s390x", "s390x-linux-gnu"),
    ];

    /// <summary>Of this machine; null where it is none of ours.</summary>
    public static DebianArchitecture? OfHost => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => All[0],
        Architecture.Arm64 => All[1],
        Architecture.Ppc64le => All[2],
        Architecture.S390x => All[3],
        _ => null,
    };

    /// <summary>By Debian's name, the kernel's, or kbuild's (<c>x86</c>, <c>powerpc</c>, <c>s390</c>).</summary>
    public static DebianArchitecture? Find(string name) => All.FirstOrDefault(a => a.Debian == name || a.Kernel == name) ?? name switch
    {
        "x86" => All[0],
        "powerpc" or "ppc64" or "powerpc64le" => All[2],
        "s390" => All[3],
        _ => null,
    };
}
