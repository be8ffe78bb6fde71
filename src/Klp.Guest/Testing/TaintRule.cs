namespace Klp.Guest;

/// <summary>Tells taints that a livepatch brings by being one from those that something went wrong for. Numbers: include/linux/panic.h, TAINT_*.</summary>
public static class TaintRule
{
    private const string Letters = "PFSRMBUDAWCIOELKXTNJ";

    // C a staging driver's module, O out of tree, E unsigned, K livepatch, X the distribution's, T structs in random order, N a test of the kernel's own.
    private const string Expected = "COEKXTN";

    /// <summary>The letters of the taints that came and should not have; empty where there are none.</summary>
    public static string Unexpected(ulong before, ulong after) =>
        string.Concat(Enumerable.Range(0, 64).Where(bit => (after & ~before & (1ul << bit)) != 0).Select(bit => bit < Letters.Length ? Letters[bit].ToString() : $"[{bit}]")
            .Where(letter => !Expected.Contains(letter, StringComparison.Ordinal)));
}
