namespace Klp.Bench;

/// <summary>One thing that is timed: what puts the folder into its state (not timed) and the command.</summary>
/// <param name="Group">Rows of one group are compared with the group's kbuild row.</param>
internal sealed record Measurement(string Group, string Name, bool IsReference, Func<int, Task> Prepare, Func<Task<double>> Run);
