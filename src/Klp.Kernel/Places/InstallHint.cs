namespace Klp.Kernel;

/// <summary>Which package has a kernel's headers or image, in the words of the distribution at hand (<c>/etc/os-release</c>).</summary>
public static class InstallHint
{
    /// <param name="release">The kernel meant, or null for the distribution's current one.</param>
    /// <param name="root">Stands before /etc; empty for the real system.</param>
    public static string ForHeaders(string? release, string root) => Family(root) switch
    {
        "debian" => $"Install them: apt install linux-headers-{release ?? "amd64"}",
        "ubuntu" => $"Install them: apt install linux-headers-{release ?? "generic"}",
        "fedora" => $"Install them: dnf install kernel-devel{(release is null ? "" : "-" + release)}",
        "suse" => "Install them: zypper install kernel-default-devel",
        "arch" => "Install them: pacman -S linux-headers",
        _ => "Install your distribution's kernel headers package, or set KlpKernelBuildDirectory to a prepared tree.",
    };

    /// <summary>Which package has the image and the modules of a kernel.</summary>
    public static string ForImage(string release, string root) => Family(root) switch
    {
        "debian" or "ubuntu" => $"Its package has it: apt download linux-image-{release} (or install it), or set KlpKernelImageFile and KlpKernelModulesDirectory.",
        "fedora" => $"Its package has it: dnf install kernel-core-{release}, or set KlpKernelImageFile and KlpKernelModulesDirectory.",
        "suse" => "Its package has it: zypper install kernel-default, or set KlpKernelImageFile and KlpKernelModulesDirectory.",
        "arch" => "Its package has it: pacman -S linux, or set KlpKernelImageFile and KlpKernelModulesDirectory.",
        _ => "Set KlpKernelImageFile and KlpKernelModulesDirectory; your distribution's kernel package has both.",
    };

    private static string Family(string root)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(root + "/etc/os-release");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }

        var words = lines.Where(l => l.StartsWith("ID=", StringComparison.Ordinal) || l.StartsWith("ID_LIKE=", StringComparison.Ordinal))
            .OrderByDescending(l => l.StartsWith("ID=", StringComparison.Ordinal))
            .SelectMany(l => l[(l.IndexOf('=') + 1)..].Trim('"').Split(' '));
        return words.Select(w => w switch
        {
            "ubuntu" => "ubuntu",
            "debian" => "debian",
            "fedora" or "rhel" or "centos" => "fedora",
            "suse" or "sles" or "opensuse" => "suse",
            "arch" => "arch",
            _ => "",
        }).FirstOrDefault(w => w.Length > 0) ?? "";
    }
}
