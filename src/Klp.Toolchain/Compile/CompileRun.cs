using Klp.Base;

namespace Klp.Toolchain;

/// <summary>One compile of one project.</summary>
internal sealed class CompileRun(CompileRequest request, IReadOnlyList<string> launcher, DiagnosticBag diagnostics)
{
    private readonly FileChanges _changes = new();

    public CompileResult? Run(CancellationToken cancellation)
    {
        var state = CompileState.Load(request.StateFile);
        var jobs = request.Sources.Select(s => Job.For(request, s, state)).ToArray();
        foreach (var job in jobs)
        {
            job.Reason = WhyNot(job);
        }

        var stale = jobs.Where(j => j.Reason is not null).ToArray();
        List<string> removed = [];
        try
        {
            if (stale.Length > 0 && MakeFolders(stale))
            {
                CompileAll(stale, state, cancellation);
            }
        }
        finally
        {
            // Also after a cancel: what is finished is finished.
            if (stale.Length > 0 || state.Entries.Count != jobs.Length || _changes.Refreshed)
            {
                removed = Remember(state, jobs);
            }
        }

        return Finish(jobs, removed);
    }

    private CompileResult? Finish(Job[] jobs, List<string> removed)
    {
        foreach (var job in jobs)
        {
            Report(job);
        }

        if (jobs.Any(j => j.Entry is null) || diagnostics.HasErrors)
        {
            return null;
        }

        var objects = jobs.Select(j => new CompiledObject(j.Source.Path, j.ObjectFile, j.Reason, [.. launcher, j.Command.Compiler, .. j.Command.Words(j.ObjectFile, null)])
        {
            Dependencies = [.. j.Entry!.Files.Select(f => f.Path)],
        });
        return new CompileResult([.. objects], removed, request.StateFile);
    }

    private string? WhyNot(Job job)
    {
        if (job.Old is null)
        {
            return "it was not compiled before";
        }

        if (!job.Old.Fingerprint.SequenceEqual(job.Fingerprint))
        {
            return "its command changed" + Difference(job.Old.Fingerprint, job.Fingerprint);
        }

        var files = new List<FileRecord>(job.Old.Files.Count);
        foreach (var file in job.Old.Files)
        {
            if (_changes.Now(file) is not { } now)
            {
                return FileStamp.Of(file.Path).Exists ? $"{file.Path} changed" : $"{file.Path} is gone";
            }

            files.Add(now);
        }

        if (job.Old.Object.Path != job.ObjectFile || _changes.Now(job.Old.Object) is not { } objectNow)
        {
            return File.Exists(job.ObjectFile) ? "its object was changed by somebody else" : "its object is missing";
        }

        job.Entry = job.Old with { Files = files, Object = objectNow };
        return null;
    }

    private string Difference(IReadOnlyList<string> old, IReadOnlyList<string> now)
    {
        if (old.Count > 0 && now.Count > 0 && old[0] != now[0])
        {
            return ": the kernel's profile is another";
        }

        var added = now.Except(old).Take(3).Select(w => "+" + w);
        var gone = old.Except(now).Take(3).Select(w => "-" + w);
        var words = string.Join(' ', added.Concat(gone));
        return words.Length == 0 ? ": the order of its options" : ": " + words;
    }

