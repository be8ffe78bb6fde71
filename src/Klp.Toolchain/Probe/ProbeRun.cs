using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>One run of the probe over an opened tree: make, checks, template, profile.</summary>
internal sealed class ProbeRun(ProbeRequest request, KernelTree tree, string folder, long startTicks, DiagnosticBag diagnostics)
{
    public async Task<KernelProfile?> RunAsync(ProfileCache cache, CancellationToken cancellation)
    {
        if (await KbuildCall.AskAsync(request, tree, [], folder, diagnostics, cancellation).ConfigureAwait(false) is not { } answer)
        {
            return null;
        }

        var current = answer.Value("CURDIR");
        var asked = request;
        var compilerWords = CompilerWords(answer);
        var wanted = compilerWords is [var first, ..] && ProcessRunner.FindOnPath(first, request.SearchPath, current) is null ? first : null;
        if (wanted is not null && CrossTools.StandIn(request, tree, answer) is { } standIn)
        {
            // Asked again with what is here: which flags there are depends on the compiler. How far it is from the kernel's is told by its version.
            asked = request with { CompilerPath = standIn };
            if (await KbuildCall.AskAsync(asked, tree, [], folder, diagnostics, cancellation).ConfigureAwait(false) is not { } second)
            {
                return null;
            }

            answer = second;
            compilerWords = CompilerWords(answer);
        }

        var linkerWords = answer.List("LD");
        var compiler = Find(compilerWords, "KLP0104", "compiler", $"the kernel was built with {Built()}", "KlpCompilerPath", request.CompilerPath, current);
        var linker = Find(linkerWords, "KLP0108", "linker", "it joins the objects of a module with several sources", "KlpLinkerPath", request.LinkerPath, current);
        var identity = compiler is null ? null : await CompilerIdentity.AskAsync(compiler, request, folder, diagnostics, cancellation).ConfigureAwait(false);
        if (compiler is null || linker is null || identity is null)
        {
            return null;
        }

        var denied = await CompilerAbilities.MissingAsync(identity, tree, answer.List("c_flags"), request, current, cancellation).ConfigureAwait(false);
        if (denied.Count > 0)
        {
            if (await KbuildCall.AskAsync(asked, tree, denied, folder, diagnostics, cancellation).ConfigureAwait(false) is not { } third)
            {
                return null;
            }

            answer = third;
        }

        var lto = answer.List("CC_FLAGS_LTO");
        List<string> flags = [.. compilerWords.Skip(1), .. FlagWords.Clean(answer.List("c_flags"), lto, current, folder)];
        CompilerChecks.CheckVersion(identity, tree, request.CompilerVersionCheck, diagnostics);
        var lost = new DiagnosticBag();
        CompilerChecks.CheckFlags(flags, tree.Config, identity, lost);
        if (lost.HasErrors && await identity.WorksAsync(request, folder, diagnostics, cancellation).ConfigureAwait(false))
        {
            diagnostics.AddRange(lost);
        }

        flags = CheckPlugins(flags);
        var objtool = Objtool(answer, current);
        if (diagnostics.HasErrors)
        {
            return null;
        }

        var source = Path.GetFullPath(answer.Value("srctree"), current);
        var files = new ProbeInputs(tree, source, answer.Value("SRCARCH"), compiler, linker, objtool.Path);
        var digests = files.TakeAsync(identity.Family, startTicks, request, folder, cancellation);
        var rehearsal = RehearsalCompiler.CompileAsync(compiler, flags, request, folder, cancellation);

        // A compiler of another major version warns of what the kernel's headers hold for their own, in every source; that is not the patch's fault.
        var isOther = identity.Version.Major != CompilerChecks.KernelVersion(tree, identity.Family).Major;
        var template = await TemplateCompiler.CompileAsync(compiler, FlagWords.ForTemplate(flags, answer, isOther), source, request, folder, diagnostics, cancellation).ConfigureAwait(false);
        var recorded = await digests.ConfigureAwait(false);
        var patch = await rehearsal.ConfigureAwait(false);
        if (template is not { } made || ModuleScript(source) is not { } script)
        {
            return null;
        }

        if (request.ForLivepatch && made.Template.Livepatch is null)
        {
            diagnostics.Error("KLP0204", Path.Combine(tree.Directory, "include/generated/autoconf.h"), "This header has no CONFIG_LIVEPATCH, which include/config/auto.conf has: the two are not of one configuration.",
                $"make -C {tree.Directory} olddefconfig modules_prepare, or install the headers package again.");
        }

        await CheckObjtoolRunsAsync(objtool, answer, made.Path, current, cancellation).ConfigureAwait(false);
        if (diagnostics.HasErrors)
        {
            return null;
        }

        // Since 6.13 kbuild runs in the module's folder, here the probe's, and all its paths are absolute.
        var worksInModuleFolder = (current + "/").StartsWith(folder + "/", StringComparison.Ordinal);
        var profile = new KernelProfile
        {
            Release = tree.Release,
            SourceArchitecture = answer.Value("SRCARCH"),
            Machine = made.Object.Machine,
            ByteOrder = made.Object.ByteOrder,
            BuildDirectory = tree.Directory,
            SourceTree = source,
            WorksInModuleFolder = worksInModuleFolder,
            WorkingDirectory = worksInModuleFolder ? Path.GetFullPath(answer.Value("objtree"), current) : current,
            CompilerFamily = identity.Family,
            CompilerPath = compiler,
            CompilerVersion = identity.VersionLine,
            LinkerPath = linker,
            CompilerFlags = [.. flags, .. made.Warnings.Select(w => "-Wno-" + w)],
            AssemblerFlags = [.. compilerWords.Skip(1), .. FlagWords.Clean(answer.List("a_flags"), lto, current, folder)],
            MergeFlags = [.. linkerWords.Skip(1), .. answer.List("ld_flags")],
            MergeWords = MergeWords(answer, current),
            KbuildModnamePrefix = ModnamePrefix(answer.List("c_flags")),
            AssemblerKnowsModuleName = answer.List("a_flags").Any(f => f.StartsWith("-DKBUILD_MODNAME=", StringComparison.Ordinal)),
            ObjtoolPath = objtool.Path,
            ObjtoolArguments = objtool.Arguments,
            DelayObjtool = objtool.Path is not null && answer.Value("delay-objtool").Length > 0,
            RecordMcountPath = RecordMcount(answer, current),
            ToolEnvironment = answer.ToolVariables,
            ModuleLinkerScript = script,
            Config = tree.Config,
            SymversFile = tree.SymversFile,
            TemplateHeaders = made.Headers,
            Template = made.Template,
            Warnings = [.. diagnostics],
            Digest = "",
        };
        profile = profile with { Digest = ProfileDigest.Of(profile, recorded.Where(f => files.IsTool(f.Path))) };
        if (files.IsStable)
        {
            cache.Save(profile, recorded, [.. Names(compilerWords, compiler), .. Names(linkerWords, linker), .. Missing(wanted, compilerWords)], diagnostics);
            cache.SaveRehearsal(patch);
            profile = profile with { CacheFile = cache.CacheFile is { } file && File.Exists(file) ? file : null };
        }

        return profile;
    }

