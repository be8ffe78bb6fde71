namespace Klp.Toolchain;

/// <summary>What to make of a compiler that is not the one the kernel was built with (<c>KlpCompilerVersionCheck</c>).</summary>
public enum CompilerVersionCheck
{
    /// <summary>Another major version is a warning, another family an error.</summary>
    Warn,

    /// <summary>Any other version is an error.</summary>
    Error,

    /// <summary>Nothing is said, not even of another family. Lost mitigation flags stay an error.</summary>
    Off,
}
