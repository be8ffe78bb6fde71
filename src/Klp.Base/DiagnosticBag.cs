using System.Collections;

namespace Klp.Base;

/// <summary>
/// Collects findings while a stage runs. Safe to add to from several threads; the order of one thread's findings is kept.
/// </summary>
public sealed class DiagnosticBag : IReadOnlyCollection<Diagnostic>
{
    private readonly List<Diagnostic> _items = [];
    private readonly Lock _lock = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _items.Count;
            }
        }
    }

    public bool HasErrors
    {
        get
        {
            lock (_lock)
            {
                return _items.Exists(d => d.Severity == Severity.Error);
            }
        }
    }

    public void Add(Diagnostic diagnostic)
    {
        lock (_lock)
        {
            _items.Add(diagnostic);
        }
    }

    public void AddRange(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics.ToArray())
        {
            Add(diagnostic);
        }
    }

    public void Error(string id, SourcePlace place, string message, string? cure = null, IReadOnlyList<string>? notes = null) =>
        Add(new Diagnostic(id, Severity.Error, place, message, cure, notes));

    public void Error(string id, string? file, string message, string? cure = null, IReadOnlyList<string>? notes = null) =>
        Error(id, new SourcePlace(file), message, cure, notes);

    public void Warning(string id, SourcePlace place, string message, string? cure = null, IReadOnlyList<string>? notes = null) =>
        Add(new Diagnostic(id, Severity.Warning, place, message, cure, notes));

    public void Information(string id, SourcePlace place, string message, string? cure = null, IReadOnlyList<string>? notes = null) =>
        Add(new Diagnostic(id, Severity.Information, place, message, cure, notes));

    public IEnumerator<Diagnostic> GetEnumerator()
    {
        lock (_lock)
        {
            return ((IEnumerable<Diagnostic>)_items.ToArray()).GetEnumerator();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join("\n", this);
}
