using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>The files a profile depends on: when one of them changes, the kernel is asked again.</summary>
internal sealed class ProbeInputs(KernelTree tree, string sourceTree, string sourceArchitecture, string compiler, string linker, string? objtool)
{
    private readonly List<string> _tools = [];

    /// <summary>A program whose bytes decide what comes out, as opposed to a Makefile, whose effect is in the answer.</summary>
    public bool IsTool(string path) => _tools.Contains(path);

    /// <summary>False where a file changed since the probe began, or may have: what make has read is then unknown, and the profile must not be cached.</summary>
    public bool IsStable { get; private set; } = true;

    /// <summary>Records all files. Runs beside the template's compilation.</summary>
    public async Task<FileRecord[]> TakeAsync(CompilerFamily family, long startTicks, ProbeRequest request, string folder, CancellationToken cancellation)
    {
        _tools.AddRange([RealPath.Of(compiler), RealPath.Of(linker)]);
        if (objtool is not null)
        {
            // Debian's objtool is a launcher of objtool.real-<SRCARCH>.
            _tools.AddRange([RealPath.Of(objtool), RealPath.Of(objtool) + ".real-" + sourceArchitecture]);
        }

        if (family == CompilerFamily.Gcc)
        {
            // gcc is a driver; these two make the code.
            _tools.AddRange(await Task.WhenAll(ProgramAsync("cc1", request, folder, cancellation), ProgramAsync("as", request, folder, cancellation)).ConfigureAwait(false));
        }

        string[] inTree = ["Makefile", ".kernelvariables", ".config", "include/config/auto.conf", "include/generated/autoconf.h", "include/generated/utsrelease.h", "include/generated/asm-offsets.h"];
        string[] inSources =
        [
            "Makefile", $"arch/{sourceArchitecture}/Makefile", "scripts/Makefile.lib", "scripts/Makefile.build", "scripts/Makefile.modpost", "scripts/Makefile.modfinal", "scripts/Makefile.compiler",
            "include/linux/module.h", "include/linux/livepatch.h", "include/linux/vermagic.h",
        ];
        string?[] single = [tree.SymversFile, tree.ModuleScriptFile];
        string[] paths =
        [
            .. inTree.Select(f => Path.Combine(tree.Directory, f)),
            .. inSources.Select(f => Path.Combine(sourceTree, f)),
            .. single.OfType<string>(),
            .. _tools,
        ];
        return await Task.Run(() => paths.Where(p => p.Length > 0).Distinct().Select(p => Take(p, startTicks)).ToArray(), cancellation).ConfigureAwait(false);
    }

    private FileRecord Take(string path, long startTicks)
    {
        var stamp = FileStamp.Of(path);
        if (stamp.IsRacy(startTicks))
        {
            IsStable = false;
        }

        return new FileRecord(path, stamp, stamp.Exists ? Digest.OfFile(path) ?? FileRecord.UnknownDigest : "");
    }

    private async Task<string> ProgramAsync(string name, ProbeRequest request, string folder, CancellationToken cancellation)
    {
        var call = new ProcessRequest(compiler, ["-print-prog-name=" + name], folder, KbuildCall.Environment(request, folder)) { Timeout = TimeSpan.FromSeconds(30) };
        var result = await ProcessRunner.RunAsync(call, new DiagnosticBag(), cancellation).ConfigureAwait(false);
        var answer = result?.StandardOutput.Trim() ?? "";
        return answer.Length == 0 ? "" : RealPath.Of(ProcessRunner.FindOnPath(answer, request.SearchPath, folder) ?? Path.GetFullPath(answer, folder));
    }
}
