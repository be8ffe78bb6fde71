using Klp.Elf;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests;

/// <summary>
/// A patch through all stages for machines whose Debian kernels carry none: the headers with CONFIG_LIVEPATCH set, which those architectures have, and a System.map.
/// That such modules load is for the kernels that eng builds; here every byte of the conversion is held against kbuild's module and against readelf.
/// </summary>
public sealed class ForeignPatchTests
{
    private const string Source = """
        #include <linux/seq_file.h>
        #include <klp/patch.h>
        #include <klp/relocs.h>

        extern int hidden_function(int);
        extern int hidden_data[];

        KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
        {
        	seq_printf(m, "%d\n", hidden_function(hidden_data[1]));
        	return 0;
        }

        KLP_MODULE("GPL");
        MODULE_DESCRIPTION("a patch for a machine that is not this one");

        """;

    private static readonly string s_map = $"""
        0000000000100000 T _text
        0000000000100100 t hidden_function
        0000000000100200 t cmdline_proc_show
        {string.Join('\n', Enumerable.Range(0, 2000).Select(i => $"{0x100300 + i * 16:x16} t other_{i}"))}
        0000000000200000 d hidden_data
        0000000000300000 B _end

        """;

    [Theory]
    [InlineData("s390x", ByteOrder.Big, ".klp.rela.vmlinux.text")]
    [InlineData("ppc64le", ByteOrder.Little, ".klp.rela.vmlinux.text")]
    public void A_patch_is_built_and_converted_in_the_machines_own_words(string machine, ByteOrder order, string section)
    {
        using var mirror = new TreeMirror(Kernels.ByMachine(machine, "6.1"));
        mirror.Configure(("LIVEPATCH", "y"));
        mirror.Edit("Module.symvers", text => text + "0x11223344\tklp_enable_patch\tvmlinux\tEXPORT_SYMBOL_GPL\t\n");
        var kernel = mirror.Kernel(Kernels.ByMachine(machine, "6.1"));
        // The store may hold the real kernel's image, and that is asked before a System.map.
        using var project = SdkProject.Empty($"""
            <PropertyGroup>
              <KlpKernelStore>$(MSBuildProjectDirectory)</KlpKernelStore>
              <KlpKernelBuildDirectory>{mirror.Directory}</KlpKernelBuildDirectory>
              <KlpSystemMapFile>System.map</KlpSystemMapFile>
            </PropertyGroup>
            """);
        project.Write("fix.c", Source);
        project.Write("System.map", s_map);

        project.Build().Succeeded();

        var file = project.Module(kernel);
        var module = CCompiler.Read(File.ReadAllBytes(file));
        Assert.Equal((order, kernel.Architecture!.Machine), (module.ByteOrder, module.Machine));
        Assert.Equal([".klp.sym.vmlinux.hidden_data,0", ".klp.sym.vmlinux.hidden_function,0"], module.Symbols.Where(s => s.SectionIndex == 0xff20).Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.Contains(module.Sections, s => s.Name == section && s.Flags.HasFlag((SectionFlags)0x00100000));

        // readelf reads the same: the machine's own names of the relocations, and symbols of a section index of the kernel's own.
        var text = CCompiler.Run("readelf", project.Folder, "-rsW", file);
        Assert.Matches(@"OS \[0xff20\] \.klp\.sym\.vmlinux\.hidden_function,0", text);
        Assert.Matches(machine == "s390x" ? @"R_390_PLT32DBL\s+\w+ \.klp\.sym\.vmlinux\.hidden_function,0 \+ 2" : @"R_PPC64_REL24\s+\w+ \.klp\.sym\.vmlinux\.hidden_function,0 \+ 0", text);

        using var reference = Kbuild.BuildFolder(kernel, "fix", project.Folder, ["-I" + Repository.Combine("sdk", "Klp.Build.Sdk", "include")]);
        Assert.Empty(ModuleComparer.Compare(module, CCompiler.Read(File.ReadAllBytes(reference.File))));
    }
}
