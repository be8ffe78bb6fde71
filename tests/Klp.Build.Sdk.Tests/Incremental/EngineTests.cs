using System.Diagnostics;
using System.Globalization;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.Incremental;

/// <summary>However MSBuild runs, one process or several, threads or a resident server: the same work for the same change.</summary>
public sealed class EngineTests(Workbench bench) : IClassFixture<Workbench>
{
    [Theory]
    [InlineData("-m:1")]
    [InlineData("-m:2")]
    [InlineData("-mt")]
    public void Every_way_to_run_the_engine_does_the_same(string argument)
    {
        bench.Settle();

        bench.Step(Work.None, argument);
        bench.Replace("a.c", "%d %d", "%d/%d");
        bench.Replace("b.c", "version ", "Version ");
        bench.Step("a.c b.c " + Work.AfterCompile, argument);
        bench.Step(Work.None, argument);
    }

    [Fact]
    public void A_resident_server_sees_every_change_between_two_builds()
    {
        // A salt of our own: no other build on this machine talks to this server.
        var salt = "klp-test-" + Guid.NewGuid().ToString("N");
        var environment = bench.Project.Environment;
        environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "1";
        environment["MSBUILDDISABLENODEREUSE"] = "0";
        environment["MSBUILDNODEHANDSHAKESALT"] = salt;
        try
        {
            bench.Settle();
            var server = Assert.Single(Servers(salt));

            bench.Step(Work.None);
            bench.Replace("a.c", "%d %d", "%d/%d");
            bench.Step(Workbench.Everything("a.c"));
            bench.Replace("mark.h", "mark\"", "another\"");
            bench.Step(Workbench.Everything("a.c", "b.c"));
            bench.WriteFiles();
            bench.Step(Workbench.Everything("a.c", "b.c"));
            bench.Step(Work.None);
            Assert.Equal(server, Assert.Single(Servers(salt)));
        }
        finally
        {
            environment.Remove("DOTNET_CLI_USE_MSBUILD_SERVER");
            environment.Remove("MSBUILDDISABLENODEREUSE");
            environment.Remove("MSBUILDNODEHANDSHAKESALT");
            foreach (var server in WithSalt(salt))
            {
                using var process = Process.GetProcessById(server);
                process.Kill();
                process.WaitForExit();
            }
        }
    }

    private static IReadOnlyList<int> Servers(string salt) => [.. WithSalt(salt).Where(p => Fact(p, "cmdline").Contains("/nodemode:8", StringComparison.Ordinal))];

    /// <summary>Processes that were started with our salt in their environment.</summary>
    private static IReadOnlyList<int> WithSalt(string salt) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(d => Path.GetFileName(d)!).Where(d => int.TryParse(d, out _)).Select(d => int.Parse(d, CultureInfo.InvariantCulture))
            .Where(p => Fact(p, "environ").Contains("MSBUILDNODEHANDSHAKESALT=" + salt, StringComparison.Ordinal)),
    ];

    /// <summary>A file of <c>/proc</c>; empty where the process is gone or not ours.</summary>
    private static string Fact(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
