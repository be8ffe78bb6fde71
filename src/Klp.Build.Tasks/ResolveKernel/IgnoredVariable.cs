namespace Klp.Build.Tasks;

/// <summary>Environment variables that steer kbuild and that people leave set: they change nothing here, and this says what does.</summary>
internal static class IgnoredVariable
{
    public static string Explain(string assignment)
    {
        var name = assignment.Split('=', 2)[0];
        var property = name switch
        {
            "CC" => "KlpCompilerPath or KlpToolchain",
            "LLVM" => "KlpToolchain (clang)",
            "CROSS_COMPILE" => "KlpCrossPrefix",
            "KCFLAGS" => "KlpCompilerOptions",
            _ => "TargetKernel: the architecture is the kernel's",
        };
        return $"The environment variable {name} is set; it changes nothing here. The property for it is {property}.";
    }
}
