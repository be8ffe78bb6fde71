using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Kernel;

/// <summary>
/// What a kernel's name means, by the rule of the SDK's evaluation (targets/Klp.KernelName.targets): <c>running</c>, an alias of the store, or a release as it is.
/// Evaluation decides for a build; this is for lists of kernels, where two names may mean one.
/// </summary>
public static partial class KernelName
{
    /// <param name="root">Stands before the places of the running system; empty for the real one.</param>
    public static string Release(string name, string store, string root) =>
        !IsPlain(name) ? name
        : name == "running" ? FirstLine(root + "/proc/sys/kernel/osrelease") ?? name
        : FirstLine($"{store}/aliases/{name}") ?? name;

    /// <summary>The release of a build tree; empty where it does not say.</summary>
    public static string ReleaseOfTree(string directory) =>
        directory.Length > 0 && Read(directory + "/include/generated/utsrelease.h") is { } text && UtsRelease().Match(text) is { Success: true } match ? match.Groups[1].Value : "";

    /// <summary>What has this name already, an alias or a release with a tree; null for nothing.</summary>
    public static string? IsTaken(string name, string store, string root) =>
        !IsPlain(name) ? null
        : name == "running" ? "the running kernel"
        : File.Exists($"{store}/aliases/{name}") ? $"{store}/aliases/{name}"
        : KernelPlaces.Candidates(name, store, root).FirstOrDefault(c => File.Exists(c + "/Makefile"));

    // A name with a slash would be looked up outside the store.
    private static bool IsPlain(string name) => name.Length > 0 && !name.Contains('/', StringComparison.Ordinal) && name[0] != '.';

    private static string? FirstLine(string path) => Read(path)?.Trim() is { Length: > 0 } text ? text : null;

    private static string? Read(string path)
    {
        try
        {
            return SpecialFile.IsRegular(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex("UTS_RELEASE\\s+\"([^\"]+)\"")]
    private static partial Regex UtsRelease();
}
