using Klp.Base;

namespace Klp.Toolchain;

/// <summary>
/// "Did anything this stage reads change?", by content, for stages that read few files. One small state file per stage, written last, by rename.
/// </summary>
/// <remarks>
/// Use: <see cref="Begin"/> before anything is read; return at once when <see cref="IsUpToDate"/>; else do the work, write outputs by rename, and <see cref="Save"/>.
/// A stage that was killed has not saved, so the next build does it again. An input that changes while the stage runs makes Save record nothing.
/// </remarks>
public sealed class StageRecord
{
    private const string Kind = "stage";
    private const int Format = 1;

    private readonly string _stage;
    private readonly string _stateFile;
    private readonly IReadOnlyList<string> _words;
    private readonly IReadOnlyList<string> _inputs;
    private readonly Dictionary<string, FileStamp> _seen = [];
    private readonly List<string> _discovered = [];
    private readonly long _startTicks = DateTime.UtcNow.Ticks;
    private readonly Recorded? _old;
    private readonly KnownDigests _known;

    private StageRecord(string stage, string stateFile, IReadOnlyList<string> words, IReadOnlyList<string> inputs, KnownDigests known)
    {
        (_stage, _stateFile, _words, _inputs, _known) = (stage, stateFile, words, inputs, known);
        _old = StateReader.Read(stateFile, Kind, Format, Recorded.Read);
        foreach (var input in inputs)
        {
            _seen[input] = FileStamp.Of(input);
        }
    }

    /// <summary>Why the stage has to run, for a low-importance message; null until asked or when it has not to.</summary>
    public string? Reason { get; private set; }

    /// <summary>What the recorded run had to say (warnings), to be said again by a build that skips it.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => _old?.Diagnostics ?? [];

    /// <summary>Extra words the recorded run saved: its small results, for callers that need them when the stage is skipped.</summary>
    public IReadOnlyList<string> Results => _old?.Results ?? [];

    /// <summary>Looks at the state file and takes the stamps of the inputs. Call before the stage reads anything.</summary>
    /// <param name="stage">The stage's name, such as <c>Modpost</c>.</param>
    /// <param name="stateFile">Absolute path of its state file.</param>
    /// <param name="words">Everything but files that decides the result: parameters, the profile's digest, the SDK's version. Order counts.</param>
    /// <param name="inputs">Absolute paths of files the stage reads; one that does not exist is a fact too.</param>
    /// <param name="known">Digests of files that other stages read too.</param>
    public static StageRecord Begin(string stage, string stateFile, IReadOnlyList<string> words, IReadOnlyList<string> inputs, KnownDigests? known = null) =>
        new(stage, stateFile, words, inputs, known ?? new KnownDigests());

    /// <summary>
    /// Whether the recorded run had the same words, the same inputs with the same content (discovered ones included), and its outputs are still as it left them.
    /// </summary>
    /// <param name="outputs">Absolute paths of what the stage writes.</param>
    public bool IsUpToDate(IReadOnlyList<string> outputs)
    {
        Reason = WhyNot(outputs, out var refreshed);
        if (Reason is null && refreshed is not null)
        {
            // Only stamps changed: remember the new ones, so that the next build need not read the files again. Failing to is harmless.
            refreshed.Save(_stateFile, new DiagnosticBag());
        }

        return Reason is null;
    }

    /// <summary>A further file the stage turns out to read. Call before reading it.</summary>
    public void Discover(string path)
    {
        if (_seen.TryAdd(path, FileStamp.Of(path)))
        {
            _discovered.Add(path);
        }
    }

