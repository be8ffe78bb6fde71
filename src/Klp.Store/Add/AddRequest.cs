namespace Klp.Store;

/// <summary>What is to be added to a store.</summary>
public sealed record AddRequest
{
    /// <summary>Releases, series, <c>newest</c>, <c>running</c>, package files or folders.</summary>
    public required IReadOnlyList<string> What { get; init; }

    /// <summary>Debian suite; null for this machine's, and others where that has not what is asked for.</summary>
    public string? Suite { get; init; }

    /// <summary>Null for this machine's.</summary>
    public DebianArchitecture? Architecture { get; init; }

    /// <summary>Such as <c>cloud</c> or <c>rt</c>; null for the ordinary one.</summary>
    public string? Flavour { get; init; }

    /// <summary>The user's own names for the kernel.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Whether it becomes the store's default; the first one does anyway.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Whether the build tools bring their own C library even where this machine's serves: for machines with an older one.</summary>
    public bool IsPortable { get; init; }

    /// <summary>Archive to take in place of the one that apt is configured with.</summary>
    public AptMirror? Mirror { get; init; }

    /// <summary>Only say what would be added and what building with it takes.</summary>
    public bool IsDryRun { get; init; }
}
