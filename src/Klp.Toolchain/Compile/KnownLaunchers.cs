namespace Klp.Toolchain;

/// <summary>Compiler launchers that are known by name; each is also the name of its package.</summary>
internal static class KnownLaunchers
{
    public static IReadOnlyList<string> Names { get; } = ["ccache", "sccache", "distcc", "icecc"];
}
