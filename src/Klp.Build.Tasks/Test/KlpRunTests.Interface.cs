using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Second half of <c>dotnet test</c>: boots the kernel, runs the tests in it, reports. A failed test is an error.</summary>
public sealed partial class KlpRunTests
{
    /// <summary>The project's name, for messages and files.</summary>
    [Required]
    public string ProjectName { get; set; } = "";

    /// <summary>Several kernels are tested: what is written is to be told apart by the release.</summary>
    public bool IsOneOfSeveral { get; set; }

    /// <summary><c>dotnet test --logger</c>.</summary>
    public string[] Loggers { get; set; } = [];

    /// <summary><c>dotnet test --results-directory</c>; default <c>TestResults</c> in the project.</summary>
    public string ResultsDirectory { get; set; } = "";

    /// <summary>Names QEMU outright.</summary>
    public string QemuPath { get; set; } = "";

    /// <summary>More words for QEMU.</summary>
    public string QemuOptions { get; set; } = "";

    /// <summary>MiB.</summary>
    public string Memory { get; set; } = "";

    /// <summary>Seconds until the machine is stopped; a script gets a third of that, a transition a sixth.</summary>
    public string Timeout { get; set; } = "";

    /// <summary>Whose run it is, for TRX.</summary>
    public string User { get; set; } = "";

    /// <summary>The host's name, for TRX.</summary>
    public string Computer { get; set; } = "";
}
