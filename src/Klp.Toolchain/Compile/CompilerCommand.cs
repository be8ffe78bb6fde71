using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>The words that compile one source. Pure.</summary>
internal sealed record CompilerCommand(string Compiler, IReadOnlyList<string> Flags, string Source)
{
    public static CompilerCommand For(CompileRequest request, CompileSource source)
    {
        var profile = request.Profile;
        string Relative(string path) => ProjectPaths.ForCompiler(path, request.ProjectDirectory);
        var module = ProjectPaths.KbuildName(request.ModuleName);
        var name = ProjectPaths.KbuildName(Path.GetFileNameWithoutExtension(source.Path));
        IEnumerable<string> kernel = source.IsAssembly ? profile.AssemblerFlags : profile.CompilerFlags;
        IReadOnlyList<string> maps = request.Deterministic ? PrefixMaps.For(profile, request.ProjectDirectory, request.ObjectDirectory, request.SdkIncludeDirectory) : [];
        List<string> flags =
        [
            .. kernel.Select(f => f.Replace(KernelProfile.ModuleDirectoryPlaceholder, request.ProjectDirectory, StringComparison.Ordinal)),
            .. maps,

            // For a header beside a source that is named without a folder clang says ./header, where gcc and a kbuild that names folders say header.
            .. request.Deterministic && profile.CompilerFamily == CompilerFamily.Clang ? ["-ffile-prefix-map=./="] : Array.Empty<string>(),
            .. request.IncludeDirectories.Select(d => "-I" + Relative(d)),
            .. request.SdkIncludeDirectory is { } sdk ? ["-I" + sdk] : Array.Empty<string>(),
            .. request.Defines.Select(d => "-D" + d),
            .. request.ExtraOptions,
            .. source.Options,
            .. Names(profile, source.IsAssembly, name, module),
        ];
        return new CompilerCommand(profile.CompilerPath, flags, ProjectPaths.Operand(Relative(source.Path))) { Pipes = profile.CompilerFamily == CompilerFamily.Gcc };
    }

    /// <summary>Whether the assembler reads what the compiler writes while it does: a few milliseconds less, and no temporary file.</summary>
    private bool Pipes { get; init; }

    /// <summary>Everything that decides the object, file contents apart.</summary>
    public IReadOnlyList<string> Fingerprint(string profileDigest) => [profileDigest, Compiler, .. Flags, Source];

    /// <summary>The words, with or without a dependency file.</summary>
    public IReadOnlyList<string> Words(string output, string? depfile) =>
        depfile is null
            ? [.. Flags, "-c", "-o", output, Source]
            : [.. Flags, .. Pipes && !Flags.Any(f => f.StartsWith("-save-temps", StringComparison.Ordinal)) ? ["-pipe"] : Array.Empty<string>(), "-MD", "-MF", depfile, "-MT", "o", "-c", "-o", output, Source];

    private static IEnumerable<string> Names(KernelProfile profile, bool assembly, string name, string module)
    {
        if (assembly && !profile.AssemblerKnowsModuleName)
        {
            return [];
        }

        var unquoted = profile.KbuildModnamePrefix is { } prefix ? $"-D__KBUILD_MODNAME={prefix}{module}" : null;
        return assembly
            ? [$"-DKBUILD_MODNAME=\"{module}\"", .. unquoted is null ? Array.Empty<string>() : [unquoted]]
            : [$"-DKBUILD_BASENAME=\"{name}\"", $"-DKBUILD_MODNAME=\"{module}\"", .. unquoted is null ? Array.Empty<string>() : [unquoted]];
    }
}