    private static IEnumerable<ProfileCache.ToolName> Names(IReadOnlyList<string> words, string path) => words.Count > 0 ? [new ProfileCache.ToolName(words[0], path)] : [];

    /// <summary>A compiler that was wanted and not here: when it comes, the kernel is asked again.</summary>
    private static IEnumerable<ProfileCache.ToolName> Missing(string? wanted, IReadOnlyList<string> words) =>
        wanted is null || words[0] == wanted ? [] : [new ProfileCache.ToolName(wanted, null)];

    private static string[] CompilerWords(ProbeAnswer answer) => [.. answer.List("CC").SkipWhile(w => KnownLaunchers.Names.Contains(Path.GetFileName(w)))];

    private string Built() => tree.Config.TryGetValue("CC_VERSION_TEXT", out var text) ? text : "an unknown compiler";

    private string? Find(IReadOnlyList<string> words, string code, string what, string why, string property, string? named, string current)
    {
        var name = words.Count > 0 ? words[0] : what;
        if (ProcessRunner.FindOnPath(name, request.SearchPath, current) is { } path)
        {
            return path;
        }

        if (named is not null)
        {
            var problem = !named.Contains('/') ? "which is not on the search path" : File.Exists(named) ? "which is not executable" : "which does not exist";
            diagnostics.Error(code, SourcePlace.None, $"{property} names the {what} {named}, {problem}; {why}.", $"{(IsPackaged(named) ? $"sudo apt install {Package(named)}, or correct" : "Correct")} {property}, or remove it: then the kernel's own choice is taken.");
            return null;
        }

        diagnostics.Error(code, tree.Directory, $"The {what} of this kernel, {name}, is not on the search path; {why}.", $"sudo apt install {Package(name)}, or name another with {property}.");
        return null;
    }

