using Klp.Base;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>Finds the tools that make code for a kernel's machine where that is not the one this runs on, and a stand-in for a compiler that is not here.</summary>
internal static class CrossTools
{
    /// <summary>
    /// The request with the prefix of the cross tools on this machine, where the kernel needs one and the user named none;
    /// null with KLP0123 where there is neither a cross compiler nor a compiler that makes code for every machine.
    /// </summary>
    public static ProbeRequest? WithPrefix(ProbeRequest request, KernelTree tree, DiagnosticBag diagnostics)
    {
        var target = Architecture.ForSource(tree.SourceArchitecture);
        if (request.CrossPrefix is not null || target is null || target == Architecture.Host)
        {
            return request;
        }

        var compiler = PlainName(tree);
        bool IsHere(string name) => ProcessRunner.FindOnPath(name, request.SearchPath, tree.Directory) is not null;
        var prefix = target.CrossPrefixes.FirstOrDefault(p => IsHere(p + compiler)) ?? target.CrossPrefixes.FirstOrDefault(p => IsHere(p + "gcc"));
        if (prefix is not null)
        {
            return request with { CrossPrefix = prefix };
        }

        if (request.CompilerPath is not null || (request.Toolchain ?? KbuildCall.Family(tree)) == CompilerFamily.Clang)
        {
            // clang makes code for any machine; what the user named is the user's business.
            return request with { CrossPrefix = target.CrossPrefixes[0] };
        }

        var package = $"gcc-{target.CrossPrefixes[0].TrimEnd('-').Replace('_', '-')}";
        diagnostics.Error(
            "KLP0123",
            tree.Directory,
            $"This is a kernel for {target.Name}, and no cross compiler for it is on the search path (looked for {target.CrossPrefixes[0]}{compiler} and the like).",
            $"Debian and Ubuntu: sudo apt install {package}. Or name one with KlpCrossPrefix or KlpCompilerPath.");
        return null;
    }

    /// <summary>
    /// Another compiler of the kernel's family, for one the kernel's Makefile names and that is not here: the same without its version. Null where that is not here either.
    /// </summary>
    /// <param name="answer">What kbuild said; it knows the prefix.</param>
    public static string? StandIn(ProbeRequest request, KernelTree tree, ProbeAnswer answer)
    {
        if (request.CompilerPath is not null)
        {
            return null;
        }

        var name = (request.Toolchain ?? KbuildCall.Family(tree)) == CompilerFamily.Clang ? "clang"
            : (answer.ToolVariables.TryGetValue("CROSS_COMPILE", out var prefix) ? prefix : "") + "gcc";
        return ProcessRunner.FindOnPath(name, request.SearchPath, tree.Directory) is not null ? name : null;
    }

    /// <summary><c>gcc-12</c> of <c>x86_64-linux-gnu-gcc-12 (Debian …) 12.2.0</c>.</summary>
    private static string PlainName(KernelTree tree)
    {
        var word = tree.Config.TryGetValue("CC_VERSION_TEXT", out var text) ? text.Split(' ')[0] : "";
        var gcc = word.LastIndexOf("gcc", StringComparison.Ordinal);
        return gcc < 0 ? "gcc" : word[gcc..];
    }
}
