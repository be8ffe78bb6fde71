namespace Klp.Base;

/// <summary>A child process to run. Nothing is inherited: the environment is exactly what is given here.</summary>
/// <param name="FileName">Absolute path of the program (<see cref="ProcessRunner.FindOnPath"/> finds one).</param>
/// <param name="Arguments">Words, passed without a shell.</param>
/// <param name="WorkingDirectory">Absolute path.</param>
/// <param name="Environment">The whole environment of the child.</param>
public sealed record ProcessRequest(
    string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Fed to the child's standard input, which is then closed; empty by default.</summary>
    public ReadOnlyMemory<byte> StandardInput { get; init; }

    /// <summary>After this the child and all its children are killed; infinite by default.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Called once the child runs, on the thread that started it.</summary>
    public Action? OnStarted { get; init; }

    /// <summary>Called for each line the child prints, from another thread, as it is printed.</summary>
    public Action<string>? OnOutputLine { get; init; }

    /// <summary>Reads the child's standard output, as bytes, in place of the runner; the result's text is then empty.</summary>
    public Func<Stream, Task>? ReadOutput { get; init; }

    /// <summary>
    /// Writes the child's standard input while it runs, in place of <see cref="StandardInput"/>. Not waited for after the child's end, since a
    /// source such as a terminal may never end; the token is cancelled then.
    /// </summary>
    public Func<Stream, CancellationToken, Task>? WriteInput { get; init; }
}