    private static bool IsPackaged(string name) =>
        !name.Contains('/') && (name.StartsWith("gcc", StringComparison.Ordinal) || name.Contains("-gcc", StringComparison.Ordinal) || name.StartsWith("clang", StringComparison.Ordinal) || name.StartsWith("ld", StringComparison.Ordinal));

    /// <summary>Debian's package of a tool: <c>x86_64-linux-gnu-gcc-12</c> is in gcc-12 on amd64, <c>aarch64-linux-gnu-gcc-12</c> in gcc-12-aarch64-linux-gnu.</summary>
    private static string Package(string name)
    {
        name = Path.GetFileName(name).Replace("x86_64-linux-gnu-", "", StringComparison.Ordinal);
        var gcc = name.IndexOf("-gcc", StringComparison.Ordinal);
        return name is "ld" or "ld.bfd" ? "binutils"
            : name.StartsWith("ld.lld", StringComparison.Ordinal) ? name.Replace("ld.lld", "lld", StringComparison.Ordinal)
            : gcc > 0 ? $"{name[(gcc + 1)..]}-{name[..gcc].Replace('_', '-')}"
            : name.EndsWith("-ld", StringComparison.Ordinal) ? "binutils-" + name[..^3].Replace('_', '-')
            : name;
    }

    /// <summary>
    /// gcc plugins are bound to the exact gcc and often not in the headers package. Those that only add entropy or clear memory may be left out of a patch;
    /// the one that shuffles structs may not.
    /// </summary>
    private List<string> CheckPlugins(List<string> flags)
    {
        var missing = flags.Where(f => f.StartsWith("-fplugin=", StringComparison.Ordinal) && !File.Exists(f["-fplugin=".Length..])).ToArray();
        foreach (var flag in missing)
        {
            var name = Path.GetFileNameWithoutExtension(flag);
            var layout = name.StartsWith("randomize_layout", StringComparison.Ordinal);
            diagnostics.Add(new Diagnostic(
                "KLP0120",
                layout ? Severity.Error : Severity.Warning,
                new SourcePlace(flag["-fplugin=".Length..]),
                layout ? "The gcc plugin that shuffles this kernel's structs is missing; without it a module would read wrong fields."
                    : "A gcc plugin of this kernel is missing; the patch is built without it (it changes no data layout).",
                "Install the kernel's headers with its gcc plugins, and the very gcc they were built for."));
        }

        // -DLATENT_ENTROPY_PLUGIN and its like make headers use attributes that only the plugin knows: a warning in every source.
        var names = Array.ConvertAll(missing, f => Path.GetFileNameWithoutExtension(f));
        return [.. flags.Where(f => !missing.Contains(f) && !names.Any(n => f.StartsWith($"-fplugin-arg-{n}-", StringComparison.Ordinal) || f == "-D" + n.ToUpperInvariant()))];
    }

