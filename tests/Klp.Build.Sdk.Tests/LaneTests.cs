using System.IO.Compression;
using System.Reflection.PortableExecutable;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>The two ways the SDK reaches a project: as a package, and as the folder the solution build lays out.</summary>
public sealed class LaneTests
{
    private static string Layout => Repository.Combine("artifacts", "sdks", "Klp.Build.Sdk");

    private static string Packages => Repository.Combine("artifacts", "packages");

    [Fact]
    public void A_newcomers_first_patch_is_built_from_the_template_and_the_package()
    {
        using var place = SdkProject.Empty(folder: "unused");
        // A user without anything of ours: own package folder, own templates, no dev lane.
        File.Delete(Path.Combine(place.Root, "nuget.config"));
        place.Environment["NUGET_PACKAGES"] = Path.Combine(place.Root, "packages");
        place.Environment["DOTNET_CLI_HOME"] = Path.Combine(place.Root, "home");
        var kernel = Kernels.BySeries("6.1");

        Succeed(place, place.Root, "new", "install", Directory.GetFiles(Packages, "Klp.Build.Templates.*.nupkg").Single());
        Succeed(place, place.Root, "new", "klp", "-n", "fix-cve", "--feed", Packages);
        var folder = Path.Combine(place.Root, "fix-cve");

        Assert.Equal([".gitignore", "fix-cve.c", "fix-cve.klpproj", "nuget.config"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Succeed(place, folder, "build", "-p:TargetKernel=" + kernel.Release);
        Assert.True(File.Exists(Path.Combine(folder, "bin", kernel.Release, "fix-cve.ko")));
        Assert.True(File.Exists(Path.Combine(place.Root, "packages/klp.build.sdk/0.1.0/Sdk/Sdk.props")));
    }

    [Fact]
    public void The_template_can_name_the_kernel_and_leaves_the_feed_alone_where_none_is_given()
    {
        using var place = SdkProject.Empty(folder: "unused");
        place.Environment["DOTNET_CLI_HOME"] = Path.Combine(place.Root, "home");

        Succeed(place, place.Root, "new", "install", Directory.GetFiles(Packages, "Klp.Build.Templates.*.nupkg").Single());
        Succeed(place, place.Root, "new", "klp", "-n", "fix", "--kernel", "6.1.0-50-amd64");

        Assert.False(File.Exists(Path.Combine(place.Root, "fix/nuget.config")));
        Assert.Contains("<TargetKernel>6.1.0-50-amd64</TargetKernel>", File.ReadAllText(Path.Combine(place.Root, "fix/fix.klpproj")), StringComparison.Ordinal);
        Assert.Contains("Klp.Build.Sdk/0.1.0\"", File.ReadAllText(Path.Combine(place.Root, "fix/fix.klpproj")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_package_and_the_dev_lane_hold_the_same_files_but_for_the_version()
    {
        using var zip = ZipFile.OpenRead(Directory.GetFiles(Packages, "Klp.Build.Sdk.*.nupkg").Single());
        var packed = zip.Entries.Select(e => e.FullName).Where(n => !n.StartsWith('_') && !n.StartsWith("package/", StringComparison.Ordinal) && n is not ("[Content_Types].xml" or "Klp.Build.Sdk.nuspec"));
        var laid = Directory.EnumerateFiles(Layout, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Layout, f)).Where(n => n != ".nupkg.metadata");

        Assert.Equal(laid.Order(StringComparer.Ordinal), packed.Order(StringComparer.Ordinal));
        Assert.Contains("0.1.0-dev", File.ReadAllText(Path.Combine(Layout, "targets/Klp.Version.props")), StringComparison.Ordinal);
        Assert.Equal("{}", File.ReadAllText(Path.Combine(Layout, ".nupkg.metadata")).Trim());
    }

    [Fact]
    public void Our_assemblies_are_precompiled_and_MSBuilds_own_are_not_shipped()
    {
        var assemblies = Directory.GetFiles(Path.Combine(Layout, "tools/net10.0"), "*.dll");

        Assert.DoesNotContain(assemblies, a => Path.GetFileName(a).StartsWith("Microsoft.Build", StringComparison.Ordinal));
        Assert.All(assemblies.Where(a => Path.GetFileName(a).StartsWith("Klp.", StringComparison.Ordinal)), a =>
        {
            using var reader = new PEReader(File.OpenRead(a));
            Assert.True(reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0, $"{a} is not ReadyToRun.");
        });
        Assert.True(File.Exists(Path.Combine(Layout, "tools/net10.0/Klp.Build.Tasks.deps.json")));
    }

    private static void Succeed(SdkProject place, string folder, params string[] arguments)
    {
        var result = place.Dotnet(folder, arguments);
        Assert.True(result.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{result.StandardOutput}{result.StandardError}");
    }
}
