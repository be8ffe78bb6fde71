using System.Collections.Concurrent;
using Klp.Base;

namespace Klp.Store;

/// <summary>
/// The folder that archives are unpacked into, and what they may do there. Nothing outside it can be named or reached: no absolute path, no <c>..</c>,
/// no file below a link. Links are made last, when no file follows that could go through one, and each must lead to a place inside.
/// Safe to use from several threads for different archives.
/// </summary>
/// <param name="root">Stands for <c>/</c> of the archives.</param>
/// <param name="cancellation">Heard before every file: who interrupts an add does not wait until the package is unpacked.</param>
internal sealed class UnpackTarget(string root, CancellationToken cancellation)
{
    // Nothing that builds a module or reads a symbol is there: documentation, and device trees for boards.
    private static readonly string[] LeftOut = ["usr/share/", "usr/lib/linux-image-", "usr/lib/debug/"];

    private readonly ConcurrentDictionary<string, bool> _folders = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Target, string Archive)> _links = new(StringComparer.Ordinal);

    /// <summary>What ends the unpacking: asked before each file, and while an archive is decompressed.</summary>
    public CancellationToken Cancellation => cancellation;

    public bool Folder(string archive, string name, DiagnosticBag diagnostics) =>
        Normal(archive, name, diagnostics) is { } path && (path.Length == 0 || IsLeftOut(path + "/") || Try(path, diagnostics, () => MakeFolder(path)));

    public bool File(string archive, string name, Stream content, UnixFileMode mode, DiagnosticBag diagnostics)
    {
        if (Normal(archive, name, diagnostics) is not { } path)
        {
            return false;
        }

        return IsLeftOut(path) || Try(path, diagnostics, () =>
        {
            MakeFolder(Path.GetDirectoryName(path) ?? "");
            // Readable by all users of the store, whatever the packager's umask was; executable for all or for nobody.
            var executable = (mode & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = executable ? EntryLayout.ExecutableMode : EntryLayout.FileMode,
            };
            using var file = new FileStream(Path.Combine(root, path), options);
            content.CopyTo(file, 1 << 17);
        });
    }

    public bool Link(string archive, string name, string target, DiagnosticBag diagnostics)
    {
        if (Normal(archive, name, diagnostics) is not { } path)
        {
            return false;
        }

        if (target.Length == 0 || target.Any(char.IsControl))
        {
            return Refuse(archive, name, "it is a link without a usable target", diagnostics);
        }

        if (!IsLeftOut(path))
        {
            _links[path] = (target, archive);
        }

        return true;
    }

    /// <summary>A hard link: one more name of a file of the same archive, which becomes a file of its own.</summary>
    public bool Copy(string archive, string name, string of, DiagnosticBag diagnostics)
    {
        if (Normal(archive, name, diagnostics) is not { } path || Normal(archive, of, diagnostics) is not { } source)
        {
            return false;
        }

        if (IsLeftOut(path))
        {
            return true;
        }

        var from = new FileInfo(Path.Combine(root, source));
        if (!from.Exists || from.LinkTarget is not null)
        {
            return Refuse(archive, name, $"it is a second name of {of}, which is no file of the archive", diagnostics);
        }

        using var content = from.OpenRead();
        return File(archive, name, content, from.UnixFileMode, diagnostics);
    }

    /// <summary>Makes the links. An absolute target means the archives' own <c>/</c> and becomes relative, so that the entry can be moved.</summary>
    public bool Finish(DiagnosticBag diagnostics)
    {
        var before = diagnostics.Count;
        foreach (var (path, (target, archive)) in _links.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            // Met before the link that it lies below, it was not refused then; made now it would go through that link.
            if (FirstLink(path.Split('/')) is { } above)
            {
                Refuse(archive, path, $"it lies below the link {above}", diagnostics);
                continue;
            }

            var folder = Path.GetDirectoryName(path) ?? "";
            var from = target.StartsWith('/') ? target : "/" + folder + "/" + target;
            if (Inside(from) is not { } inside)
            {
                Refuse(archive, path, $"it is a link that leads outside ({target})", diagnostics);
                continue;
            }

            var relative = target.StartsWith('/') ? Path.GetRelativePath("/" + folder, "/" + inside) : target;
            Try(path, diagnostics, () =>
            {
                MakeFolder(folder);
                System.IO.File.CreateSymbolicLink(Path.Combine(root, path), relative);
            });
        }

        // Links through links: each alone stays inside, their sum might not.
        foreach (var (path, (target, archive)) in _links.Where(_ => diagnostics.Count == before).OrderBy(l => l.Key, StringComparer.Ordinal).ToArray())
        {
            var end = RealPath.Of(Path.Combine(root, path));
            if (end != root && !end.StartsWith(root + "/", StringComparison.Ordinal))
            {
                Refuse(archive, path, $"it is a link that leads outside ({target})", diagnostics);
            }
        }

        return diagnostics.Count == before;
    }

    /// <summary>KLP0268.</summary>
    public bool Refuse(string archive, string name, string why, DiagnosticBag diagnostics)
    {
        diagnostics.Error("KLP0268", archive, $"This archive is refused because of '{Printable(name)}': {why}. No kernel package has that.", "Do not use this file; get it from its distribution.");
        return false;
    }

    private static bool IsLeftOut(string path) => LeftOut.Any(p => path.StartsWith(p, StringComparison.Ordinal)) || path.Contains("/dtb/", StringComparison.Ordinal);

    /// <summary>The name relative to the root, without <c>./</c>; null after refusing it.</summary>
    private string? Normal(string archive, string name, DiagnosticBag diagnostics)
    {
        var parts = name.Split('/').Where(p => p is not "" and not ".").ToArray();
        var why = name.StartsWith('/') ? "its path is absolute" : parts.Contains("..") ? "its path has '..' in it" : name.Any(char.IsControl) ? "its path has control characters in it" : null;
        if (why is null && _links.Count > 0 && FirstLink(parts) is { } link)
        {
            why = $"it lies below the link {link}";
        }

        if (why is null)
        {
            return string.Join('/', parts);
        }

        Refuse(archive, name, why, diagnostics);
        return null;
    }

    private string? FirstLink(string[] parts)
    {
        var path = "";
        for (var i = 0; i < parts.Length - 1; i++)
        {
            path = i == 0 ? parts[0] : path + "/" + parts[i];
            if (_links.ContainsKey(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>Where an absolute path of the archives' world lies below the root by its words alone; null where it climbs out.</summary>
    private static string? Inside(string path)
    {
        var done = new List<string>();
        foreach (var part in path.Split('/').Where(p => p is not "" and not "."))
        {
            if (part != "..")
            {
                done.Add(part);
            }
            else if (done.Count == 0)
            {
                return null;
            }
            else
            {
                done.RemoveAt(done.Count - 1);
            }
        }

        return string.Join('/', done);
    }

    private void MakeFolder(string path)
    {
        if (!_folders.ContainsKey(path))
        {
            Directory.CreateDirectory(Path.Combine(root, path), EntryLayout.ExecutableMode);
            _folders[path] = true;
        }
    }

    private bool Try(string path, DiagnosticBag diagnostics, Action action)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (StoreFolder.IsFileTooLarge(e) || (e is IOException or UnauthorizedAccessException && !TarUnpacker.IsMalformed(e)))
        {
            StoreFolder.ReportFailedWrite(Path.Combine(root, path), e, diagnostics);
            return false;
        }
    }

    private static string Printable(string name) => string.Concat(name.Take(200).Select(c => char.IsControl(c) ? '?' : c));
}
