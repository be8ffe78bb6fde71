using Klp.Base;
using Klp.Kernel;
using Klp.Symbols;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>
/// Facts of the kernel that several stages of one build need: read once, kept by the engine until the build ends. What fails to load is not kept,
/// so each asker gets its own errors.
/// </summary>
internal sealed class SharedFacts(IBuildEngine4 engine, string project)
{
    /// <summary>What this build's probe found.</summary>
    public KernelProfile Profile(string file) =>
        Get("profile", file, () => KernelProbe.Load(file)) ?? throw new InvalidOperationException($"The probe of this build left no profile: {file}");

    public Symvers? Symvers(IReadOnlyList<string> files, DiagnosticBag diagnostics) =>
        Get("symvers", string.Join('\0', files), () => Klp.Kernel.Symvers.Read(files, diagnostics));

    /// <summary>One index per project: it loads modules lazily, and projects of one build run side by side.</summary>
    public SymbolIndex? Index(SymbolSources sources, string cacheDirectory, LoaderRules rules, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        Get("index", $"{project}\0{sources}\0{rules}", () => SymbolIndex.Open(sources, cacheDirectory, rules, diagnostics, cancellation));

    public void Remember(string file, KernelProfile profile) =>
        engine.RegisterTaskObject(Key("profile", file), profile, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);

    /// <summary>The probe's answer, checked once in a build for all projects that ask the same.</summary>
    public KernelProfile? Probed(ProbeRequest request, Func<KernelProfile?> probe, DiagnosticBag diagnostics)
    {
        var isAnswered = true;
        var profile = Get("probe", request.ToString(), () =>
        {
            isAnswered = false;
            return probe();
        });
        if (isAnswered && profile is not null)
        {
            diagnostics.AddRange(profile.Warnings);
        }

        return profile;
    }

    /// <summary>Whether nobody has asked this before in this process.</summary>
    public bool IsFirst(string what)
    {
        if (engine.GetRegisteredTaskObject(Key("first", what), RegisteredTaskObjectLifetime.AppDomain) is not null)
        {
            return false;
        }

        engine.RegisterTaskObject(Key("first", what), what, RegisteredTaskObjectLifetime.AppDomain, allowEarlyCollection: false);
        return true;
    }

    /// <summary>Digests of the kernel's files, which most stages depend on.</summary>
    public KnownDigests Digests() => Get("digests", "", () => new KnownDigests())!;

    /// <summary>As many compilers at once as there are processors, over all projects and kernels that this process builds.</summary>
    public SemaphoreSlim? CompilerSlots() => Get("slots", "", () => new SemaphoreSlim(Environment.ProcessorCount));

    private T? Get<T>(string kind, string key, Func<T?> load) where T : class
    {
        if (engine.GetRegisteredTaskObject(Key(kind, key), RegisteredTaskObjectLifetime.Build) is T known)
        {
            return known;
        }

        if (load() is not { } loaded)
        {
            return null;
        }

        engine.RegisterTaskObject(Key(kind, key), loaded, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
        return loaded;
    }

    private static string Key(string kind, string key) => $"Klp.Build {kind} {key}";
}
