using Klp.Base;
using Klp.Kernel;

namespace Klp.Symbols;

/// <summary>Is the module for the machine of its kernel? Nothing about its relocations means anything where it is not.</summary>
internal static class MachineCheck
{
    /// <summary>False with KLP0391.</summary>
    public static bool Run(PlanInput input, string path, DiagnosticBag diagnostics)
    {
        var module = input.Module;
        var known = Architecture.For(module.Machine);
        var target = input.TargetMachine is { } machine ? Architecture.For(machine) : null;
        if (known is null)
        {
            diagnostics.Error(
                "KLP0391",
                path,
                $"This object is for {module.Machine}, a machine that is not supported; supported are {string.Join(", ", Architecture.All.Select(a => a.Name))}.",
                "Compile it for one of these.");
        }
        else if (input.TargetMachine is { } wanted && module.Machine != wanted)
        {
            diagnostics.Error(
                "KLP0391",
                path,
                $"This object is for {known.Name}, and the kernel is for {target?.Name ?? wanted.ToString()}.",
                "Compile it with the kernel's own compiler, or name the kernel it is for.");
        }
        else if (module.ByteOrder != known.ByteOrder)
        {
            diagnostics.Error(
                "KLP0391",
                path,
                $"This object is {module.ByteOrder.ToString().ToLowerInvariant()}-endian; kernels for {known.Name} are {known.ByteOrder.ToString().ToLowerInvariant()}-endian.",
                "Compile it with the kernel's own compiler and flags.");
        }
        else
        {
            return true;
        }

        return false;
    }
}
