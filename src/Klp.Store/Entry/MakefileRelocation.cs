using System.Text;
using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Store;

/// <summary>The short Makefile of a distribution's headers names its sources by their installed path; in the store it finds them from where it lies.</summary>
internal static partial class MakefileRelocation
{
    // A whole kernel Makefile is 60 KB; one that only points elsewhere has a line or a few.
    private const int LargestStub = 4096;

    /// <param name="root">The entry's <c>/</c>.</param>
    /// <param name="tree">The build tree, below <paramref name="root"/>.</param>
    /// <param name="kernel">What it is the Makefile of, for the user: the entry itself goes away again.</param>
    /// <returns>False with KLP0271 where a path is left that would be looked for on the machine.</returns>
    public static bool Apply(string root, string tree, KernelManifest kernel, DiagnosticBag diagnostics)
    {
        var path = Path.Combine(tree, "Makefile");
        if (SafeFile.Read(path, diagnostics) is not { } bytes)
        {
            return false;
        }

        if (bytes.Length > LargestStub)
        {
            return true;
        }

        var text = Rewrite(Encoding.UTF8.GetString(bytes), Path.GetRelativePath(tree, Path.Combine(root, "usr/src")));
        if (AbsolutePath().Match(text) is { Success: true } left)
        {
            diagnostics.Error(
                "KLP0271", Path.IsPathRooted(kernel.From) ? kernel.From : null, $"The Makefile of kernel {kernel.Release} names {left.Groups[1].Value}, a path of the machine it was made for, in a way that is not known.",
                "Report it with the package's name. Meanwhile use the tree where the package installs it: set KlpKernelBuildDirectory to its folder.");
            return false;
        }

        return SafeFile.WriteText(path, text, diagnostics);
    }

    /// <summary>One line keeps its form, which kbuild can include from anywhere; more (KBUILD_OUTPUT too) get a variable, which sub-makes in other folders still understand.</summary>
    internal static string Rewrite(string text, string sources)
    {
        if (!text.Contains("/usr/src/", StringComparison.Ordinal))
        {
            return text;
        }

        var lines = text.Split('\n').Count(l => l.Trim().Length > 0);
        return lines == 1 && text.StartsWith("include /usr/src/", StringComparison.Ordinal)
            ? text.Replace("/usr/src/", $"$(dir $(lastword $(MAKEFILE_LIST))){sources}/", StringComparison.Ordinal)
            : $"klp_sources := $(abspath $(dir $(lastword $(MAKEFILE_LIST))){sources})\n" + text.Replace("/usr/src/", "$(klp_sources)/", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?:^|[ =])(/(?:usr|lib)/[^\s]*)", RegexOptions.Multiline)]
    private static partial Regex AbsolutePath();
}
