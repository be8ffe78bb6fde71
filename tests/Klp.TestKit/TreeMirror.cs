using Klp.Kernel;

namespace Klp.TestKit;

/// <summary>
/// A kernel's build tree that a test may break: links to the real one's entries, and real copies of whatever the test names.
/// Lies beside links to the packages that the tree refers to by relative paths.
/// </summary>
public sealed class TreeMirror : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _original;

    public TreeMirror(TestKernel kernel, string place = "usr/src")
    {
        _original = Klp.Base.RealPath.Of(kernel.BuildDirectory);
        var packages = System.IO.Path.GetDirectoryName(_original)!;
        var here = System.IO.Path.Combine(_folder.Path, place);
        System.IO.Directory.CreateDirectory(here);
        foreach (var package in System.IO.Directory.GetDirectories(packages).Where(p => p != _original))
        {
            File.CreateSymbolicLink(System.IO.Path.Combine(here, System.IO.Path.GetFileName(package)), package);
        }

        Directory = System.IO.Path.Combine(here, System.IO.Path.GetFileName(_original));
        LinkEntries(_original, Directory);
    }

    /// <summary>The kernel with this tree in place of its own.</summary>
    public TestKernel Kernel(TestKernel kernel) => kernel with { BuildDirectory = Directory };

    public string Root => _folder.Path;

    public string Directory { get; }

    public string Path(string relative) => System.IO.Path.Combine(Directory, relative);

    /// <summary>Makes a file the mirror's own, so that it can be changed; its time is kept.</summary>
    public string Own(string relative)
    {
        var parts = relative.Split('/');
        for (var depth = 1; depth < parts.Length; depth++)
        {
            var folder = Path(string.Join('/', parts[..depth]));
            if (new FileInfo(folder).LinkTarget is not null)
            {
                var target = Klp.Base.RealPath.Of(folder);
                File.Delete(folder);
                LinkEntries(target, folder);
            }
        }

        var file = Path(relative);
        if (new FileInfo(file).LinkTarget is not null)
        {
            var target = Klp.Base.RealPath.Of(file);
            File.Delete(file);
            File.Copy(target, file);
            File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(target));
        }

        return file;
    }

    /// <summary>Replaces text in a file of the tree; the file looks an hour old, so that it is no edit of this moment.</summary>
    public void Edit(string relative, Func<string, string> edit)
    {
        var file = Own(relative);
        var before = File.ReadAllText(file);
        var after = edit(before);
        if (after == before)
        {
            throw new InvalidOperationException($"The edit of {relative} changes nothing.");
        }

        File.WriteAllText(file, after);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
    }

    /// <summary>Sets or removes (null) a CONFIG_ option in auto.conf and autoconf.h.</summary>
    public void Configure(params (string Option, string? Value)[] options)
    {
        var set = KernelConfig.Read(Path("include/config/auto.conf"), [])!;
        foreach (var (option, value) in options)
        {
            if (value is null && !set.ContainsKey(option))
            {
                // Another machine's.
                continue;
            }

            Edit("include/config/auto.conf", text => Lines(text, l => !l.StartsWith($"CONFIG_{option}=", StringComparison.Ordinal), value is null ? null : $"CONFIG_{option}={value}"));
            var define = value is "y" or "m" ? "1" : int.TryParse(value, out _) ? value : $"\"{value}\"";
            Edit("include/generated/autoconf.h", text => Lines(text, l => !l.StartsWith($"#define CONFIG_{option} ", StringComparison.Ordinal), value is null ? null : $"#define CONFIG_{option} {define}"));
        }
    }

    /// <summary>Makes this the tree of a kernel that the clang and lld of this machine built, as its configuration would say.</summary>
    public void PretendClang()
    {
        var clang = CCompiler.Run("clang", Directory, "--version").Split('\n')[0];
        var version = Version.Parse(clang.Split(' ').First(w => char.IsAsciiDigit(w[0])));
        var number = $"{version.Major * 10000 + version.Minor * 100 + version.Build}";

        // Debian's own name of its compiler; a kernel of clang would have clang there.
        Edit(".kernelvariables", text => string.Join('\n', text.Split('\n').Where(l => !l.StartsWith("CC =", StringComparison.Ordinal))));
        Configure(
            ("CC_IS_GCC", null), ("GCC_VERSION", null), ("CC_IS_CLANG", "y"), ("CLANG_VERSION", number), ("CC_VERSION_TEXT", clang),
            ("LD_IS_BFD", null), ("LD_IS_LLD", "y"), ("LLD_VERSION", number), ("AS_IS_GNU", null), ("AS_IS_LLVM", "y"),

            // What Kconfig finds out of gcc, and not every clang has.
            ("RETHUNK", null), ("CC_HAS_RETURN_THUNK", null), ("SLS", null), ("CC_HAS_SLS", null), ("FTRACE_MCOUNT_USE_CC", null), ("FTRACE_MCOUNT_USE_OBJTOOL", "y"),
            ("CC_IMPLICIT_FALLTHROUGH", "-Wimplicit-fallthrough"));
        if (version.Major < 16)
        {
            // Newer clang needs no second flag to allow zeroing of variables, and since 18 refuses it.
            Configure(("CC_HAS_AUTO_VAR_INIT_ZERO_ENABLER", "y"));
        }
    }

    public void Delete(string relative) => File.Delete(Own(relative));

    public void Dispose() => _folder.Dispose();

    private static string Lines(string text, Func<string, bool> keep, string? more) => string.Join('\n', text.TrimEnd('\n').Split('\n').Where(keep).Concat(more is null ? [] : [more])) + "\n";

    private static void LinkEntries(string from, string to)
    {
        System.IO.Directory.CreateDirectory(to);
        foreach (var entry in System.IO.Directory.GetFileSystemEntries(from))
        {
            // include/config has an empty file for each of 10,000 options, which only a build of the kernel itself looks at.
            if (to.EndsWith("include/config", StringComparison.Ordinal) && !System.IO.Path.GetFileName(entry).Contains('.', StringComparison.Ordinal))
            {
                continue;
            }

            File.CreateSymbolicLink(System.IO.Path.Combine(to, System.IO.Path.GetFileName(entry)), entry);
        }
    }
}