    private bool MakeFolders(Job[] jobs)
    {
        foreach (var folder in jobs.Select(j => Path.GetDirectoryName(j.ObjectFile)!).Distinct())
        {
            try
            {
                Directory.CreateDirectory(folder);
                Leftovers.Remove(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                diagnostics.Error("KLP0010", folder, $"This folder cannot be made: {e.Message}", "Make its parent writable for this user, or set IntermediateOutputPath to one that is.");
                return false;
            }
        }

        return true;
    }

    private void CompileAll(Job[] jobs, CompileState state, CancellationToken cancellation)
    {
        // A source is expected to read what it read last time; a new one what the template object read.
        var expected = jobs.SelectMany(j => j.Old?.Files.Select(f => f.Path) ?? request.Profile.TemplateHeaders).Distinct().ToArray();
        var headers = new HeaderRecords(state);
        using var compiling = request.WhileCompiling?.Invoke();
        using var meanwhile = new Meanwhile(enough => headers.TakeAhead(expected, enough), enough => request.Meanwhile?.Invoke(enough));
        var degree = Math.Min(request.MaximumParallelism > 0 ? request.MaximumParallelism : Environment.ProcessorCount, jobs.Length);
        var next = -1;
        void Work()
        {
            try
            {
                for (int i; !cancellation.IsCancellationRequested && (i = Interlocked.Increment(ref next)) < jobs.Length;)
                {
                    CompileOne(jobs[i], headers, meanwhile, cancellation);
                }
            }
            catch (OperationCanceledException)
            {
                // Said once, below, when all compilers are dead.
            }
        }

        var helpers = new Thread[degree - 1];
        for (var i = 0; i < helpers.Length; i++)
        {
            helpers[i] = new Thread(Work) { IsBackground = true };
            helpers[i].Start();
        }

        Work();
        Array.ForEach(helpers, h => h.Join());
        cancellation.ThrowIfCancellationRequested();
    }

    private void CompileOne(Job job, HeaderRecords headers, Meanwhile meanwhile, CancellationToken cancellation)
    {
        var output = SafeFile.TemporaryName(job.ObjectFile);
        var depfile = output + ".d";
        request.Slots?.Wait(cancellation);
        try
        {
            new SourceCompile(request, launcher, job, output, depfile, headers, meanwhile.Start).Run(cancellation);
        }
        finally
        {
            request.Slots?.Release();
            SafeFile.Discard(output);
            SafeFile.Discard(depfile);
        }
    }

    /// <summary>Writes the state, deletes objects of sources that are gone.</summary>
    private List<string> Remember(CompileState old, Job[] jobs)
    {
        var entries = jobs.Where(j => j.Entry is not null).ToDictionary(j => j.Source.Path, j => j.Entry!, StringComparer.Ordinal);
        var kept = jobs.Select(j => j.ObjectFile).ToHashSet(StringComparer.Ordinal);
        var orphans = old.Entries.Values.Select(e => e.Object.Path).Where(p => !kept.Contains(p)).ToList();
        foreach (var orphan in orphans)
        {
            SafeFile.Discard(orphan);
            RemoveEmptyFolders(Path.GetDirectoryName(orphan));
        }

        if (entries.Count > 0 || old.Entries.Count > 0)
        {
            new CompileState(entries).Save(request.StateFile, diagnostics);
        }

        return orphans;
    }

    private void RemoveEmptyFolders(string? folder)
    {
        try
        {
            for (; folder is not null && folder.StartsWith(request.ObjectDirectory.TrimEnd('/') + "/", StringComparison.Ordinal) && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder))
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An empty folder that stays harms nobody.
        }
    }

    private void Report(Job job)
    {
        var said = job.Entry?.Diagnostics ?? job.Said;
        diagnostics.AddRange(request.TreatWarningsAsErrors
            ? said.Select(d => d.Severity == Severity.Warning ? d with { Severity = Severity.Error } : d)
            : said);
    }

    /// <summary>One source on its way.</summary>
    internal sealed class Job
    {
        public required CompileSource Source { get; init; }

        public required string ObjectFile { get; init; }

        public required CompilerCommand Command { get; init; }

        public required IReadOnlyList<string> Fingerprint { get; init; }

        public CompileState.Entry? Old { get; init; }

        /// <summary>Why it has to be compiled.</summary>
        public string? Reason { get; set; }

        /// <summary>The record of the good object; null while there is none.</summary>
        public CompileState.Entry? Entry { get; set; }

        /// <summary>What was said where it failed.</summary>
        public IReadOnlyList<Diagnostic> Said { get; set; } = [];

        public static Job For(CompileRequest request, CompileSource source, CompileState state)
        {
            var command = CompilerCommand.For(request, source);
            return new Job
            {
                Source = source,
                ObjectFile = ProjectPaths.ObjectFile(source.Path, request.ProjectDirectory, request.ObjectDirectory),
                Command = command,
                Fingerprint = command.Fingerprint(request.Profile.Digest),
                Old = state.Entries.GetValueOrDefault(source.Path),
            };
        }
    }
}
