using System.Formats.Tar;

namespace Klp.TestKit;

/// <summary>
/// The Debian packages of a kernel that is as small as one can be and still has everything: a Makefile that includes another package's by absolute
/// path, absolute links, a build tool that is a real program, an image, a module, a stub System.map.
/// </summary>
public sealed class SmallKernel(string release = "6.1.0-1-amd64", string version = "6.1.1-1")
{
    private string Abi => release[..release.LastIndexOf('-')];

    public string Release => release;

    /// <summary>More bytes in the image, for kernels that take their time.</summary>
    public int ImageSize { get; init; } = 1000;

    /// <summary>More entries of the headers package, hostile ones for example.</summary>
    public IReadOnlyList<TarEntry> More { get; init; } = [];

    public static string Architecture => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        System.Runtime.InteropServices.Architecture.Ppc64le => "ppc64el",
        _ => "s390x",
    };

    /// <summary>Package files by name.</summary>
    public IReadOnlyList<(string Name, string Control, byte[] Content)> Packages()
    {
        var headers = $"linux-headers-{release}";
        var common = $"linux-headers-{Abi}-common";
        var tree = $"./usr/src/{headers}";
        return
        [
            Package(headers, Architecture, $"{common} (= {version}), linux-kbuild-6.1 (>= {version}), gcc-12", [
                DebWriter.File($"{tree}/Makefile", $"include /usr/src/{common}/Makefile\n"), DebWriter.File($"{tree}/.config", "CONFIG_MODULES=y\n"), DebWriter.File($"{tree}/Module.symvers", "0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n"),
                DebWriter.File($"{tree}/include/config/auto.conf", "CONFIG_MODULES=y\nCONFIG_X86_64=y\n"), DebWriter.File($"{tree}/include/generated/autoconf.h", "#define CONFIG_MODULES 1\n"),
                DebWriter.File($"{tree}/include/generated/utsrelease.h", $"#define UTS_RELEASE \"{release}\"\n"), DebWriter.Link($"{tree}/scripts", "../../lib/linux-kbuild-6.1/scripts"),
                DebWriter.Link($"./lib/modules/{release}/build", $"/usr/src/{headers}"), DebWriter.File($"./usr/share/doc/{headers}/copyright", "text"), .. More]),
            Package(common, "all", "", DebWriter.File($"./usr/src/{common}/Makefile", "all:\n\t@echo made with $(realpath $(lastword $(MAKEFILE_LIST)))\n")),
            Package("linux-kbuild-6.1", Architecture, "libc6 (>= 2.34), libelf1", DebWriter.File("./usr/lib/linux-kbuild-6.1/scripts/basic/fixdep", File.ReadAllBytes("/bin/true"), executable: true)),
            Package($"linux-image-{release}", Architecture, "kmod", DebWriter.File($"./boot/vmlinuz-{release}", new byte[ImageSize]), DebWriter.File($"./boot/System.map-{release}", "ffffffffffffffff B The real System.map is in the dbg package\n"),
                DebWriter.File($"./lib/modules/{release}/kernel/a.ko", "module"), DebWriter.File($"./lib/modules/{release}/modules.builtin", "")),
        ];
    }

    /// <summary>Writes the packages into a folder; their paths.</summary>
    public string[] WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        return [.. Packages().Select(p =>
        {
            var file = Path.Combine(folder, p.Name);
            File.WriteAllBytes(file, p.Content);
            return file;
        })];
    }

    private (string Name, string Control, byte[] Content) Package(string name, string architecture, string depends, params IEnumerable<TarEntry> entries)
    {
        var control = $"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n{(depends.Length > 0 ? $"Depends: {depends}\n" : "")}Maintainer: Nobody <nobody@example.org>\nDescription: a small kernel\n";
        return ($"{name}_{version}_{architecture}.deb", control, DebWriter.Write(control, entries));
    }
}
