using Klp.Base;

namespace Klp.TestKit;

/// <summary>Builds modules with the kernel's own make, as the reference our modules are held against.</summary>
public static class Kbuild
{
    /// <summary>Builds one module in a folder of its own.</summary>
    /// <param name="sources">File names (relative) and contents: C files, and headers beside them. C files become the module's objects, in ordinal order of their names.</param>
    /// <param name="compilerFlags">Words for KCFLAGS behind the prefix map of the folder.</param>
    /// <param name="makeArguments">Further words for make, such as <c>ARCH=arm64</c>.</param>
    /// <param name="extraLines">Further lines for the Kbuild file.</param>
    public static KbuildModule Build(TestKernel kernel, string name, IReadOnlyDictionary<string, string> sources, IReadOnlyList<string>? compilerFlags = null,
        IReadOnlyList<string>? makeArguments = null, string extraLines = "")
    {
        var folder = new TemporaryFolder();
        foreach (var (file, text) in sources)
        {
            folder.Write(file, text);
        }

        var module = name.Replace('-', '_');
        var objects = sources.Keys.Where(f => f.EndsWith(".c", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f => Path.ChangeExtension(f, ".o")).ToList();
        var isComposite = objects.Count > 1 || objects[0] != name + ".o";
        if (isComposite && objects.Contains(name + ".o"))
        {
            throw new ArgumentException($"kbuild cannot make {name}.o of several objects when one of them has that name.");
        }

        folder.Write("Kbuild", $"obj-m := {name}.o\n" + (isComposite ? $"{name}-y := {string.Join(' ', objects)}\n" : "") + extraLines);
        var output = Make(kernel, folder.Path, "modules", compilerFlags, makeArguments);
        return new KbuildModule(folder, module, Path.Combine(folder.Path, name + ".ko"), Path.Combine(folder.Path, name + ".o"), output);
    }

    /// <summary>The same with the sources of a folder (its <c>*.c</c> and <c>*.h</c>), copied so that nothing is left in it.</summary>
    public static KbuildModule BuildFolder(TestKernel kernel, string name, string sourceFolder, IReadOnlyList<string>? compilerFlags = null)
    {
        var files = Directory.EnumerateFiles(sourceFolder).Where(f => Path.GetExtension(f) is ".c" or ".h" or ".S" && !f.EndsWith(".mod.c", StringComparison.Ordinal));
        return Build(kernel, name, files.ToDictionary(f => Path.GetFileName(f), File.ReadAllText), compilerFlags);
    }

    /// <summary>Runs one target of the kernel's make on a folder and returns what it printed; a failing make fails the test.</summary>
    public static string Make(TestKernel kernel, string folder, string target, IReadOnlyList<string>? compilerFlags = null, IReadOnlyList<string>? makeArguments = null)
    {
        // A compiler that is not the kernel's warns of its headers in every source, which would bury a failure.
        var flags = string.Join(' ', [$"-ffile-prefix-map={folder}/=", .. kernel.HasItsCompiler ? Array.Empty<string>() : ["-Wno-attributes"], .. compilerFlags ?? []]);
        var environment = CleanEnvironment.Create(("LC_ALL", "C"));
        var make = ProcessRunner.FindOnPath("make", environment["PATH"], folder) ?? throw new InvalidOperationException("make is not installed; eng/test.sh installs it.");
        string[] arguments = ["-C", kernel.BuildDirectory, $"M={folder}", "KBUILD_MODPOST_WARN=1", $"KCFLAGS={flags}", .. kernel.MakeArguments, .. makeArguments ?? [], target];
        var diagnostics = new DiagnosticBag();
        var result = ProcessRunner.RunAsync(new ProcessRequest(make, arguments, folder, environment) { Timeout = TimeSpan.FromMinutes(5) }, diagnostics, CancellationToken.None).GetAwaiter().GetResult();
        return result is { ExitCode: 0 } ? result.StandardOutput + result.StandardError
            : throw new InvalidOperationException($"kbuild failed in {folder}:\n{result?.StandardOutput}{result?.StandardError}{diagnostics}");
    }
}
