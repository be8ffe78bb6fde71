using System.Text.RegularExpressions;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>Compiles the template object; that it compiles is the proof that flags, headers and compiler fit together.</summary>
internal static partial class TemplateCompiler
{
    /// <summary>
    /// Null with KLP0109 (does not compile), KLP0104 (no object) or KLP0212 (cannot be used). Warnings are those of the kernel's headers themselves, as names of options: the template has none of its own.
    /// </summary>
    public static async Task<(ElfFile Object, ModuleTemplate Template, string Path, IReadOnlyList<string> Headers, IReadOnlyList<string> Warnings)?> CompileAsync(
        string compiler, IEnumerable<string> flags, string sourceTree, ProbeRequest request, string folder, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var header = Path.Combine(sourceTree, "include/linux/livepatch.h");
        if (!File.Exists(header))
        {
            diagnostics.Error("KLP0109", header, "The kernel's headers are incomplete: this one is missing.", "Install the kernel's headers package again.");
            return null;
        }

        if (SafeFile.Read(header, diagnostics) is not { } headerBytes)
        {
            return null;
        }

        var source = Path.Combine(folder, "klp_template.c");
        var output = Path.Combine(folder, "klp_template.o");
        if (!SafeFile.WriteText(source, ModuleTemplateSource.For(System.Text.Encoding.UTF8.GetString(headerBytes)), diagnostics))
        {
            return null;
        }

        var words = flags.Select(f => f.Replace(KernelProfile.ModuleDirectoryPlaceholder, folder, StringComparison.Ordinal))
            .Concat(["-DKBUILD_BASENAME=\"klp_template\"", "-DKBUILD_MODNAME=\"klp_template\"", "-D__KBUILD_MODNAME=klp_template", "-MD", "-MF", output + ".d", "-MT", "o", "-c", "-o", output, source]);
        var call = new ProcessRequest(compiler, [.. words], folder, KbuildCall.Environment(request, folder)) { Timeout = TimeSpan.FromMinutes(2) };
        if (await ProcessRunner.RunAsync(call, diagnostics, cancellation).ConfigureAwait(false) is not { } result)
        {
            return null;
        }

        if (result.ExitCode != 0)
        {
            diagnostics.Error(
                "KLP0109",
                sourceTree,
                $"A module's most basic source does not compile with this kernel's headers and flags and {compiler}.",
                "Either the headers are incomplete or of several versions, or the compiler does not know the kernel's flags; the compiler's own words are below.",
                result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(12).ToArray());
            return null;
        }

        if (!File.Exists(output))
        {
            diagnostics.Error("KLP0104", compiler, "The compiler ended without an error but made no object.", "Name a compiler, or a script that calls one, in KlpCompilerPath; or remove it: then the kernel's own choice is taken.", result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(12).ToArray());
            return null;
        }

        return SafeFile.Read(output, diagnostics) is { } bytes
            && ElfFile.Read(bytes, output, diagnostics) is { } file
            && ModuleTemplateReader.Read(file, sourceTree, diagnostics) is { } template
            ? (file, template, output, Headers(output + ".d", folder), [.. WarningOption().Matches(result.StandardError).Select(m => m.Groups[1].Value).Distinct()])
            : null;
    }

    private static IReadOnlyList<string> Headers(string depfile, string folder) =>
        File.Exists(depfile) ? [.. Depfile.Parse(File.ReadAllText(depfile), folder).Where(p => !p.StartsWith(folder + "/", StringComparison.Ordinal)).Distinct()] : [];

    /// <summary><c>warning: … [-Wattributes]</c>; an option with a value is turned off without it.</summary>
    [GeneratedRegex(@"warning: .* \[-W([a-z0-9-]+)=?[^\]]*\]$", RegexOptions.Multiline)]
    private static partial Regex WarningOption();
}
