namespace Klp.TestKit;

/// <summary>
/// The environment of a test's children: a whitelist of the test run's own, so that what happens to be set on a machine
/// (a CI's <c>CC</c>, MSBuild's hand-over variables of <c>dotnet test</c>) changes no result.
/// </summary>
public static class CleanEnvironment
{
    private static readonly string[] Names =
    [
        "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "KLP_KERNEL_STORE",
        // Where the .NET SDK is and how it reaches its packages; a build without them is another machine's.
        "DOTNET_ROOT", "DOTNET_INSTALL_DIR", "NUGET_PACKAGES", "NUGET_CERT_REVOCATION_MODE",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
    ];

    /// <summary>The whitelisted variables, plus what makes .NET's output stable; a fresh dictionary each time.</summary>
    public static Dictionary<string, string> Create(params IEnumerable<(string Name, string Value)> more)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LANG"] = "C.UTF-8",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            ["DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE"] = "true",
            // No build node may survive a test: it would hold files, memory and the environment of another test.
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        };
        foreach (var name in Names)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                result[name] = value;
            }
        }

        foreach (var (name, value) in more)
        {
            result[name] = value;
        }

        return result;
    }
}
