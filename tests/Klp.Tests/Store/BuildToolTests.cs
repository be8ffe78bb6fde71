using System.Diagnostics;
using Klp.Base;
using Klp.Store;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>Build tools that bring their own C library: real programs behind wrappers, called in every way that kbuild calls them.</summary>
public sealed class BuildToolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("k");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_wrapped_program_runs_from_anywhere_and_knows_the_path_it_was_called_by()
    {
        var program = Program("root/usr/lib/kbuild/scripts/mod/tool");
        Assert.True(Wrap(program, SystemLibraries()));
        var moved = _folder.Combine("moved");
        Directory.Move(_folder.Combine("root"), moved);
        var tool = moved + "/usr/lib/kbuild/scripts/mod/tool";
        File.CreateSymbolicLink(_folder.Combine("link"), tool);
        File.CreateSymbolicLink(_folder.Combine("folder"), "moved/usr/lib/kbuild/scripts");
        File.CreateSymbolicLink(_folder.Combine("chain"), "link");

        string[] calls = [tool, _folder.Combine("link"), _folder.Combine("chain"), _folder.Combine("folder", "mod", "tool")];
        foreach (var call in calls)
        {
            Assert.Equal($"{call}|a b|*", await RunAsync(call, "/", "a b", "*"));
        }

        Assert.Equal("./tool|x", await RunAsync("./tool", moved + "/usr/lib/kbuild/scripts/mod", "x"));
        Assert.True(await BuildTools.StartAsync([tool + ".elf"], CancellationToken.None));
    }

    [Fact]
    public async Task A_program_whose_loader_is_not_here_is_seen_not_to_start()
    {
        var program = Program("root/usr/lib/kbuild/scripts/tool", "-Wl,--dynamic-linker=/lib/no-such-loader.so");
        Assert.False(await BuildTools.StartAsync([program], CancellationToken.None));
        Assert.True(await BuildTools.StartAsync([Program("root/usr/lib/kbuild/scripts/tool2")], CancellationToken.None));
    }

    [Fact]
    public async Task A_program_that_needs_a_newer_library_is_seen_not_to_start()
    {
        // A library that is there when linking and not when starting stands for a C library that is too old.
        var library = _folder.Combine("libnewer.so.9");
        await CompileAsync("int newer(void) { return 0; }", library, "-shared", "-fPIC", "-Wl,-soname,libnewer.so.9");
        var program = Program("root/usr/lib/kbuild/scripts/tool", "-Wl,--no-as-needed", library);
        Assert.False(await BuildTools.StartAsync([program], CancellationToken.None));

        var libraries = SystemLibraries();
        var said = new DiagnosticBag();
        Assert.False(BuildTools.Wrap([program], libraries, _folder.Combine("root/usr/lib/klp-tools"), said));
        Assert.Equal("KLP0279", Assert.Single(said).Id);

        File.Copy(library, Path.Combine(libraries, "libnewer.so.9"));
        Assert.True(Wrap(program, libraries));
        Assert.Equal($"{program}|y", await RunAsync(program, "/", "y"));
    }

    [Fact]
    public void Only_programs_that_need_a_loader_are_wrapped_and_links_are_not_followed()
    {
        var program = Program("root/usr/lib/kbuild/scripts/tool");
        _folder.Write("root/usr/lib/kbuild/scripts/script", "#!/bin/sh\n");
        File.CreateSymbolicLink(_folder.Combine("root/usr/lib/kbuild/out"), "/usr/bin");
        Assert.Equal([program], BuildTools.Find(_folder.Combine("root/usr/lib")));
    }

    private bool Wrap(string program, string libraries) => BuildTools.Wrap([program], libraries, _folder.Combine("root/usr/lib/klp-tools"), []);

    /// <summary>A folder with this machine's C library and loader, as a package would bring them.</summary>
    private string SystemLibraries()
    {
        var folder = _folder.Combine("libraries");
        Directory.CreateDirectory(folder);
        using var ldd = Process.Start(new ProcessStartInfo("ldd", ["/bin/true"]) { RedirectStandardOutput = true })!;
        foreach (var word in ldd.StandardOutput.ReadToEnd().Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.StartsWith("/", StringComparison.Ordinal)))
        {
            File.Copy(RealPath.Of(word), Path.Combine(folder, Path.GetFileName(word)), overwrite: true);
        }

        return folder;
    }

    private string Program(string path, params string[] options)
    {
        var target = _folder.Combine(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        CompileAsync("#include <stdio.h>\nint main(int n, char **v) { for (int i = 0; i < n; i++) printf(\"%s%s\", i ? \"|\" : \"\", v[i]); return 0; }\n", target, options).GetAwaiter().GetResult();
        return target;
    }

    private async Task CompileAsync(string source, string target, params string[] options)
    {
        var file = _folder.Write(Path.GetRandomFileName() + ".c", source);
        using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-o", target, file, .. options]))!;
        await gcc.WaitForExitAsync();
        Assert.Equal(0, gcc.ExitCode);
    }

    private static async Task<string> RunAsync(string program, string folder, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(ProcessRunner.FindOnPath("env", "/usr/bin:/bin", "/")!, [program, .. words]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return said;
    }
}
