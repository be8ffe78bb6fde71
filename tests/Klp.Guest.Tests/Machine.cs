using Klp.Guest;
using Klp.TestKit;

namespace Klp.Guest.Tests;

/// <summary>Boots for tests: a request with everything that is the same in all of them.</summary>
internal static class Machine
{
    public static GuestRequest Request(TestKernel kernel, params IReadOnlyList<GuestStep> steps) => new()
    {
        ImageFile = kernel.ImageFile,
        Steps = steps,
        SearchPath = CleanEnvironment.Create()["PATH"],
        TemporaryDirectory = Path.GetTempPath(),
        Timeout = TimeSpan.FromMinutes(4),
    };
}
