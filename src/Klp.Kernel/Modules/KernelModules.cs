using Klp.Base;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// The modules of one kernel: a <c>/lib/modules/&lt;release&gt;</c> folder, as installed or as unpacked from a package (where depmod never ran).
/// Nothing is read before it is asked for.
/// </summary>
public sealed class KernelModules
{
    private readonly Lazy<ModuleFiles> _files;
    private readonly Lazy<HashSet<string>> _builtIn;
    private readonly Func<string, ModuleInformation?>? _informationOf;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ModuleInformation?> _information = [];

    private KernelModules(string directory, Func<string, ModuleInformation?>? informationOf)
    {
        Directory = directory;
        _informationOf = informationOf;
        _files = new(() => new ModuleFiles(directory));
        _builtIn = new(() => ReadBuiltIn(directory));
    }

    /// <summary>Path of the folder, as given.</summary>
    public string Directory { get; }

    /// <summary>Names of all modules that have a file here, normalised.</summary>
    public IReadOnlyCollection<string> Names => _files.Value.Names;

    /// <summary>Opens the folder.</summary>
    /// <returns>Null with KLP0260 where it does not exist or holds nothing of a kernel's modules.</returns>
    /// <param name="informationOf">Modinfo of a module's file from a cache; null: it is read from the file.</param>
    public static KernelModules? Open(string directory, DiagnosticBag diagnostics, Func<string, ModuleInformation?>? informationOf = null)
    {
        if (!System.IO.Directory.Exists(directory))
        {
            diagnostics.Error("KLP0260", directory, "This folder with the kernel's modules does not exist.", Cure);
            return null;
        }

        string[] marks = ["kernel", "modules.builtin", "modules.order", "modules.dep", "updates", "extra"];
        if (!marks.Any(mark => Path.Exists(Path.Combine(directory, mark))))
        {
            diagnostics.Error("KLP0260", directory, "This folder has neither kernel/ nor modules.builtin, so it is no kernel's module folder.", Cure);
            return null;
        }

        return new KernelModules(directory, informationOf);
    }

    private static string Cure => "Give the folder that holds kernel/ and modules.builtin, normally /lib/modules/<release>, in KlpKernelModulesDirectory; the kernel's image package has it.";

    /// <summary>Whether the kernel has this module built in (<c>modules.builtin</c>), so that its code belongs to <c>vmlinux</c>.</summary>
    public bool IsBuiltIn(string name) => _builtIn.Value.Contains(ObjectName.Normalise(name));

    /// <summary>Path of the module's file, or null. Files in <c>updates/</c> and <c>extra/</c> go before the kernel's own, as depmod's default says.</summary>
    public string? FindFile(string name) => _files.Value.Find(ObjectName.Normalise(name));

    /// <summary>
    /// The module and every module it needs: itself first, each before those it needs, so that loading them from the end works.
    /// Modules without a file here (built in, or not installed) are left out, but for itself.
    /// </summary>
    public IReadOnlyList<string> DependencyClosure(string name)
    {
        var finished = new List<string>();
        var seen = new HashSet<string> { ObjectName.Normalise(name) };
        var open = new Stack<(string Name, Queue<string> Needed)>();
        open.Push((ObjectName.Normalise(name), Needed(ObjectName.Normalise(name))));
        while (open.TryPeek(out var current))
        {
            if (!current.Needed.TryDequeue(out var next))
            {
                finished.Add(open.Pop().Name);
            }
            else if (seen.Add(next) && FindFile(next) is not null)
            {
                open.Push((next, Needed(next)));
            }
        }

        finished.Reverse();
        return finished;
    }

    private Queue<string> Needed(string name) => new(_files.Value.RecordedDependencies(name) ?? Information(name, new DiagnosticBag())?.Depends ?? []);

    /// <summary>The module's modinfo; null with KLP0261 (no such module) or the reason its file cannot be read.</summary>
    public ModuleInformation? Information(string name, DiagnosticBag diagnostics)
    {
        name = ObjectName.Normalise(name);
        lock (_lock)
        {
            if (_information.TryGetValue(name, out var known) && known is not null)
            {
                return known;
            }
        }

        var cached = FindFile(name) is { } file ? _informationOf?.Invoke(file) : null;
        var information = cached ?? (ReadBytes(name, diagnostics) is { } bytes ? ModuleInformation.OfFile(bytes.Span) : null);
        lock (_lock)
        {
            return _information[name] = information;
        }
    }

    /// <summary>The module's vermagic, or null.</summary>
    public string? Vermagic(string name, DiagnosticBag diagnostics) => Information(name, diagnostics)?.Vermagic;

    /// <summary>The module as an ELF file, unpacked; null with KLP0261 (no such module), a decompression or an ELF error.</summary>
    public ElfFile? Load(string name, DiagnosticBag diagnostics) =>
        ReadBytes(name, diagnostics) is { } bytes ? ElfFile.Read(bytes, FindFile(name) ?? name, diagnostics) : null;

    /// <summary>The module's bytes, unpacked.</summary>
    public ReadOnlyMemory<byte>? ReadBytes(string name, DiagnosticBag diagnostics)
    {
        if (FindFile(name) is { } file)
        {
            return ModuleFile.Read(file, diagnostics);
        }

        diagnostics.Error(
            "KLP0261", Directory, IsBuiltIn(name) ? $"'{name}' is built into this kernel, so it has no module file." : $"This kernel has no module '{name}'.",
            IsBuiltIn(name) ? "Its functions belong to vmlinux." : "Check the name; modinfo on the target machine shows it, and some distributions ship modules in extra packages.");
        return null;
    }

    private static HashSet<string> ReadBuiltIn(string directory)
    {
        var ignored = new DiagnosticBag();
        var file = Path.Combine(directory, "modules.builtin");
        return SpecialFile.IsRegular(file) && SafeFile.Read(file, ignored) is { } bytes
            ? [.. ModuleFiles.Lines(bytes).Select(ObjectName.Normalise)]
            : [];
    }
}
