namespace Klp.Base;

/// <summary>How a child ended and what it said. <see cref="ExitCode"/> is 128+n after signal n.</summary>
public sealed record ProcessResult(int ExitCode, string StandardOutput, string StandardError, bool TimedOut, TimeSpan Duration);
