using System.Collections.Concurrent;
using Klp.Kernel;
using Klp.TestKit;

namespace Klp.Tests.PatchTables;

/// <summary>The facts of a kernel's livepatch structs that these tests need, measured by its own compiler and headers.</summary>
internal static class TestTemplate
{
    private static readonly ConcurrentDictionary<string, Lazy<ModuleTemplate>> Known = new();

    private const string Source = """
        #include <linux/module.h>
        #include <linux/livepatch.h>
        #define F(t, f) offsetof(struct t, f)
        const unsigned long facts[] = {
            sizeof(struct klp_func), F(klp_func, old_name), F(klp_func, new_func), F(klp_func, old_sympos),
            sizeof(struct klp_object), F(klp_object, name), F(klp_object, funcs), F(klp_object, callbacks.pre_patch), F(klp_object, callbacks.post_patch),
            F(klp_object, callbacks.pre_unpatch), F(klp_object, callbacks.post_unpatch),
            sizeof(struct klp_patch), F(klp_patch, mod), F(klp_patch, objs), F(klp_patch, states), F(klp_patch, replace), MODULE_NAME_LEN,
        };
        """;

    public static ModuleTemplate For(TestKernel kernel) => Known.GetOrAdd(kernel.Release, _ => new Lazy<ModuleTemplate>(() => Measure(kernel))).Value;

    private static ModuleTemplate Measure(TestKernel kernel)
    {
        var file = KernelCompiler.For(kernel).CompileElf(Source);
        var symbol = file.Symbols.Single(s => s.Name == "facts");
        var bytes = file.SectionOf(symbol)!.Data[(int)symbol.Value..];
        int Fact(int i) => (int)BitConverter.ToUInt64(bytes.Span[(i * 8)..]);
        return new ModuleTemplate
        {
            ElfFlags = 0,
            AbsoluteRelocationType = 1,
            Modinfo = [],
            ThisModule = [],
            ThisModuleAlignment = 64,
            ModuleNameOffset = 24,
            ModuleNameLength = Fact(16),
            ModuleInitOffset = 0,
            Livepatch = new LivepatchLayout
            {
                FuncSize = Fact(0), FuncOldName = Fact(1), FuncNewFunc = Fact(2), FuncOldSympos = Fact(3),
                ObjectSize = Fact(4), ObjectName = Fact(5), ObjectFuncs = Fact(6), ObjectPrePatch = Fact(7), ObjectPostPatch = Fact(8),
                ObjectPreUnpatch = Fact(9), ObjectPostUnpatch = Fact(10),
                PatchSize = Fact(11), PatchModule = Fact(12), PatchObjects = Fact(13), PatchStates = Fact(14), PatchReplace = Fact(15),
            },
        };
    }
}
