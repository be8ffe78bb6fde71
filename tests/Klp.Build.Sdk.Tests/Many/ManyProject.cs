using Klp.TestKit;

namespace Klp.Build.Sdk.Tests;

/// <summary>A patch for two kernels, an old and a young one, and what its tests ask.</summary>
internal static class ManyProject
{
    public static TestKernel Old { get; } = Kernels.BySeries("6.1");

    public static TestKernel Young { get; } = Kernels.BySeries("6.12");

    /// <summary>True on the young kernel alone.</summary>
    public const string IfYoung = "#include <linux/version.h>\n#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)\n";

    public static SdkProject Create(string content = "", string source = SdkProject.PatchSource, string? kernels = null, string folder = "fix")
    {
        var project = SdkProject.Empty($"<PropertyGroup><TargetKernels>{kernels ?? $"{Old.Release};{Young.Release}"}</TargetKernels></PropertyGroup>\n{content}", folder: folder);
        project.Write("fix.c", source);
        return project;
    }

    /// <summary>Both modules are there.</summary>
    public static bool HasBoth(this SdkProject project) => File.Exists(project.Module(Old)) && File.Exists(project.Module(Young));

    /// <summary>How many kernels the project was really built for.</summary>
    public static int InnerBuilds(this SdkBuild build) => build.Tasks.Count(t => t == "KlpCopy");

    /// <summary>A store of the project's own: the test kernels by links, and aliases.</summary>
    public static void OwnStore(this SdkProject project, params (string Alias, string Release)[] aliases)
    {
        var store = Path.Combine(project.Root, "store");
        Directory.CreateDirectory(Path.Combine(store, "aliases"));
        foreach (var kernel in new[] { Old, Young })
        {
            Directory.CreateSymbolicLink(Path.Combine(store, kernel.Release), Path.Combine(Kernels.Store, kernel.Release));
        }

        foreach (var (alias, release) in aliases)
        {
            File.WriteAllText(Path.Combine(store, "aliases", alias), release + "\n");
        }

        project.Environment["KLP_KERNEL_STORE"] = store;
    }
}
