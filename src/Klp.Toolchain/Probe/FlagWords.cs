using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>Turns the flags kbuild gives one object into the flags of any object, valid in any folder. Pure.</summary>
internal static class FlagWords
{
    private static readonly string[] PathPrefixes = ["-I", "-iquote", "-isystem", "-idirafter", "-include", "-imacros", "-fplugin=", "--sysroot=", "@"];
    private static readonly string[] PathOptions = ["-I", "-iquote", "-isystem", "-idirafter", "-include", "-imacros", "-isysroot", "--sysroot"];
    private static readonly string[] NameDefines = ["-DKBUILD_BASENAME=", "-DKBUILD_MODNAME=", "-DKBUILD_MODFILE=", "-D__KBUILD_MODNAME="];

    /// <param name="words">c_flags or a_flags.</param>
    /// <param name="lto">CC_FLAGS_LTO, which would make IR instead of machine code.</param>
    /// <param name="currentDirectory">make's CURDIR, which relative paths are relative to.</param>
    /// <param name="probeDirectory">The probe's own folder, which stands for a module's.</param>
    public static List<string> Clean(IReadOnlyList<string> words, IReadOnlyList<string> lto, string currentDirectory, string probeDirectory)
    {
        var clean = new List<string>(words.Count);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (IsDropped(word, lto))
            {
                continue;
            }

            if (PathOptions.Contains(word) && i + 1 < words.Count)
            {
                clean.Add(word);
                clean.Add(Absolute(words[++i], currentDirectory));
                continue;
            }

            clean.Add(WithAbsolutePath(word, currentDirectory).Replace(probeDirectory, KernelProfile.ModuleDirectoryPlaceholder, StringComparison.Ordinal));
        }

        return clean;
    }

    /// <summary>The flags the template object is compiled with: no instrumentation, no debug data and, unless they are wanted, no warnings; kbuild does the same for .mod.c.</summary>
    public static IEnumerable<string> ForTemplate(IEnumerable<string> flags, ProbeAnswer answer, bool warnings)
    {
        string[] lists = ["CC_FLAGS_CFI", "CFLAGS_GCOV", "CFLAGS_KCSAN", "CFLAGS_KASAN", "CFLAGS_UBSAN", "CFLAGS_KCOV"];
        var unwanted = lists.SelectMany(answer.List).ToHashSet(StringComparer.Ordinal);
        return flags.Where(f => !unwanted.Contains(f) && !(f.StartsWith("-g", StringComparison.Ordinal) && !f.StartsWith("-gcc", StringComparison.Ordinal))).Concat(warnings ? [] : ["-w"]);
    }

    private static bool IsDropped(string word, IReadOnlyList<string> lto) =>
        word.StartsWith("-Wp,-M", StringComparison.Ordinal)

        // A new warning of another compiler must not fail a patch; TreatWarningsAsErrors decides, not CONFIG_WERROR.
        || word is "-Werror" or "-Wp,-Werror" or "-Wa,--fatal-warnings"
        || NameDefines.Any(d => word.StartsWith(d, StringComparison.Ordinal))
        || lto.Contains(word);

    private static string WithAbsolutePath(string word, string currentDirectory)
    {
        foreach (var prefix in PathPrefixes)
        {
            if (word.Length > prefix.Length && word.StartsWith(prefix, StringComparison.Ordinal))
            {
                return prefix + Absolute(word[prefix.Length..], currentDirectory);
            }
        }

        // -fmacro-prefix-map=./= and the like: the old part is a path as the compiler sees it, which is absolute from now on.
        var map = word.IndexOf("-prefix-map=", StringComparison.Ordinal);
        if (map > 0 && word.IndexOf('=', map + "-prefix-map=".Length) is var equals and > 0)
        {
            var old = word[(map + "-prefix-map=".Length)..equals];
            return old.StartsWith('/') ? word : word[..(map + "-prefix-map=".Length)] + Absolute(old, currentDirectory) + word[equals..];
        }

        // Plugin arguments and seed files that name a file relative to the tree.
        var value = word.IndexOf("=./", StringComparison.Ordinal);
        return value > 0 && word.StartsWith("-f", StringComparison.Ordinal) ? word[..(value + 1)] + Absolute(word[(value + 1)..], currentDirectory) : word;
    }

    private static string Absolute(string path, string currentDirectory)
    {
        if (path.StartsWith('/'))
        {
            return path;
        }

        var full = Path.GetFullPath(path, currentDirectory);
        return path.EndsWith('/') && !full.EndsWith('/') ? full + "/" : full;
    }
}
