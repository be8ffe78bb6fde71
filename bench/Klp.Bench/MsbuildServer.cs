namespace Klp.Bench;

/// <summary>The MSBuild server of one run: a handshake of its own, found by that, and ended by its process id alone.</summary>
internal sealed class MsbuildServer
{
    /// <summary>The variable that makes <c>dotnet</c> use a server.</summary>
    public const string Switch = "DOTNET_CLI_USE_MSBUILD_SERVER";

    private readonly string _salt = $"klp-bench-{Guid.NewGuid():N}";

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        [Switch] = "1",
        ["MSBUILDUSESERVER"] = "1",
        ["MSBUILDNODEHANDSHAKESALT"] = _salt,
    };

    /// <summary>Processes that carry this run's salt in their environment and are resident nodes.</summary>
    public IReadOnlyList<int> Resident() => Directory.EnumerateDirectories("/proc").Select(d => Path.GetFileName(d))
        .Where(name => int.TryParse(name, out _)).Select(int.Parse).Where(IsOurs).ToList();

    public void End()
    {
        foreach (var id in Resident())
        {
            try
            {
                System.Diagnostics.Process.GetProcessById(id).Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // Gone by itself.
            }
        }
    }

    private bool IsOurs(int id)
    {
        try
        {
            return id != System.Environment.ProcessId && File.ReadAllText($"/proc/{id}/environ").Contains(_salt, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
