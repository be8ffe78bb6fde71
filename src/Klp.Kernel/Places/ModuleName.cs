using Klp.Base;

namespace Klp.Kernel;

/// <summary>A module's name as kbuild makes it from its file name: <c>-</c> and <c>,</c> become <c>_</c> (scripts/Makefile.lib, name-fix).</summary>
public static class ModuleName
{
    /// <summary>MODULE_NAME_LEN - 1 on 64-bit kernels.</summary>
    private const int MaximumLength = 55;

    public static string FromFileName(string name) => name.Replace('-', '_').Replace(',', '_');

    /// <summary>KLP0024 where <paramref name="name"/> cannot be a module's: it becomes a C identifier (KBUILD_MODNAME) and a name in the kernel's lists.</summary>
    public static bool Check(string name, string projectFile, DiagnosticBag diagnostics)
    {
        if (name.Length == 0 || name.Length > MaximumLength)
        {
            diagnostics.Error("KLP0024", projectFile, $"'{name}' cannot be a module's name: it must have 1 to {MaximumLength} characters.", Cure);
            return false;
        }

        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            diagnostics.Error("KLP0024", projectFile, $"'{name}' cannot be a module's name: the kernel wants ASCII letters, digits, '_' and '-'.", Cure);
            return false;
        }

        return true;
    }

    private const string Cure = "Rename the project, or set <TargetName>.";
}
