namespace Klp.Store;

/// <summary>A kernel that an addition ended with.</summary>
/// <param name="WasHere">It was in the store already; nothing was fetched.</param>
/// <param name="Manifest">Null where it was laid out by hand.</param>
public sealed record AddedKernel(string Release, bool WasHere, KernelManifest? Manifest);