    private (string? Path, IReadOnlyList<string> Arguments) Objtool(ProbeAnswer answer, string current)
    {
        // Since 5.19 objtool and objtool-args; before, __objtool_obj and objtool_args.
        var (words, arguments) = answer.List("objtool-args").Count > 0 ? (answer.List("objtool"), answer.List("objtool-args")) : (answer.List("__objtool_obj"), answer.List("objtool_args"));
        if (words.Count == 0 || arguments.Count == 0)
        {
            return (null, []);
        }

        var path = Path.GetFullPath(words[0], current);
        if (ProcessRunner.FindOnPath(path, request.SearchPath, current) is null)
        {
            diagnostics.Error(
                "KLP0111",
                path,
                "This kernel's objtool is missing or cannot be executed; without it stack traces through the patch would be unreliable and its returns unprotected.",
                $"For a tree of your own: make -C {tree.Directory} tools/objtool. For a distribution's, install the package of its build tools (Debian: linux-kbuild-…).");
        }

        return (path, [.. words.Skip(1), .. arguments]);
    }

    /// <summary>A tool that was built for another machine or a newer C library is there but does not run; the template object tells.</summary>
    private async Task CheckObjtoolRunsAsync((string? Path, IReadOnlyList<string> Arguments) objtool, ProbeAnswer answer, string template, string current, CancellationToken cancellation)
    {
        if (objtool.Path is null)
        {
            return;
        }

        var environment = new Dictionary<string, string>(answer.ToolVariables, StringComparer.Ordinal) { ["PATH"] = request.SearchPath, ["LC_ALL"] = "C" };
        var call = new ProcessRequest(objtool.Path, [.. objtool.Arguments, template], current, environment) { Timeout = TimeSpan.FromSeconds(30) };
        if (await ProcessRunner.RunAsync(call, diagnostics, cancellation).ConfigureAwait(false) is { ExitCode: not 0 } result)
        {
            diagnostics.Error(
                "KLP0111",
                objtool.Path,
                $"This kernel's objtool does not run on this machine (exit code {result.ExitCode}).",
                "Install the kernel's build tools for this machine and its C library, or build them in the tree: make tools/objtool.",
                (result.StandardError + result.StandardOutput).Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(5).ToArray());
        }
    }

    private static string[] MergeWords(ProbeAnswer answer, string current) =>
    [
        .. answer.List("KBUILD_LDFLAGS_MODULE")
            .Where(w => w == "--save-restore-funcs" || !w.StartsWith('-') && w.EndsWith(".o", StringComparison.Ordinal))
            .Select(w => w.StartsWith('-') ? w : Path.GetFullPath(w, current)),
    ];

    private static string? RecordMcount(ProbeAnswer answer, string current) => answer.Value("cmd_record_mcount").Split(' ', '"', ';')
        .Where(w => w.EndsWith("/recordmcount", StringComparison.Ordinal))
        .Select(w => Path.GetFullPath(w, current))
        .FirstOrDefault();

    private static string? ModnamePrefix(IReadOnlyList<string> flags)
    {
        const string Define = "-D__KBUILD_MODNAME=";
        var flag = flags.FirstOrDefault(f => f.StartsWith(Define, StringComparison.Ordinal));
        return flag?[Define.Length..].Replace(ProbeKbuild.ObjectName, "", StringComparison.Ordinal);
    }

    private string? ModuleScript(string source)
    {
        var path = tree.ModuleScriptFile ?? Path.Combine(source, "scripts/module-common.lds");
        if (File.Exists(path))
        {
            return SafeFile.Read(path, diagnostics) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;
        }

        diagnostics.Error("KLP0213", tree.Directory, "This kernel tree has no module.lds, the script that says how a module's sections are linked.", $"For a tree of your own: make -C {tree.Directory} modules_prepare. For a distribution's, install its headers package again.");
        return null;
    }
}
