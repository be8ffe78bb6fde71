using System.Collections.Concurrent;
using Klp.Base;
using Klp.Kernel;
using Klp.Toolchain;

namespace Klp.TestKit;

/// <summary>Profiles of the test kernels, asked for once per test run.</summary>
public static class KernelProfiles
{
    private static readonly ConcurrentDictionary<string, Lazy<KernelProfile>> Known = new();

    /// <summary>The search path of the tests' children.</summary>
    public static string SearchPath => CleanEnvironment.Create()["PATH"];

    public static KernelProfile For(TestKernel kernel) => Known.GetOrAdd(kernel.BuildDirectory, _ => new Lazy<KernelProfile>(() => Ask(kernel))).Value;

    private static KernelProfile Ask(TestKernel kernel)
    {
        var diagnostics = new DiagnosticBag();
        var request = new ProbeRequest { BuildDirectory = kernel.BuildDirectory, SearchPath = SearchPath, ForLivepatch = kernel.IsSet("LIVEPATCH") };
        return KernelProbe.GetAsync(request, diagnostics, CancellationToken.None).GetAwaiter().GetResult()
            ?? throw new InvalidOperationException($"The probe of {kernel.Release} failed:\n{diagnostics}");
    }
}
