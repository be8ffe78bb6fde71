namespace Klp.Store;

/// <summary>The names inside an entry of the store: one folder per kernel, which can be copied as a whole.</summary>
internal static class EntryLayout
{
    /// <summary>Link to the tree that modules are built against.</summary>
    public const string Build = "build";

    /// <summary>Link to the kernel's image.</summary>
    public const string Image = "image";

    /// <summary>Link to <c>lib/modules/&lt;release&gt;</c>.</summary>
    public const string Modules = "modules";

    /// <summary>Stands for <c>/</c> of the packages.</summary>
    public const string Root = "root";

    /// <summary>Below <see cref="Root"/>: loader and libraries of the build tools, where this machine's are too old for them.</summary>
    public const string ToolLibraries = "usr/lib/klp-tools";

    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public const UnixFileMode ExecutableMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
