namespace Klp.Store;

/// <summary>What getting a kernel needs from outside: where the store is, where programs are, who wants to hear how far it is.</summary>
/// <param name="Directory">The store; made where it is missing.</param>
/// <param name="Environment">Of the programs that are started (apt: the proxies); its PATH is where they are looked for.</param>
public sealed record StoreContext(string Directory, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Called as work goes on, from any thread.</summary>
    public Action<StoreProgress>? OnProgress { get; init; }

    /// <summary>Of the machine that will build with the kernels.</summary>
    public DebianArchitecture? Host { get; init; } = DebianArchitecture.OfHost;

    /// <summary>Stands before the places of the running system (/etc, /lib/modules, /boot, /proc); empty for the real ones.</summary>
    public string Root { get; init; } = "";

    public string SearchPath => Environment.GetValueOrDefault("PATH", "/usr/bin:/bin");

    internal void Say(string step) => OnProgress?.Invoke(new StoreProgress(step, 0, 0));
}
