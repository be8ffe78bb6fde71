namespace Klp.Base;

/// <summary>How bad a finding is. Only <see cref="Error"/> stops a build.</summary>
public enum Severity
{
    /// <summary>Worth knowing; shown at low importance.</summary>
    Information,

    /// <summary>Probably wrong; the build goes on.</summary>
    Warning,

    /// <summary>Wrong; nothing is handed to the user.</summary>
    Error,
}
