namespace Klp.TestKit;

/// <summary>One unpacked distribution kernel that tests build for and boot. All paths are absolute.</summary>
/// <param name="Release">For example <c>6.1.0-56-amd64</c>.</param>
/// <param name="BuildDirectory">The build tree (<c>make -C</c> works from there).</param>
/// <param name="ImageFile">vmlinuz.</param>
/// <param name="ModulesDirectory">The folder <c>lib/modules/&lt;release&gt;</c> of the package.</param>
public sealed record TestKernel(string Release, string BuildDirectory, string ImageFile, string ModulesDirectory)
{
    /// <summary>Major and minor version, for example <c>6.1</c>.</summary>
    public string Series => string.Join('.', Release.Split('.', 3).Take(2));

    /// <summary>Short: what xunit shows for a theory's argument.</summary>
    public override string ToString() => Release;
}
