using Klp.Base;
using Klp.Guest;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>Reads <c>KlpTest</c> items: which script, when, and what it must do.</summary>
internal static class TestItems
{
    public static IReadOnlyList<TestScript> Read(IReadOnlyList<ITaskItem> items, string projectDirectory, string projectFile, DiagnosticBag diagnostics)
    {
        var scripts = new List<TestScript>();
        foreach (var item in items)
        {
            var phase = Choice(item, "Phase", TestPhase.Loaded, projectFile, diagnostics);
            var expect = Choice(item, "Expect", TestExpectation.Pass, projectFile, diagnostics);
            var file = Path.GetFullPath(item.ItemSpec, projectDirectory);
            if (SafeFile.Read(file, diagnostics) is not { } content || phase is null || expect is null)
            {
                continue;
            }

            if (scripts.Exists(s => s.File == file && s.Phase == phase))
            {
                diagnostics.Error("KLP0041", projectFile, $"KlpTest {item.ItemSpec} is there twice for the phase {phase}.", "A script runs once in a phase; leave one of them.");
                continue;
            }

            scripts.Add(new TestScript(Name(file, projectDirectory, scripts, phase.Value), phase.Value, expect.Value, file, content));
        }

        return scripts;
    }

    private static T? Choice<T>(ITaskItem item, string metadata, T usual, string projectFile, DiagnosticBag diagnostics) where T : struct, Enum
    {
        var text = item.GetMetadata(metadata).Trim();
        if (text.Length == 0)
        {
            return usual;
        }

        if (Enum.TryParse<T>(text, ignoreCase: true, out var value) && char.IsAsciiLetter(text[0]) && Enum.IsDefined(value))
        {
            return value;
        }

        diagnostics.Error("KLP0040", projectFile, $"KlpTest {item.ItemSpec}: {metadata} is '{text}'.", $"It is one of {string.Join(", ", Enum.GetNames<T>())}.");
        return null;
    }

    /// <summary>The file's name without extension; with its folders where that is taken.</summary>
    private static string Name(string file, string projectDirectory, List<TestScript> known, TestPhase phase)
    {
        var name = Clean(Path.GetFileNameWithoutExtension(file));
        if (known.Exists(s => s.Phase == phase && s.Name == name))
        {
            name = Clean(Path.GetRelativePath(projectDirectory, file));
        }

        return name;
    }

    // A name stands in filters, where these characters mean something.
    private static string Clean(string name) => string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
}
