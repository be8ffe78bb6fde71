using System.Diagnostics;
using Klp.Base;
using Klp.Kernel;
using Klp.Store;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Store;

/// <summary>Kernels from trees on disk and from .rpm files; judged by kbuild, which builds a module with what was copied.</summary>
public sealed class TreeTests : IDisposable
{
    private readonly StoreFixture _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_distributions_headers_become_one_tree_that_kbuild_builds_a_module_with()
    {
        var kernel = Kernels.Newest;
        var release = kernel.Release;
        var added = await _store.AddAsync(RealPath.Of(kernel.BuildDirectory));

        Assert.Equal([release], added.Select(a => a.Release));
        Assert.Equal(["KLP0281"], _store.Diagnostics.Select(d => d.Id));
        var module = _store.Combine("module");
        Directory.CreateDirectory(module);
        File.WriteAllText(Path.Combine(module, "Kbuild"), "obj-m := hello.o\n");
        File.WriteAllText(Path.Combine(module, "hello.c"), "#include <linux/module.h>\nMODULE_LICENSE(\"GPL\");\nMODULE_DESCRIPTION(\"x\");\n");
        using var make = Process.Start(new ProcessStartInfo("make", ["-s", "-C", Path.Combine(_store.Store, release, "build"), "M=" + module, .. kernel.MakeArguments, "modules"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = make.StandardOutput.ReadToEndAsync();
        var error = await make.StandardError.ReadToEndAsync();
        await make.WaitForExitAsync();
        Assert.True(make.ExitCode == 0, await output + error);
        Assert.True(File.Exists(Path.Combine(module, "hello.ko")));
    }

    [Fact]
    public async Task The_running_kernel_is_copied_with_its_image_and_modules()
    {
        var root = _store.Combine("machine");
        Machine(root, "6.1.0-9-amd64");
        var added = await KernelStore.AddAsync(_store.Context with { Root = root }, new AddRequest { What = ["running"] }, _store.Diagnostics, CancellationToken.None);

        Assert.Empty(_store.Diagnostics);
        var entry = KernelStore.Find(_store.Store, added.Single().Release, _store.Diagnostics)!;
        Assert.True(entry.HasImage && entry.HasModules);
        Assert.True(File.Exists(Path.Combine(entry.Directory, "modules/kernel/fs/x.ko")));
        Assert.False(Path.Exists(Path.Combine(entry.Directory, "modules/build")));
        Assert.True(File.Exists(Path.Combine(entry.BuildDirectory, "scripts/mod/thing.sh")));
        Assert.False(Directory.Exists(Path.Combine(entry.BuildDirectory, "certs")));
    }

    [Fact]
    public async Task A_running_kernel_without_headers_is_an_error_that_says_how_to_fetch_it()
    {
        var root = _store.Combine("machine");
        Write(root, "proc/sys/kernel/osrelease", "6.1.0-9-amd64\n");
        Assert.Empty(await KernelStore.AddAsync(_store.Context with { Root = root }, new AddRequest { What = ["running"] }, _store.Diagnostics, CancellationToken.None));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0280", error.Id);
        Assert.Contains("klp kernel add 6.1.0-9-amd64", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_that_was_built_in_place_brings_its_modules_and_leaves_its_keys()
    {
        var tree = _store.Combine("linux");
        Tree(tree, "6.9.0");
        Write(tree, "fs/ext9/ext9.ko", "module");
        Write(tree, "modules.order", "fs/ext9/ext9.o\n");
        Write(tree, "modules.builtin", "kernel/fs/ext8/ext8.ko\n");
        Write(tree, "arch/x86/boot/bzImage", "image");
        Write(tree, "certs/signing_key.pem", "secret");
        Assert.Equal(["6.9.0"], (await _store.AddAsync(tree)).Select(a => a.Release));

        Assert.Empty(_store.Diagnostics);
        var modules = KernelModules.Open(Path.Combine(_store.Store, "6.9.0/modules"), _store.Diagnostics)!;
        Assert.EndsWith("/kernel/fs/ext9/ext9.ko", modules.FindFile("ext9"), StringComparison.Ordinal);
        Assert.True(modules.IsBuiltIn("ext8"));
        Assert.DoesNotContain(Directory.EnumerateFiles(_store.Store, "*", SearchOption.AllDirectories), f => f.EndsWith(".pem", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pipe_in_a_tree_is_passed_over_and_nobody_waits_for_it()
    {
        var tree = _store.Combine("linux");
        Tree(tree, "6.9.0");
        Write(tree, "fs/ext9/ext9.ko", "module");
        Write(tree, "arch/x86/boot/bzImage", "image");
        foreach (var name in new[] { "fs/ext9/pipe.ko", "modules.order", "modules.builtin", "include/pipe.h", "scripts/pipe.sh", "Kbuild", "arch/x86/boot/bzImage" })
        {
            File.Delete(Path.Combine(tree, name));
            CCompiler.Run("mkfifo", tree, name);
        }

        Assert.Equal(["6.9.0"], (await Task.Run(() => _store.AddAsync(tree)).WaitAsync(TimeSpan.FromSeconds(20))).Select(a => a.Release));
        var entry = KernelStore.Find(_store.Store, "6.9.0", _store.Diagnostics)!;
        Assert.Equal((true, false), (File.Exists(Path.Combine(entry.Directory, "modules/kernel/fs/ext9/ext9.ko")), entry.HasImage));
        Assert.DoesNotContain(Directory.EnumerateFiles(_store.Store, "*", SearchOption.AllDirectories), f => f.Contains("pipe", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Makefile")]
    [InlineData("include/config/auto.conf")]
    [InlineData("include/generated/utsrelease.h")]
    public async Task A_tree_with_a_pipe_in_place_of_what_is_needed_is_an_error(string file)
    {
        var tree = _store.Combine("linux");
        Tree(tree, "6.9.0");
        File.Delete(Path.Combine(tree, file));
        CCompiler.Run("mkfifo", tree, file);
        Assert.Empty(await Task.Run(() => _store.AddAsync(tree)).WaitAsync(TimeSpan.FromSeconds(20)));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0273", error.Id);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-headers.deb")]
    [InlineData("kernel-devel.rpm")]
    public async Task A_pipe_named_as_a_package_is_an_error(string name)
    {
        var pipe = _store.Combine(name);
        CCompiler.Run("mkfifo", "/", pipe);
        Assert.Empty(await Task.Run(() => _store.AddAsync(pipe)).WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains(_store.Diagnostics, d => d.Id == "KLP0267" && d.Message.Contains("pipe", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Module.symvers")]
    [InlineData("include/generated/utsrelease.h")]
    public async Task A_tree_that_was_not_built_is_an_error_that_names_what_is_missing(string file)
    {
        var tree = _store.Combine("linux");
        Tree(tree, "6.9.0");
        File.Delete(Path.Combine(tree, file));
        Assert.Empty(await _store.AddAsync(tree));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0273", error.Id);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("file")]
    [InlineData("vanished source")]
    public async Task What_is_no_tree_is_an_error_that_says_what_it_is(string what)
    {
        var tree = _store.Combine("linux");
        if (what == "file")
        {
            File.WriteAllText(tree, "x");
        }
        else if (what == "vanished source")
        {
            Tree(tree, "6.9.0");
            File.WriteAllText(Path.Combine(tree, "Makefile"), "# Automatically generated\ninclude /no/such/source/Makefile\n");
        }

        Assert.Empty(await _store.AddAsync(tree));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0273", error.Id);
        Assert.Contains(what switch { "file" => "This file is no kernel", "nothing" => "no such file or folder", _ => "/no/such/source/Makefile" }, error.Message, StringComparison.Ordinal);
        Assert.Empty(_store.Content());
    }

    [Theory]
    [InlineData("KBUILD_OUTPUT := /lib/modules/6.9.0/build\n", "/lib/modules/6.9.0/build")]
    [InlineData("all:\n\t$(MAKE) -C /usr/lib/kernel-source M=$(M)\n", "/usr/lib/kernel-source")]
    public async Task A_makefile_that_points_elsewhere_in_an_unknown_way_is_named_with_the_way_that_is_left(string makefile, string names)
    {
        var tree = _store.Combine("linux");
        Tree(tree, "6.9.0");
        File.WriteAllText(Path.Combine(tree, "Makefile"), makefile);

        Assert.Empty(await _store.AddAsync(tree));

        var error = Assert.Single(_store.Diagnostics, d => d.Severity == Severity.Error);
        Assert.Equal(("KLP0271", Severity.Error, tree), (error.Id, error.Severity, error.Place.File));
        Assert.Contains($"The Makefile of kernel 6.9.0 names {names}, ", error.Message, StringComparison.Ordinal);
        Assert.Contains("set KlpKernelBuildDirectory", error.Cure, StringComparison.Ordinal);
        Assert.Equal(makefile, File.ReadAllText(Path.Combine(tree, "Makefile")));
        Assert.Empty(_store.Content());
    }

    [Theory]
    [InlineData("rpm2cpio")]
    [InlineData("bsdtar")]
    public async Task Rpm_packages_become_an_entry_with_either_unpacker(string unpacker)
    {
        var files = await RpmsAsync("6.9.7-200.x86_64");
        var tools = _store.Combine("tools");
        Directory.CreateDirectory(tools);
        File.CreateSymbolicLink(Path.Combine(tools, unpacker), ProcessRunner.FindOnPath(unpacker, "/usr/bin:/bin", "/") ?? throw new InvalidOperationException($"{unpacker} is not here: apt install rpm libarchive-tools"));
        var context = _store.Context with { Environment = new Dictionary<string, string> { ["PATH"] = tools } };

        var added = await KernelStore.AddAsync(context, new AddRequest { What = files }, _store.Diagnostics, CancellationToken.None);

        Assert.Empty(_store.Diagnostics);
        var entry = KernelStore.Find(_store.Store, added.Single().Release, _store.Diagnostics)!;
        Assert.Equal("6.9.7-200.x86_64", entry.Release);
        Assert.True(entry.HasImage && entry.HasModules);
        Assert.Equal("rpm", entry.Manifest!.Origin);
        Assert.True(EntryVerifier.Verify(entry, _store.Diagnostics, CancellationToken.None));
    }

    [Fact]
    public async Task Without_an_unpacker_the_error_names_the_packages()
    {
        var file = _store.Combine("kernel-devel-6.9.7-200.x86_64.rpm");
        File.WriteAllText(file, "x");
        var context = _store.Context with { Environment = new Dictionary<string, string> { ["PATH"] = _store.Combine("nothing") } };
        Assert.Empty(await KernelStore.AddAsync(context, new AddRequest { What = [file] }, _store.Diagnostics, CancellationToken.None));
        var error = Assert.Single(_store.Diagnostics);
        Assert.Equal("KLP0272", error.Id);
        Assert.Contains("apt install rpm2cpio", error.Cure, StringComparison.Ordinal);
        Assert.Empty(_store.Content());
    }

    [Fact]
    public async Task A_damaged_rpm_is_a_coded_error()
    {
        var file = _store.Combine("kernel-devel-6.9.7-200.x86_64.rpm");
        File.WriteAllText(file, "this is no rpm");
        Assert.Empty(await _store.AddAsync(file));
        Assert.Equal("KLP0267", Assert.Single(_store.Diagnostics).Id);
        Assert.Empty(_store.Content());
    }

    /// <summary>Real packages, made by rpmbuild from a tree.</summary>
    private async Task<string[]> RpmsAsync(string release)
    {
        var content = _store.Combine("content");
        Tree(Path.Combine(content, "usr/src/kernels", release), release);
        Write(content, $"lib/modules/{release}/vmlinuz", "image");
        Write(content, $"lib/modules/{release}/kernel/x.ko", "module");
        var spec = _store.Combine("k.spec");
        File.WriteAllText(spec, $"""
            Name: kernel-devel
            Version: 6.9.7
            Release: 200
            Summary: x
            License: GPL
            %global debug_package %%{"{nil}"}
            %global __os_install_post %%{"{nil}"}
            %description
            x
            %install
            cp -a {content}/. %{"{buildroot}"}/
            %files
            /

            """.Replace("%%", "%", StringComparison.Ordinal));
        var words = new[] { "-bb", "--quiet", "--nodeps", "--define", $"_topdir {_store.Combine("rpm")}", "--define", "_binary_payload w3.gzdio", "--target", "x86_64", spec };
        using var rpmbuild = Process.Start(new ProcessStartInfo("rpmbuild", words) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = await rpmbuild.StandardError.ReadToEndAsync();
        await rpmbuild.WaitForExitAsync();
        Assert.True(rpmbuild.ExitCode == 0, said);
        return Directory.GetFiles(_store.Combine("rpm", "RPMS"), "*.rpm", SearchOption.AllDirectories);
    }

    private static void Machine(string root, string release)
    {
        Write(root, "proc/sys/kernel/osrelease", release + "\n");
        Tree(Path.Combine(root, "usr/src/linux-headers-" + release), release);
        Write(root, $"lib/modules/{release}/kernel/fs/x.ko", "module");
        Write(root, $"lib/modules/{release}/modules.builtin", "");
        File.CreateSymbolicLink(Path.Combine(root, $"lib/modules/{release}/build"), $"../../../usr/src/linux-headers-{release}");
        Write(root, "boot/vmlinuz-" + release, "image");
    }

    private static void Tree(string tree, string release)
    {
        Write(tree, "Makefile", "all:\n" + new string('#', 5000));
        Write(tree, ".config", "CONFIG_MODULES=y\n");
        Write(tree, "Module.symvers", "0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n");
        Write(tree, "include/config/auto.conf", "CONFIG_MODULES=y\nCONFIG_X86_64=y\n");
        Write(tree, "include/generated/autoconf.h", "#define CONFIG_MODULES 1\n");
        Write(tree, "include/generated/utsrelease.h", $"#define UTS_RELEASE \"{release}\"\n");
        Write(tree, "scripts/mod/thing.sh", "#!/bin/sh\n");
    }

    private static void Write(string folder, string path, string content)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}
