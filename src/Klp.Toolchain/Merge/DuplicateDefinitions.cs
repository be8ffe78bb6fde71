using System.Globalization;
using System.Text.RegularExpressions;
using Klp.Base;

namespace Klp.Toolchain;

/// <summary>What GNU ld says about a name that two objects define, told at the lines of the sources, which it knows from the debug data.</summary>
internal static partial class DuplicateDefinitions
{
    /// <summary>One KLP0115 for each such name; none where the linker said something else or names no lines.</summary>
    public static IEnumerable<Diagnostic> Read(IEnumerable<string> lines, string projectDirectory) =>
        from line in lines
        let match = Twice().Match(line)
        where match.Success
        let here = Place(match.Groups["file"], match.Groups["line"], projectDirectory)
        let first = Place(match.Groups["file2"], match.Groups["line2"], projectDirectory)
        select new Diagnostic(
            "KLP0115", Severity.Error, here, $"'{match.Groups["symbol"].Value}' is defined twice: here and in {Path.GetRelativePath(projectDirectory, first.File!)}({first.Line}).",
            "Make it static in one of them, or give one another name.", [line]);

    private static SourcePlace Place(Group file, Group line, string directory) =>
        new(Path.GetFullPath(file.Value, directory), int.TryParse(line.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);

    [GeneratedRegex(@"^(?<file>[^:]+):(?<line>\d+): multiple definition of [`'](?<symbol>[^']+)'; [^:]+:(?<file2>[^:]+):(?<line2>\d+): first defined here$")]
    private static partial Regex Twice();
}