    /// <summary>Records a finished run; call last. Where something changed meanwhile, the old record is removed and the next build runs the stage again.</summary>
    /// <param name="outputs">Absolute paths of what the stage has written.</param>
    /// <param name="said">Warnings of this run.</param>
    /// <param name="diagnostics">Gets KLP0010 where the state cannot be written.</param>
    /// <param name="results">Words for <see cref="Results"/>.</param>
    public bool Save(IReadOnlyList<string> outputs, IEnumerable<Diagnostic> said, DiagnosticBag diagnostics, IReadOnlyList<string>? results = null)
    {
        // Outputs were written by this run, so they are always young; their stamp is taken as it is. Before the inputs': another build of the project that has
        // put its own output here has changed an input first, and then nothing is recorded.
        var written = outputs.Select(path => new FileRecord(path, FileStamp.Of(path), Digest.OfFile(path) ?? "")).ToList();
        var inputs = _inputs.Concat(_discovered).Distinct().Select(Take).ToList();
        if (inputs.Contains(null) || written.Exists(o => !o.Stamp.Exists))
        {
            SafeFile.Discard(_stateFile);
            return true;
        }

        return new Recorded(_stage, [.. _words], [.. _inputs], [.. inputs.Select(i => i!)], [.. written], [.. said], [.. results ?? []]).Save(_stateFile, diagnostics);
    }

    // What the last run recorded of a file holds while its stamp does; so an edit does not read the kernel's image again.
    private FileRecord? Take(string path)
    {
        var seen = _seen[path];
        return _old?.Inputs.FirstOrDefault(i => i.Path == path && i.Stamp == seen) is { } recorded && FileStamp.Of(path) == seen ? recorded : _known.Take(path, seen, _startTicks);
    }

    private string? WhyNot(IReadOnlyList<string> outputs, out Recorded? refreshed)
    {
        refreshed = null;
        if (_old is null)
        {
            return "there is no record of an earlier run";
        }

        if (_old.Stage != _stage || !_old.Words.SequenceEqual(_words))
        {
            return "its parameters changed";
        }

        if (!_old.DeclaredInputs.SequenceEqual(_inputs) || !_old.Outputs.Select(o => o.Path).SequenceEqual(outputs))
        {
            return "its list of files changed";
        }

        var (changed, files) = Refresh([.. _old.Inputs, .. _old.Outputs]);
        if (changed is not null)
        {
            return FileStamp.Of(changed).Exists ? $"{changed} changed" : $"{changed} is gone";
        }

        if (files is not null)
        {
            refreshed = _old with { Inputs = files[.._old.Inputs.Length], Outputs = files[_old.Inputs.Length..] };
        }

        return null;
    }

    /// <summary>The path of the first file with other content; else the records, where any of them is new.</summary>
    private static (string? Changed, FileRecord[]? Files) Refresh(FileRecord[] files)
    {
        FileRecord[]? fresh = null;
        for (var i = 0; i < files.Length; i++)
        {
            var now = files[i].Refresh();
            if (now is null)
            {
                return (files[i].Path, null);
            }

            if (!ReferenceEquals(now, files[i]))
            {
                fresh ??= [.. files];
                fresh[i] = now;
            }
        }

        return (null, fresh);
    }

    private sealed record Recorded(string Stage, string[] Words, string[] DeclaredInputs, FileRecord[] Inputs, FileRecord[] Outputs, Diagnostic[] Diagnostics, string[] Results)
    {
        public static Recorded? Read(StateReader reader) => new(
            reader.String(),
            reader.Words(),
            reader.Words(),
            reader.Many(reader.FileRecord),
            reader.Many(reader.FileRecord),
            reader.Many(reader.Diagnostic),
            reader.Words());

        public bool Save(string path, DiagnosticBag diagnostics)
        {
            using var writer = new StateWriter(Kind, Format);
            writer.Write(Stage);
            writer.Write(Words);
            writer.Write(DeclaredInputs);
            foreach (var files in (FileRecord[][])[Inputs, Outputs])
            {
                writer.Write(files.Length);
                Array.ForEach(files, writer.Write);
            }

            writer.Write(Diagnostics.Length);
            Array.ForEach(Diagnostics, writer.Write);
            writer.Write(Results);
            return writer.Save(path, diagnostics);
        }
    }
}
