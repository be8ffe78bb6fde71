namespace Klp.Modpost;

/// <summary>How a module is linked.</summary>
public sealed record LinkInput
{
    /// <summary>The kernel's own <c>module.lds</c>, as text.</summary>
    public required string LinkerScript { get; init; }

    /// <summary>False drops debug data (<c>DebugSymbols=false</c>).</summary>
    public bool KeepDebug { get; init; } = true;

    /// <summary>Name of the merged object, for messages.</summary>
    public string MergedFile { get; init; } = "module object";
}
