using Klp.Base;

namespace Klp.Toolchain;

/// <summary>Compiles one source into a temporary object, post-processes it, and puts it in place.</summary>
internal sealed class SourceCompile(
    CompileRequest request, IReadOnlyList<string> launcher, CompileRun.Job job, string output, string depfile, HeaderRecords headers, Action onStarted)
{
    private readonly DiagnosticBag _said = new();

    public void Run(CancellationToken cancellation)
    {
        var start = DateTime.UtcNow.Ticks;
        var sourceSeen = FileStamp.Of(job.Source.Path);
        var done = Compile(cancellation)
            && Objtool.RecordMcount(request.Profile, request.SearchPath, output, job.Source.Path, request.ProjectDirectory, _said, cancellation)
            && (request.Profile.DelayObjtool || Objtool.Run(request.Profile, request.SearchPath, output, job.Source.Path, request.ProjectDirectory, _said, cancellation));
        if (done && Publish(start, sourceSeen) is { } entry)
        {
            job.Entry = entry;
        }

        job.Said = [.. _said];
    }

    private bool Compile(CancellationToken cancellation)
    {
        string[] words = [.. launcher, job.Command.Compiler, .. job.Command.Words(output, depfile)];
        var environment = new Dictionary<string, string>(request.Environment, StringComparer.Ordinal) { ["PATH"] = request.SearchPath, ["LC_ALL"] = "C" };
        var call = new ProcessRequest(words[0], words[1..], request.ProjectDirectory, environment) { OnStarted = onStarted };
        if (ProcessRunner.Run(call, _said, cancellation) is not { } result)
        {
            return false;
        }

        var parsed = CompilerOutput.Parse(result.StandardError + result.StandardOutput, request.ProjectDirectory, job.Source.Path);
        var placed = MacroPlace.OfUse(DiskFull.Tell(parsed.Diagnostics, job.ObjectFile), request.ProjectDirectory, job.Source.Path);
        _said.AddRange(MacroMisuse.Add(HeaderHint.Add(placed, job.Source.Path)));
        if (result.ExitCode == 0)
        {
            foreach (var line in parsed.Rest)
            {
                _said.Information("KLP0100", new SourcePlace(job.Source.Path), line);
            }

            if (!File.Exists(output) && !_said.HasErrors)
            {
                _said.Error("KLP0114", job.Source.Path, "The compiler ended without an error but made no object.", $"Look at what {words[0]} is: a compiler, or a script that has to call one.", parsed.Rest.Take(20).ToArray());
            }

            return !_said.HasErrors;
        }

        if (!_said.HasErrors)
        {
            var why = result.ExitCode > 128 ? $"was killed by signal {result.ExitCode - 128}" : $"ended with exit code {result.ExitCode}";
            _said.Error(
                "KLP0114",
                job.Source.Path,
                $"The compiler {why} without naming an error.",
                result.ExitCode == 137 ? "Signal 9 mostly means that the machine ran out of memory: lower KlpMaxParallelism." : "What it printed is below.",
                parsed.Rest.Take(20).ToArray());
        }
        else if (parsed.Rest.Count > 0)
        {
            _said.Information("KLP0100", new SourcePlace(job.Source.Path), string.Join('\n', parsed.Rest));
        }

        return false;
    }

    private CompileState.Entry? Publish(long start, FileStamp sourceSeen)
    {
        if (SafeFile.Read(output, _said) is not { } bytes || SafeFile.Read(depfile, _said) is not { } rule)
        {
            return null;
        }

        try
        {
            // An edit that changes no byte of the object (a comment) leaves its time alone, so that nothing behind it runs.
            if (!Same(bytes))
            {
                File.Move(output, job.ObjectFile, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _said.Error("KLP0010", job.ObjectFile, $"This object cannot be written: {e.Message}", "Free some space, or make its folder writable for this user.");
            return null;
        }

        var made = new FileRecord(job.ObjectFile, FileStamp.Of(job.ObjectFile), Digest.OfBytes(bytes));
        var source = FileRecord.Take(job.Source.Path, sourceSeen, start) ?? FileRecord.TakeLate(job.Source.Path, start) with { Digest = FileRecord.UnknownDigest };
        var files = Depfile.Parse(System.Text.Encoding.UTF8.GetString(rule), request.ProjectDirectory).Where(p => p != source.Path).Distinct().Select(headers.AfterReading);
        return new CompileState.Entry(job.Source.Path, job.Fingerprint, made, [source, .. files], [.. _said]);
    }

    private bool Same(byte[] bytes)
    {
        var info = new FileInfo(job.ObjectFile);
        return info.Exists && info.Length == bytes.Length && File.ReadAllBytes(job.ObjectFile).AsSpan().SequenceEqual(bytes);
    }
}
