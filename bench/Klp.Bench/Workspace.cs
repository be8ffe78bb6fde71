using Klp.Base;

namespace Klp.Bench;

/// <summary>
/// A temporary folder with the same patches for both builders, and the package lane: a private feed and package folder, as a user has them.
/// </summary>
internal sealed class Workspace : IDisposable
{
    /// <summary>The project for several kernels.</summary>
    public const string SixFolder = "six";

    private readonly string _root = Directory.CreateTempSubdirectory("klp-bench-").FullName;
    private readonly string _sdkVersion;

    public Workspace(string packages, string release, int patches)
    {
        Patches = patches;
        Packages = Path.Combine(_root, "nuget");
        _sdkVersion = Directory.EnumerateFiles(packages, "Klp.Build.Sdk.*.nupkg").Select(f => Path.GetFileNameWithoutExtension(f)["Klp.Build.Sdk.".Length..]).Single();
        foreach (var builder in new[] { "plain", "server" })
        {
            WriteKlp(Path.Combine(_root, builder), packages, _sdkVersion, release, patches);
        }

        WriteKbuild(Path.Combine(_root, "kbuild1"), 1);
        WriteKbuild(Path.Combine(_root, "kbuild8"), patches);
    }

    public int Patches { get; }

    /// <summary>The package folder (NUGET_PACKAGES) of this run alone.</summary>
    public string Packages { get; }

    public string Klp(string builder) => Path.Combine(_root, builder);

    public string Kbuild(bool many) => Path.Combine(_root, many ? "kbuild8" : "kbuild1");

    /// <summary>One patch for these kernels, for both sides; kbuild needs a folder per kernel.</summary>
    public void AddKernels(IReadOnlyList<string> releases)
    {
        foreach (var builder in new[] { "plain", "server" })
        {
            var patch = Directory.CreateDirectory(Path.Combine(Klp(builder), SixFolder)).FullName;
            File.WriteAllText(Path.Combine(patch, "p1.c"), Sample.Source(1));
            File.WriteAllText(Path.Combine(patch, "p1.klpproj"), Sample.Project(_sdkVersion, string.Join(';', releases), "TargetKernels"));
        }

        foreach (var release in releases)
        {
            WriteKbuild(KbuildOf(release), 1);
        }
    }

    public string KbuildOf(string release) => Path.Combine(_root, "kbuild6", release);

    /// <summary>Changes one source of one patch, so that its code changes.</summary>
    public static void Edit(string directory, int edit) => File.WriteAllText(Path.Combine(directory, "p1", "p1.c"), Sample.Edited(1, edit));

    public static void EditKbuild(string directory, int edit) => File.WriteAllText(Path.Combine(directory, "p1.c"), Sample.Edited(1, edit));

    public static void Clean(string directory)
    {
        foreach (var patch in Directory.EnumerateDirectories(directory, "p*"))
        {
            CleanOne(patch);
        }
    }

    public static void CleanOne(string patch)
    {
        foreach (var output in new[] { "bin", "obj" }.Select(o => Path.Combine(patch, o)).Where(Directory.Exists))
        {
            Directory.Delete(output, recursive: true);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static void WriteKlp(string directory, string feed, string sdkVersion, string release, int patches)
    {
        for (var i = 1; i <= patches; i++)
        {
            var patch = Directory.CreateDirectory(Path.Combine(directory, $"p{i}")).FullName;
            File.WriteAllText(Path.Combine(patch, $"p{i}.c"), Sample.Source(i));
            File.WriteAllText(Path.Combine(patch, $"p{i}.klpproj"), Sample.Project(sdkVersion, release));
        }

        File.WriteAllText(Path.Combine(directory, "all.proj"), Sample.Traversal(patches));
        File.WriteAllText(Path.Combine(directory, "all.slnx"), Sample.Solution(patches));
        File.WriteAllText(Path.Combine(directory, "nuget.config"),
            $"""<configuration><packageSources><clear /><add key="klp" value="{feed}" /></packageSources><fallbackPackageFolders><clear /></fallbackPackageFolders></configuration>""");
    }

    private static void WriteKbuild(string directory, int patches)
    {
        Directory.CreateDirectory(directory);
        for (var i = 1; i <= patches; i++)
        {
            File.WriteAllText(Path.Combine(directory, $"p{i}.c"), Sample.Source(i));
        }

        File.WriteAllText(Path.Combine(directory, "Kbuild"), $"obj-m := {string.Join(' ', Enumerable.Range(1, patches).Select(i => $"p{i}.o"))}\n");
    }
}
