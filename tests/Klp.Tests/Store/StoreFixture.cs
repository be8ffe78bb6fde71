using Klp.Base;
using Klp.Store;
using Klp.TestKit;

namespace Klp.Tests.Store;

/// <summary>A store of a test's own, and what the test looks at in it.</summary>
public sealed class StoreFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new("kernels");

    public StoreFixture() => Store = _folder.Combine("store");

    public string Store { get; }

    public DiagnosticBag Diagnostics { get; private set; } = [];

    public StoreContext Context => new(Store, CleanEnvironment.Create());

    public string Combine(params IEnumerable<string> parts) => _folder.Combine(parts);

    /// <summary>Adds with diagnostics of its own, which the test finds in <see cref="Diagnostics"/>.</summary>
    public Task<IReadOnlyList<AddedKernel>> AddAsync(params string[] what) => AddAsync(new AddRequest { What = what });

    public Task<IReadOnlyList<AddedKernel>> AddAsync(AddRequest request)
    {
        Diagnostics = [];
        return KernelStore.AddAsync(Context, request, Diagnostics, CancellationToken.None);
    }

    /// <summary>Everything in the store that is a kernel, an alias or a leftover; not the lock and apt's state.</summary>
    public string[] Content() => !Directory.Exists(Store) ? [] :
    [
        .. Directory.EnumerateFileSystemEntries(Store).Select(p => Path.GetFileName(p)!).Where(n => n is not (".lock" or ".apt" or "aliases"))
            .Concat(KernelStore.Aliases(Store).Select(a => $"{a.Key}={a.Value}")).Order(StringComparer.Ordinal),
    ];

    public void Dispose() => _folder.Dispose();
}
