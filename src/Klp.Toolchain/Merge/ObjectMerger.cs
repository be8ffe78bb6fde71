using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// Makes one object of a module's objects: <c>ld -r</c> where there are several or the kernel adds one, then objtool where the kernel runs it on whole modules (IBT, LTO).
/// </summary>
/// <remarks>No linker script here: <c>.discard.*</c> must survive until objtool has read it. The inputs are never changed; objtool works on the new file.</remarks>
public static class ObjectMerger
{
    /// <summary>Brings the merged object up to date, on the calling thread; false with KLP0115 (ld), KLP0112 (objtool) or KLP0010.</summary>
    /// <param name="request">What to merge.</param>
    /// <param name="diagnostics">Gets errors and objtool's warnings.</param>
    /// <param name="onRun">Told why the stage runs; not called where it is up to date.</param>
    /// <param name="cancellation">Kills the tools.</param>
    public static bool Merge(MergeRequest request, DiagnosticBag diagnostics, Action<string> onRun, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var stage = StageRecord.Begin("MergeObjects", request.StateFile ?? request.OutputFile + ".state", [request.Profile.Digest], request.Objects);
        if (stage.IsUpToDate([request.OutputFile]))
        {
            diagnostics.AddRange(stage.Diagnostics);
            return true;
        }

        onRun(stage.Reason!);
        var said = new DiagnosticBag();
        var temporary = SafeFile.TemporaryName(request.OutputFile);
        try
        {
            var done = Join(request, temporary, said, cancellation)
                && (!request.Profile.DelayObjtool || Objtool.Run(request.Profile, request.SearchPath, temporary, null, request.ProjectDirectory, said, cancellation))
                && SafeFile.Read(temporary, said) is { } bytes
                && SafeFile.Write(request.OutputFile, bytes, said)
                && stage.Save([request.OutputFile], said, said);
            diagnostics.AddRange(said);
            return done;
        }
        finally
        {
            SafeFile.Discard(temporary);
        }
    }

    private static bool Join(MergeRequest request, string output, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(output)!);
            if (request.Objects.Count == 1 && request.Profile.MergeWords.Count == 0)
            {
                File.Copy(request.Objects[0], output);
                return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error("KLP0010", request.OutputFile, $"This object cannot be written: {e.Message}", "Free some space, or make its folder writable for this user.");
            return false;
        }

        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = request.SearchPath, ["LC_ALL"] = "C" };
        var words = request.Profile.MergeFlags.Concat(["-r", "-o", output]).Concat(request.Profile.MergeWords).Concat(request.Objects).ToArray();
        var call = new ProcessRequest(request.Profile.LinkerPath, words, Path.GetDirectoryName(output)!, environment) { Timeout = TimeSpan.FromMinutes(5) };
        if (ProcessRunner.Run(call, diagnostics, cancellation) is not { } result)
        {
            return false;
        }

        var lines = (result.StandardError + result.StandardOutput).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (result.ExitCode == 0)
        {
            foreach (var line in lines)
            {
                diagnostics.Warning("KLP0115", new SourcePlace(request.OutputFile), line);
            }

            return true;
        }

        if (request.ProjectDirectory is { } project && DuplicateDefinitions.Read(lines, project).ToArray() is { Length: > 0 } twice)
        {
            diagnostics.AddRange(twice);
            return false;
        }

        diagnostics.Error(
            "KLP0115",
            request.OutputFile,
            $"The module's objects cannot be joined: {Path.GetFileName(request.Profile.LinkerPath)} -r ended with exit code {result.ExitCode}.",
            "Its own words are below; most often two sources define the same function or variable: make it static in one of them.",
            lines.Take(20).ToArray());
        return false;
    }
}
