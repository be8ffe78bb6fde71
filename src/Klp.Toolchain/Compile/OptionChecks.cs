using Klp.Base;

namespace Klp.Toolchain;

/// <summary>Options of the project after which the compiler makes no object, or not where the build looks for it. gcc takes them without a word, and a later tool blames the result.</summary>
internal static class OptionChecks
{
    private static readonly string[] Whole = ["-S", "-E", "-M", "-MM", "-fsyntax-only", "-###", "--version", "--help", "--target-help"];

    // -o: the build's own place. -Wp,-MD: in the place of the list of headers that the build goes by. -flto: code that only a linker would make of it.
    private static readonly string[] Beginnings = ["-o", "-Wp,-M", "-flto", "--help=", "-dump", "-print-"];

    // What follows these is for another program.
    private static readonly string[] Passing = ["-Xclang", "-Xpreprocessor", "-Xassembler", "-Xlinker", "-mllvm", "--param", "-include", "-imacros", "-D", "-U", "-I"];

    /// <summary>KLP0029 for each such word.</summary>
    public static void Check(CompileRequest request, DiagnosticBag diagnostics)
    {
        Check("KlpCompilerOptions", SourcePlace.None, request.ExtraOptions, diagnostics);
        foreach (var source in request.Sources)
        {
            Check("CompilerOptions of this source", new SourcePlace(source.Path), source.Options, diagnostics);
        }
    }

    private static void Check(string where, SourcePlace place, IReadOnlyList<string> options, DiagnosticBag diagnostics)
    {
        for (var i = 0; i < options.Count; i++)
        {
            var word = options[i];
            if ((i == 0 || !Passing.Contains(options[i - 1])) && (Whole.Contains(word) || Beginnings.Any(b => word.StartsWith(b, StringComparison.Ordinal))))
            {
                diagnostics.Error("KLP0029", place, $"{where}: '{word}' keeps the compiler from making the object that the module is made of.", "Remove it; dotnet build -v:detailed shows the whole command, to run it by hand with this option.");
            }
        }
    }
}
