namespace Klp.Cli;

/// <summary>Standard output takes nothing any more: its disk is full, or it is closed. Nobody may take what was written for the whole result.</summary>
internal sealed class OutputLostException(Exception reason) : Exception((reason.InnerException?.Message ?? reason.Message).TrimEnd('.'), reason);
