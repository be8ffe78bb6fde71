namespace Klp.Kernel;

/// <summary>What becomes of a patched module that is unloaded and loaded again under the patch.</summary>
public enum TargetReload
{
    /// <summary>It is patched again.</summary>
    Works,

    /// <summary>The kernel refuses to load it: what the patch wrote into itself for the module is still there, and is taken for garbage.</summary>
    IsRefused,

    /// <summary>The kernel would load it and the patch use addresses of before: not to be tried.</summary>
    IsUnsafe,
}
