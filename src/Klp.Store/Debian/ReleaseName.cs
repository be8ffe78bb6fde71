using System.Text.RegularExpressions;

namespace Klp.Store;

/// <summary>The parts of a kernel release as Debian forms it: <c>6.1.0-56</c> + <c>cloud-amd64</c>.</summary>
/// <param name="Text">The whole.</param>
/// <param name="Series">Its first two numbers.</param>
/// <param name="Flavour">What follows the version: architecture and variant; empty where there is nothing.</param>
public sealed partial record ReleaseName(string Text, string Series, string Flavour)
{
    /// <summary>Null where the text does not start with two numbers.</summary>
    public static ReleaseName? Parse(string release) =>
        Form().Match(release) is { Success: true } match ? new ReleaseName(release, match.Groups["series"].Value, match.Groups["flavour"].Value) : null;

    /// <summary>Whether a release that some file names can be a folder of the store: it starts as all kernels' do and has nothing that leads elsewhere.</summary>
    public static bool IsUsable(string release) => Parse(release) is not null && !release.Any(c => c == '/' || char.IsControl(c) || char.IsWhiteSpace(c));

    /// <summary>Whether this is a variant of an architecture's kernel by its short name: <c>cloud</c> of <c>cloud-amd64</c>, <c>16k</c> of <c>arm64-16k</c>.</summary>
    public bool IsFlavour(string name, string architecture) => Flavour == name || Flavour == $"{name}-{architecture}" || Flavour == $"{architecture}-{name}";

    [GeneratedRegex(@"^(?<series>\d+\.\d+)[^-]*(-\d[^-]*)?(-(?<flavour>.+))?$")]
    private static partial Regex Form();
}
