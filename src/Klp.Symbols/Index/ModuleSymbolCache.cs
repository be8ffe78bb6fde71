using System.Collections.Concurrent;
using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Symbols and modinfo of the modules that were asked for, each read once, through the disk cache.</summary>
internal sealed class ModuleSymbolCache
{
    private readonly IndexCache _cache;
    private readonly string? _packPath;
    private readonly Lazy<ModulePack?> _pack;
    private readonly ConcurrentDictionary<string, Lazy<SymbolTables?>> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _refused = new(StringComparer.Ordinal);

    /// <param name="modulesDirectory">The folder whose modules may stand in one file of the cache; null: only single ones are looked for.</param>
    public ModuleSymbolCache(IndexCache cache, string? modulesDirectory)
    {
        _cache = cache;
        _packPath = modulesDirectory is null ? null : cache.PackPath(modulesDirectory);
        _pack = new(() => _packPath is null ? null : ModulePack.Open(_packPath));
    }

    /// <summary>
    /// The module's symbols. Null where its file cannot be read or is of another kernel; the reason is reported the first time.
    /// </summary>
    /// <param name="release">The release it must be of; null: any.</param>
    public ObjectSymbols? Find(KernelModules modules, string name, string? release, DiagnosticBag diagnostics)
    {
        if (modules.FindFile(name) is not { } file)
        {
            if (FirstTime(name))
            {
                modules.ReadBytes(name, diagnostics); // says why there is none
            }

            return null;
        }

        return Tables(name, file, diagnostics) is { } tables && IsOf(release, tables, name, file, diagnostics) ? tables.Objects.GetValueOrDefault(name) : null;
    }

    /// <summary>
    /// Reads every module of the folder now and puts them into one file of the cache. Nothing is kept in memory; those that are in the file as they stand are only copied.
    /// </summary>
    public void ReadAll(KernelModules modules, string? release, DiagnosticBag diagnostics)
    {
        var files = modules.Names.Select(name => (Name: name, File: modules.FindFile(name)!)).ToList();
        if (_packPath is null)
        {
            Parallel.ForEach(files, m => Find(modules, m.Name, release, diagnostics));
            return;
        }

        if (_pack.Value is { } pack && pack.Count == files.Count && files.AsParallel().All(m => FileStamp.Of(m.File) is { } stamp && pack.SoundContainer(m.File, stamp) is not null))
        {
            return;
        }

        var problems = new DiagnosticBag();
        if (!SafeFile.Write(_packPath, stream => WritePack(stream, files, release, diagnostics), problems))
        {
            IndexCache.TellNotKept(_packPath, problems, diagnostics);
        }
    }

    private void WritePack(Stream stream, IReadOnlyList<(string Name, string File)> files, string? release, DiagnosticBag diagnostics)
    {
        var writer = new ModulePackWriter(stream);
        try
        {
            Parallel.ForEach(files, () => new FileScratch(), (module, _, scratch) =>
            {
                var (name, file) = module;
                var stamp = FileStamp.Of(file);
                if (stamp is { } known && _pack.Value?.SoundContainer(file, known) is { } container)
                {
                    writer.Add(file, known, container.Span);
                }
                else if (SafeFile.Read(file, scratch, diagnostics) is { } content && Read(name, content, file, diagnostics, scratch) is { } tables
                    && IsOf(release, tables, name, file, diagnostics) && stamp is { } before && before.IsSettled(DateTime.UtcNow))
                {
                    writer.Add(file, before, ModulePack.ContainerOf(file, tables));
                }

                return scratch;
            }, _ => { });
        }
        catch (AggregateException e) when (e.InnerExceptions.All(i => i is IOException))
        {
            throw e.InnerExceptions[0]; // the disk is full
        }

        writer.End();
    }

    private bool IsOf(string? release, SymbolTables tables, string name, string file, DiagnosticBag diagnostics)
    {
        if (tables.Release is not { } built || release is null || built == release)
        {
            return true;
        }

        if (FirstTime(name))
        {
            diagnostics.Error(
                "KLP0305", file, $"This module was built for kernel {built}, but the target kernel is {release}: its symbols and positions would be wrong.",
                "Give the modules folder of the same kernel package as the image in KlpKernelModulesDirectory.");
        }

        return false;
    }

    /// <summary>The modinfo of a module's file; null where it cannot be read.</summary>
    public ModuleInformation? InformationOf(string file) => Tables(ObjectName.Normalise(file), file, new DiagnosticBag())?.Information;

    /// <summary>Different modules may be read at once; one module is read by one thread while others wait for it.</summary>
    private SymbolTables? Tables(string name, string file, DiagnosticBag diagnostics) =>
        _known.GetOrAdd(file, _ => new(() => _pack.Value?.Find(file) ?? _cache.Get(file, "module", bytes => Read(name, bytes, file, diagnostics), diagnostics))).Value;

    private static SymbolTables? Read(string name, ReadOnlyMemory<byte> content, string file, DiagnosticBag diagnostics, FileScratch? scratch = null)
    {
        if (ModuleFile.Unpack(content, file, diagnostics, scratch) is not { } bytes || ModuleSymbolSource.Read(name, bytes, file, diagnostics) is not { } symbols)
        {
            return null;
        }

        var information = ModuleInformation.OfFile(bytes.Span);
        return new SymbolTables
        {
            Objects = new Dictionary<string, ObjectSymbols> { [name] = symbols },
            Release = information.Release,
            Description = "a module's symbol table",
            Information = information,
        };
    }

    private bool FirstTime(string name) => _refused.TryAdd(name, true);
}
