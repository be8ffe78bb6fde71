using System.Globalization;
using Klp.Kernel;

namespace Klp.TestKit;

/// <summary>
/// A case of tests/cases: a C file whose leading <c>//#Word: text</c> lines set up a kernel around it and say what must come out.
/// <c>//#Word[machine]:</c> counts for one machine only. The README there lists the words.
/// </summary>
public sealed class PlanCase
{
    private readonly List<(string Word, string Machine, string Text)> _directives = [];

    private PlanCase(string name, string source)
    {
        Name = name;
        Source = source;
    }

    public string Name { get; }

    public string Source { get; }

    public IReadOnlyList<TestMachine> Machines => [.. Texts("Machine", "").SelectMany(Words).DefaultIfEmpty("x86_64").Select(TestMachine.Named)];

    public static string Folder => Repository.Combine("tests", "cases");

    public static PlanCase Read(string name)
    {
        var source = File.ReadAllText(Path.Combine(Folder, name));
        var result = new PlanCase(name, source);
        foreach (var line in source.Split('\n').Select(l => l.TrimEnd()).Where(l => l.StartsWith("//#", StringComparison.Ordinal)))
        {
            var colon = line.IndexOf(':');
            var word = colon < 0 ? line[3..] : line[3..colon];
            var bracket = word.IndexOf('[');
            result._directives.Add((bracket < 0 ? word : word[..bracket], bracket < 0 ? "" : word[(bracket + 1)..].TrimEnd(']'), colon < 0 ? "" : line[(colon + 1)..].Trim()));
        }

        return result;
    }

    /// <summary>All texts of a word that count for a machine.</summary>
    public IReadOnlyList<string> Texts(string word, string machine) => [.. _directives.Where(d => d.Word == word && (d.Machine.Length == 0 || d.Machine == machine)).Select(d => d.Text)];

    public PlanBench SetUp(TestMachine machine)
    {
        var bench = new PlanBench();
        foreach (var (word, forMachine, text) in _directives.Where(d => d.Machine.Length == 0 || d.Machine == machine.Name))
        {
            var words = Words(text);
            string At(int i) => i < words.Length ? words[i] : "";
            switch (word)
            {
                case "Index":
                    bench.Symbol(words[0], words[1], words.Length > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : 1, At(3) is { Length: 1 } type ? type[0] : 't', words.Contains("init"), words.FirstOrDefault(w => w.EndsWith(".c", StringComparison.Ordinal)));
                    break;
                case "Export":
                    bench.Export(words[0], words[1], At(2));
                    break;
                case "Patch":
                    bench.Patch(words[0], words.Length > 1 ? words[1] : "-");
                    break;
                case "Callback":
                    bench.Callback(words[0], words[1], words[2]);
                    break;
                case "Module":
                    var end = text.IndexOf('{');
                    var head = Words(text[..end]);
                    bench.Module(head[0], text[(end + 1)..text.LastIndexOf('}')], head.Skip(1));
                    break;
                case "Kernel":
                    bench.Rules = LoaderRules.For(words[0]);
                    break;
                case "KernelMachine":
                    bench.TargetMachine = TestMachine.Named(words[0]).Machine;
                    break;
                case "Hint":
                    bench.Hints.Add(new(words[0], words[1], words.Length > 2 ? ulong.Parse(words[2], CultureInfo.InvariantCulture) : null));
                    break;
                case "Declare":
                    bench.DeclaredObjects.AddRange(words);
                    break;
                case "NoImage":
                    bench.WithoutImage = true;
                    break;
                case "Unreadable":
                    bench.PatchIsReadable = false;
                    break;
                case "KeepModuleImports":
                    bench.ConvertModuleExports = false;
                    break;
                case "Machine" or "Options" or "Expect" or "Text" or "KlpSymbol" or "KlpRela" or "Undefined" or "Gone" or "NothingConverted":
                    break;
                default:
                    throw new InvalidOperationException($"{Name}: no such word: {word}");
            }
        }

        return bench;
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
