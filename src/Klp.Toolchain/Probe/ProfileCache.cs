using System.Globalization;
using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>
/// Profiles on disk, one file per tree and request. A profile is believed only while everything it was made from is unchanged: the tree's own files and tools,
/// and the compiler and linker that their names lead to today.
/// </summary>
internal sealed class ProfileCache
{
    private const string Kind = "profile";
    private readonly string[] _key;

    public ProfileCache(ProbeRequest request)
    {
        var tree = RealPath.Of(request.BuildDirectory);
        _key =
        [
            tree, request.Toolchain?.ToString() ?? "", request.CompilerPath ?? "", request.LinkerPath ?? "", request.CrossPrefix ?? "", request.Architecture ?? "",
            request.CompilerVersionCheck.ToString(), request.SymversFile ?? "", request.ForLivepatch ? "" : "any module",
        ];
        if (request.CacheDirectory is not null)
        {
            var hash = StateFile.CheckSum(System.Text.Encoding.UTF8.GetBytes(string.Join('\0', _key)));
            var name = new string([.. Path.GetFileName(tree).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+' or '_' ? c : '_')]);
            CacheFile = Path.Combine(request.CacheDirectory, "profiles", $"{name}-{hash.ToString("x16", CultureInfo.InvariantCulture)}.profile");
        }
    }

    /// <summary>Null where nothing is cached.</summary>
    public string? CacheFile { get; }

    /// <summary>The cached profile, if there is one and nothing it was made from changed.</summary>
    public KernelProfile? Load(ProbeRequest request)
    {
        if (CacheFile is null || StateReader.Read(CacheFile, Kind, ProfileFormat.Version, ReadEntry) is not { } entry || !entry.Key.SequenceEqual(_key))
        {
            return null;
        }

        if (entry.Tools.Any(t => ProcessRunner.FindOnPath(t.Name, request.SearchPath, entry.Profile.WorkingDirectory) != t.Path))
        {
            return null;
        }

        FileRecord[]? fresh = null;
        for (var i = 0; i < entry.Files.Length; i++)
        {
            var now = entry.Files[i].Refresh();
            if (now is null)
            {
                return null;
            }

            if (!ReferenceEquals(now, entry.Files[i]))
            {
                fresh ??= [.. entry.Files];
                fresh[i] = now;
            }
        }

        if (fresh is not null)
        {
            Save(entry.Profile, fresh, entry.Tools, new DiagnosticBag());
        }

        return entry.Profile with { CacheFile = CacheFile };
    }

    /// <summary>Caches a profile. A cache that cannot be written costs time, nothing else: KLP0121, a warning.</summary>
    public void Save(KernelProfile profile, IReadOnlyList<FileRecord> files, IReadOnlyList<ToolName> tools, DiagnosticBag diagnostics)
    {
        if (CacheFile is null)
        {
            return;
        }

        using var writer = new StateWriter(Kind, ProfileFormat.Version);
        writer.Write(_key);
        writer.Write(files.Count);
        foreach (var file in files)
        {
            writer.Write(file);
        }

        writer.Write(tools.Count);
        foreach (var tool in tools)
        {
            writer.Write(tool.Name);
            writer.WriteOptional(tool.Path);
        }

        ProfileFormat.Write(writer, profile);
        var said = new DiagnosticBag();
        if (!writer.Save(CacheFile, said))
        {
            diagnostics.Warning("KLP0121", new SourcePlace(CacheFile), "What the kernel's build system answered cannot be cached, so each build asks again (about half a second).", "Set KlpCacheDirectory to a folder that can be written.", [.. said.Select(d => d.Message)]);
        }
    }

    /// <summary>Keeps the patch that builds rehearse on beside the profile; without it they rehearse nothing.</summary>
    public void SaveRehearsal(byte[]? patch)
    {
        if (CacheFile is not null && patch is not null)
        {
            SafeFile.Write(KernelProfile.RehearsalFileOf(CacheFile), patch, new DiagnosticBag());
        }
    }

    /// <summary>The profile in a cache file, whatever it is a profile of; null where there is none.</summary>
    public static KernelProfile? Read(string cacheFile) =>
        StateReader.Read(cacheFile, Kind, ProfileFormat.Version, ReadEntry) is { } entry ? entry.Profile with { CacheFile = cacheFile } : null;

    private static Entry ReadEntry(StateReader reader) => new(
        reader.Words(),
        reader.Many(reader.FileRecord),
        reader.Many(() => new ToolName(reader.String(), reader.Optional())),
        ProfileFormat.Read(reader));

    /// <summary>A program's name as kbuild says it, and where the search path led to.</summary>
    internal sealed record ToolName(string Name, string? Path);

    private sealed record Entry(string[] Key, FileRecord[] Files, ToolName[] Tools, KernelProfile Profile);
}
