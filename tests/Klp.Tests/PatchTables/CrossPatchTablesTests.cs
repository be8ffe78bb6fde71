using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.Tests.Header;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.PatchTables;

/// <summary>The same comparison as <see cref="PatchTablesTests"/> for machines whose kernel headers are not here: stub structs, the machine's own compiler.</summary>
public sealed class CrossPatchTablesTests
{
    private const string Facts = """
        #include <linux/livepatch.h>
        #define F(t, f) __builtin_offsetof(struct t, f)
        const unsigned long facts[] = {
            sizeof(struct klp_func), F(klp_func, old_name), F(klp_func, new_func), F(klp_func, old_sympos),
            sizeof(struct klp_object), F(klp_object, name), F(klp_object, funcs), F(klp_object, callbacks.pre_patch), F(klp_object, callbacks.post_patch),
            F(klp_object, callbacks.pre_unpatch), F(klp_object, callbacks.post_unpatch),
            sizeof(struct klp_patch), F(klp_patch, mod), F(klp_patch, objs), F(klp_patch, states), F(klp_patch, replace),
        };
        """;

    private const string Stubs = "struct seq_file;\nvoid seq_puts(struct seq_file *m, const char *text);\n#define seq_puts(m, text) seq_puts(m, text)\nstruct klp_object;\n#define patched kobj.parent != (void *)0\n";

    public static TheoryData<string, string, uint> Machines => new()
    {
        { "gcc", "-fno-pie", 1 }, { "clang", "-fno-pie", 1 }, { "aarch64-linux-gnu-gcc", "-fno-pie", 257 }, { "powerpc64le-linux-gnu-gcc", "-mcmodel=medium", 38 },
        { "s390x-linux-gnu-gcc", "-fPIC", 22 }, { "s390x-linux-gnu-gcc", "-fno-pie -O0", 22 },
        { "clang", "--target=aarch64-linux-gnu", 257 }, { "clang", "--target=powerpc64le-linux-gnu", 38 }, { "clang", "--target=s390x-linux-gnu", 22 },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void Tables_are_those_the_machines_compiler_writes(string compiler, string options, uint absolute)
    {
        var facts = Compile(Facts, compiler, options);
        var symbol = facts.Symbols.Single(s => s.Name == "facts");
        var numbers = Enumerable.Range(0, 16).Select(i => (int)facts.ByteOrder.ReadUInt64(facts.SectionOf(symbol)!.Data.Span[((int)symbol.Value + (i * 8))..])).ToArray();
        var layout = new LivepatchLayout
        {
            FuncSize = numbers[0], FuncOldName = numbers[1], FuncNewFunc = numbers[2], FuncOldSympos = numbers[3], ObjectSize = numbers[4], ObjectName = numbers[5],
            ObjectFuncs = numbers[6], ObjectPrePatch = numbers[7], ObjectPostPatch = numbers[8], ObjectPreUnpatch = numbers[9], ObjectPostUnpatch = numbers[10],
            PatchSize = numbers[11], PatchModule = numbers[12], PatchObjects = numbers[13], PatchStates = numbers[14], PatchReplace = numbers[15],
        };
        var template = TestTemplate.For(Kernels.Newest) with { AbsoluteRelocationType = absolute, Livepatch = layout };

        var ours = PatchTablesTests.Applied(Compile(Stubs + WithoutKernelHeaders(Sources.Header), compiler, options), template);
        var plain = Compile(Stubs + "#include <linux/kernel.h>\n#include <linux/module.h>\n#include <linux/livepatch.h>\n" + WithoutKernelHeaders(Sources.Plain), compiler, options);
        Assert.Equal(TableDump.Of(plain, "objs", layout), TableDump.Of(ours, Klp.Modpost.PatchTables.ObjectsSymbol, layout));

        var again = CCompiler.Read(ours.Write());
        var model = PatchModel.Read(again, layout, LineTable.Empty, []);
        Assert.Equal(["vmlinux", "snd_hda_intel", "loop"], model.Objects.Select(o => o.Name));
        Assert.Equal(["cmdline_proc_show 0", "meminfo_proc_show.isra.0 0", "azx_probe 2", "azx_probe.part.0 3"], model.Objects.SelectMany(o => o.Functions).Select(f => $"{f.OldName} {f.Position}"));
        Assert.True(model.IsReadable);
    }

    private static string WithoutKernelHeaders(string source) =>
        string.Join('\n', source.Split('\n').Where(l => !l.StartsWith("#include <linux/", StringComparison.Ordinal)));

    private static ElfFile Compile(string source, string compiler, string options)
    {
        using var folder = new TemporaryFolder();
        return CCompiler.CompileElf(source, compiler, [.. StubKernel.Install(folder), "-O2", "-g", .. options.Split(' ')]);
    }
}
