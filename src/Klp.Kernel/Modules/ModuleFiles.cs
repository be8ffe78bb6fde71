using System.Text;
using Klp.Base;

namespace Klp.Kernel;

/// <summary>
/// Which file holds which module. <c>modules.dep</c> is believed where depmod has run, else <c>modules.order</c> (every package has it, one read instead
/// of a walk over hundreds of folders); what they do not name is looked for on the disk.
/// </summary>
internal sealed class ModuleFiles
{
    /// <summary>depmod's default order: <c>search updates built-in</c>; the others are used by DKMS and distributions.</summary>
    private static string[] ExtraFolders => ["updates", "extra", "weak-updates", "misc"];

    private readonly string _directory;
    private readonly Dictionary<string, string> _listed = [];
    private readonly Dictionary<string, string[]>? _dependencies;
    private readonly Lazy<Dictionary<string, string>> _walked;

    public ModuleFiles(string directory)
    {
        _directory = directory;
        _walked = new(() => Walk(directory, [.. ExtraFolders, "kernel"]));
        _dependencies = ReadDependencies();
        if (_dependencies is not null)
        {
            return;
        }

        foreach (var line in LinesOf("modules.order"))
        {
            _listed.TryAdd(ObjectName.Normalise(line), line);
        }

        foreach (var (name, path) in Walk(directory, ExtraFolders))
        {
            _listed[name] = path;
        }
    }

    public IReadOnlyCollection<string> Names => _walked.Value.Keys;

    public string? Find(string name)
    {
        if (_listed.TryGetValue(name, out var relative))
        {
            var path = Path.Combine(_directory, relative);
            if (SpecialFile.IsRegular(path))
            {
                return path;
            }

            // modules.order names the file as it was before compression.
            var stem = path.EndsWith(".ko", StringComparison.Ordinal) ? path : Path.ChangeExtension(path, ".ko");
            var found = ModuleFile.Suffixes.Select(suffix => stem[..^3] + suffix).FirstOrDefault(SpecialFile.IsRegular);
            if (found is not null)
            {
                return found;
            }
        }

        return _walked.Value.TryGetValue(name, out var walked) ? walked : null;
    }

    /// <summary>What <c>modules.dep</c> says a module needs; null where it says nothing.</summary>
    public IReadOnlyList<string>? RecordedDependencies(string name) => _dependencies?.GetValueOrDefault(name);

    internal static IEnumerable<string> Lines(byte[] bytes) =>
        Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private Dictionary<string, string[]>? ReadDependencies()
    {
        Dictionary<string, string[]>? result = null;
        foreach (var line in LinesOf("modules.dep"))
        {
            // kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz …
            var colon = line.IndexOf(':');
            if (colon <= 0)
            {
                continue;
            }

            var name = ObjectName.Normalise(line[..colon]);
            _listed.TryAdd(name, line[..colon]);
            result ??= [];
            result[name] = [.. line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ObjectName.Normalise)];
        }

        return result;
    }

    private IEnumerable<string> LinesOf(string file)
    {
        var path = Path.Combine(_directory, file);
        return SpecialFile.IsRegular(path) && SafeFile.Read(path, new DiagnosticBag()) is { } bytes ? Lines(bytes) : [];
    }

    private static Dictionary<string, string> Walk(string directory, IEnumerable<string> folders)
    {
        var found = new Dictionary<string, string>();
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = 0, MaxRecursionDepth = 32 };
        foreach (var folder in folders.Select(f => Path.Combine(directory, f)).Where(Directory.Exists))
        {
            // Ordinal order makes the choice between two files of one name the same on every machine.
            foreach (var path in Directory.EnumerateFiles(folder, "*.ko*", options).Order(StringComparer.Ordinal))
            {
                if (ModuleFile.Suffixes.Any(suffix => path.EndsWith(suffix, StringComparison.Ordinal)) && SpecialFile.IsRegular(path))
                {
                    found.TryAdd(ObjectName.Normalise(path), path);
                }
            }
        }

        return found;
    }
}
