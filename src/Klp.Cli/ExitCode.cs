namespace Klp.Cli;

/// <summary>What the tool's exit status says.</summary>
public static class ExitCode
{
    public const int Done = 0;

    /// <summary>An error was shown.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong; nothing was tried.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted: 128 and SIGINT's number.</summary>
    public const int Interrupted = 130;
}
