using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>Compiler launchers, the real ones: the same objects, made by somebody else or not at all.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly SampleProject _project = new(Kernels.Newest, "with blank");

    public LauncherTests()
    {
        Directory.CreateDirectory(Path.Combine(_project.Root, "distcc"));
        _project.Write("sample.c", SampleProject.Livepatch);
        _project.Write("header.h", "#define ANSWER 42\n");
        _project.Write("other.c", "#include \"header.h\"\nint other(void);\nint other(void)\n{\n\treturn ANSWER;\n}\n");
    }

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Ccache_gives_the_same_objects_from_its_cache()
    {
        var plain = await ObjectsAsync(Request());
        var environment = new Dictionary<string, string> { ["CCACHE_DIR"] = Path.Combine(_project.Root, "ccache"), ["HOME"] = _project.Root };
        var request = Request() with { Launcher = ["ccache"], Environment = environment };
        Assert.Equal(plain, await ObjectsAsync(request));
        Assert.Equal(0, await StatisticAsync(environment, "direct_cache_hit", "preprocessed_cache_hit"));
        Assert.Equal(plain, await ObjectsAsync(request));
        Assert.Equal(2, await StatisticAsync(environment, "direct_cache_hit", "preprocessed_cache_hit"));
        _project.Write("header.h", "#define ANSWER 43\n");
        Assert.Equal(["other.c"], await _project.CompileAsync(request));
    }

    [Fact]
    public async Task Distcc_on_loopback_compiles_and_gives_the_same_objects()
    {
        await ObjectsAsync(Request());
        var plain = Objects();
        using var server = DistccServer.Start();
        var environment = new Dictionary<string, string>
        {
            ["DISTCC_HOSTS"] = $"127.0.0.1:{server.Port}/4",
            ["DISTCC_DIR"] = Path.Combine(_project.Root, "distcc"),
            ["DISTCC_FALLBACK"] = "0",
            ["HOME"] = _project.Root,
        };
        await ObjectsAsync(Request() with { Launcher = ["distcc"], Environment = environment });
        Assert.True(await server.CompletedJobsAsync(2) == 2, server.Log);

        // Only debug data differs: the server compiles preprocessed text, whose columns are others.
        foreach (var (ours, theirs) in plain.Zip(Objects()))
        {
            Assert.Empty(ModuleComparer.Compare(ours, theirs));
        }
    }

    [Fact]
    public async Task A_distcc_server_that_is_gone_is_an_error_with_distccs_words()
    {
        var environment = new Dictionary<string, string> { ["DISTCC_HOSTS"] = "127.0.0.1:1", ["DISTCC_DIR"] = Path.Combine(_project.Root, "distcc"), ["DISTCC_FALLBACK"] = "0", ["HOME"] = _project.Root };
        Assert.Null(await _project.CompileAsync(Request() with { Launcher = ["distcc"], Environment = environment }));
        Assert.Contains(_project.Diagnostics, d => d.Severity == Severity.Error && d.ToString().Contains("distcc", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no-such-launcher", "Correct or remove KlpCompilerLauncher")]
    [InlineData("sccache", "sudo apt install sccache")]
    public async Task A_missing_launcher_is_an_error_and_only_a_known_one_is_a_package(string name, string cure)
    {
        Assert.Null(await _project.CompileAsync(Request() with { Launcher = [name], SearchPath = _project.Root }));
        var error = Assert.Single(_project.Diagnostics);
        Assert.Equal("KLP0117", error.Id);
        Assert.Contains(cure, error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_launcher_is_no_reason_to_compile_again()
    {
        await _project.CompileAsync(Request());
        Assert.Empty((await _project.CompileAsync(Request() with { Launcher = ["ccache"] }))!);
    }

    private Klp.Elf.ElfFile[] Objects() => [.. new[] { "sample.o", "other.o" }.Select(n => CompileTests.Read(Path.Combine(_project.ObjectDirectory, n)))];

    private CompileRequest Request() => _project.Request("sample.c", "other.c");

    /// <summary>Compiles everything anew and returns the objects' digests.</summary>
    private async Task<IReadOnlyList<string?>> ObjectsAsync(CompileRequest request)
    {
        if (Directory.Exists(_project.ObjectDirectory))
        {
            Directory.Delete(_project.ObjectDirectory, recursive: true);
        }

        var result = await _project.CompileFullAsync(request);
        Assert.True(result is not null, _project.Diagnostics.ToString());
        Assert.Empty(_project.Diagnostics);
        return [.. result.Objects.Select(o => Digest.OfFile(o.ObjectFile))];
    }

    private static async Task<int> StatisticAsync(Dictionary<string, string> environment, params string[] names)
    {
        var ccache = ProcessRunner.FindOnPath("ccache", KernelProfiles.SearchPath, "/")!;
        var result = await ProcessRunner.RunAsync(new ProcessRequest(ccache, ["--print-stats"], "/", environment), new DiagnosticBag(), CancellationToken.None);
        return result!.StandardOutput.Split('\n').Select(l => l.Split('\t')).Where(p => p.Length == 2 && names.Contains(p[0])).Sum(p => int.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>A distcc server of this test alone.</summary>
    private sealed class DistccServer : IDisposable
    {
        private readonly Process _process;
        private readonly ConcurrentQueue<string> _log = new();

        private DistccServer(Process process, int port)
        {
            (_process, Port) = (process, port);
            process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
            process.BeginErrorReadLine();
        }

        public int Port { get; }

        public string Log => string.Join('\n', _log);

        /// <summary>How many jobs the server's log tells of: it writes of a job after the client has its answer, so a number that is awaited may take a moment.</summary>
        public async Task<int> CompletedJobsAsync(int awaited)
        {
            int Completed() => _log.Count(l => l.Contains("COMPILE_OK", StringComparison.Ordinal));
            for (var i = 0; i < 100 && Completed() < awaited; i++)
            {
                await Task.Delay(100);
            }

            return Completed();
        }

        public static DistccServer Start()
        {
            var program = ProcessRunner.FindOnPath("distccd", KernelProfiles.SearchPath, "/") ?? throw new InvalidOperationException("distcc is not installed; eng/test.sh installs it.");
            var port = FreePort();
            List<string> words = ["--no-detach", "--daemon", "--listen", "127.0.0.1", "--allow", "127.0.0.1", "--port", $"{port}", "--log-stderr", "--log-level", "info", "--jobs", "2", "--enable-tcp-insecure"];
            if (Environment.UserName == "root")
            {
                // distccd refuses to serve as root.
                words.AddRange(["--user", "nobody"]);
            }

            var info = new ProcessStartInfo(program, words) { WorkingDirectory = "/", RedirectStandardError = true };
            info.Environment.Clear();
            info.Environment["PATH"] = KernelProfiles.SearchPath;
            var process = Process.Start(info)!;
            for (var i = 0; i < 300 && !IsListening(port); i++)
            {
                Thread.Sleep(50);
            }

            return new DistccServer(process, port);
        }

        public void Dispose()
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
        }

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        private static bool IsListening(int port)
        {
            try
            {
                using var client = new TcpClient();
                client.Connect(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
