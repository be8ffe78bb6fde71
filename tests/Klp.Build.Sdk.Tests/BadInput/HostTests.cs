using System.Diagnostics;
using System.Text;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>A machine that the SDK cannot work on is told before anything is started there.</summary>
public sealed class HostTests
{
    /// <summary>Loaded before the C library, this hides what only Linux has. Without a whole /proc .NET itself would not start.</summary>
    private const string NoProcess = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <string.h>
        #include <sys/stat.h>

        #define HIDING(name, declaration, ...) \
            int name declaration \
            { \
                int (*next) declaration = (int (*) declaration)dlsym(RTLD_NEXT, #name); \
                if (strcmp(path, "/proc/self") == 0) { errno = ENOENT; return -1; } \
                return next(__VA_ARGS__); \
            }

        HIDING(stat, (const char *path, struct stat *to), path, to)
        HIDING(lstat, (const char *path, struct stat *to), path, to)
        HIDING(stat64, (const char *path, struct stat64 *to), path, to)
        HIDING(lstat64, (const char *path, struct stat64 *to), path, to)
        HIDING(__xstat64, (int version, const char *path, struct stat64 *to), version, path, to)
        HIDING(__lxstat64, (int version, const char *path, struct stat64 *to), version, path, to)
        """;

    [Fact]
    public void A_system_that_is_not_Linux_is_refused()
    {
        using var project = SdkProject.Patch();
        var before = project.Files();
        File.WriteAllText(Path.Combine(project.Root, "hide.c"), NoProcess);
        CCompiler.Run("gcc", project.Root, "-shared", "-fPIC", "-o", "hide.so", "hide.c");
        project.Environment["LD_PRELOAD"] = Path.Combine(project.Root, "hide.so");

        var error = Refusal.One(project, project.Build(), "KLP0002", "built on Linux", "in WSL or in a container");

        Assert.Equal(project.ProjectFile, error.File);
        Assert.Equal(before, project.Files());
    }

    /// <summary>The .NET SDK's own MSBuild, copied, with an older version written into it.</summary>
    [Fact]
    public void An_MSBuild_that_is_older_than_the_SDK_is_refused()
    {
        using var project = SdkProject.Patch();
        var tools = project.Evaluate(["MSBuildToolsPath"])["MSBuildToolsPath"];
        var old = Path.Combine(project.Root, "msbuild");
        Directory.CreateDirectory(old);
        foreach (var file in new[] { "MSBuild.*", "Microsoft.Build*.dll", "Microsoft.NET.StringTools.dll", "System.*.dll", "*.tasks", "*.overridetasks" }.SelectMany(p => Directory.GetFiles(tools, p)))
        {
            File.Copy(file, Path.Combine(old, Path.GetFileName(file)));
        }

        var engine = Path.Combine(old, "Microsoft.Build.dll");
        var version = string.Join('.', FileVersionInfo.GetVersionInfo(engine).FileVersion!.Split('.')[..3]);
        Overwrite(engine, version, "17" + version[2..]);
        var layout = Repository.Combine("artifacts", "sdks", "Klp.Build.Sdk", "Sdk");
        File.WriteAllText(project.ProjectFile, $"""<Project><Import Project="{layout}/Sdk.props" /><Import Project="{layout}/Sdk.targets" /></Project>""");
        var before = project.Files();

        var build = project.Dotnet(Path.Combine(old, "MSBuild.dll"), project.ProjectFile, "-nologo", "-clp:NoSummary", "-v:q");

        Assert.Equal(1, build.ExitCode);
        Assert.Equal($"{project.ProjectFile} : error KLP0001: This SDK needs the MSBuild of the .NET 10 SDK; this is MSBuild 17{version[2..]} (Core). Install the .NET 10 SDK, and build with `dotnet build`.",
            build.StandardOutput.Trim());
        Assert.Equal(before, project.Files());
    }

    private static void Overwrite(string file, string text, string other)
    {
        var bytes = File.ReadAllBytes(file);
        var (from, to) = (Encoding.ASCII.GetBytes(text), Encoding.ASCII.GetBytes(other));
        Assert.Equal(from.Length, to.Length);
        for (var at = bytes.AsSpan().IndexOf(from); at >= 0; at = bytes.AsSpan().IndexOf(from))
        {
            to.CopyTo(bytes, at);
        }

        File.WriteAllBytes(file, bytes);
    }
}
