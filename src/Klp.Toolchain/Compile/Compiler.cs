using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// Compiles a module's sources: in parallel, only those whose object would come out different, each object through objtool where the kernel wants it per object.
/// </summary>
/// <remarks>
/// An object is up to date when its command is the recorded one, every file the compiler read has the recorded content and the object itself the recorded bytes.
/// Times are only a short cut to that, by equality; clocks that run backwards and restored caches do no harm. Objects are made under a name of their own and renamed;
/// the state is written last. A kill leaves at worst such a temporary file.
/// </remarks>
public static class Compiler
{
    /// <summary>As <see cref="Compile"/>, on another thread.</summary>
    public static Task<CompileResult?> CompileAsync(CompileRequest request, DiagnosticBag diagnostics, CancellationToken cancellation) =>
        Task.Run(() => Compile(request, diagnostics, cancellation), cancellation);

    /// <summary>Brings all objects up to date, on the calling thread and as many others as compilers may run at once.</summary>
    /// <returns>Null where any source failed; its errors (all sources') are in <paramref name="diagnostics"/>, and what did compile is remembered.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the compilers are dead by then.</exception>
    public static CompileResult? Compile(CompileRequest request, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var launcher = Launcher(request, diagnostics);
        return CompileChecks.Check(request, diagnostics) && launcher is not null ? new CompileRun(request, launcher, diagnostics).Run(cancellation) : null;
    }

    private static IReadOnlyList<string>? Launcher(CompileRequest request, DiagnosticBag diagnostics)
    {
        if (request.Launcher.Count == 0)
        {
            return [];
        }

        if (ProcessRunner.FindOnPath(request.Launcher[0], request.SearchPath, request.ProjectDirectory) is { } path)
        {
            return [path, .. request.Launcher.Skip(1)];
        }

        diagnostics.Error("KLP0117", SourcePlace.None, $"The compiler launcher {request.Launcher[0]} is not on the search path.",
            KnownLaunchers.Names.Contains(request.Launcher[0]) ? $"sudo apt install {request.Launcher[0]}, or remove KlpCompilerLauncher."
            : $"Correct or remove KlpCompilerLauncher; known are {string.Join(", ", KnownLaunchers.Names)}.");
        return null;
    }
}
