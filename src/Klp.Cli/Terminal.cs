using Klp.Base;

namespace Klp.Cli;

/// <summary>
/// Where the tool writes: results to standard output, everything else (messages, what is going on) to standard error, so that output can be piped.
/// </summary>
public sealed class Terminal(TextWriter output, TextWriter error)
{
    private readonly Lock _lock = new();

    public TextWriter Output => output;

    public TextWriter Error => error;

    /// <summary>What is going on, for a person who waits.</summary>
    public void Say(string text)
    {
        lock (_lock)
        {
            error.WriteLine(text);
        }
    }

    /// <summary>A line of the result.</summary>
    public void Print(string text) => PrintText(text + Environment.NewLine);

    /// <summary>Text of the result that has its own line ends.</summary>
    public void PrintText(string text)
    {
        lock (_lock)
        {
            try
            {
                output.Write(text);
                output.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new OutputLostException(e);
            }
        }
    }

    /// <summary>Text from a file that may be anybody's: what would steer the terminal is written out.</summary>
    public static string Visible(string text) => text.Any(IsSteering)
        ? string.Concat(text.Select(c => IsSteering(c) ? $"\\x{(int)c:x2}" : c.ToString()))
        : text;

    private static bool IsSteering(char c) => char.IsControl(c) && c is not ('\n' or '\t');

    /// <summary>Bytes of the result, as they are.</summary>
    public void Print(Stream to, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            try
            {
                to.Write(bytes);
                to.Flush();
            }
            catch (IOException)
            {
                // Nobody reads any more (`| head`).
            }
        }
    }

    /// <summary>Every finding on a line of the canonical form, its notes indented below: editors and CI systems read it, and so do people.</summary>
    public void Show(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            Say(Visible(diagnostic.ToString()));
        }
    }
}
