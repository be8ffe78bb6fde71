namespace Klp.Kernel;

/// <summary>
/// The C text of the template object: compiled once per kernel and toolchain, with the kernel's own headers and flags, it holds everything
/// that kbuild would otherwise compile into each module, and the sizes and offsets that no header can be asked for without a compiler.
/// </summary>
/// <remarks>
/// What the text takes from the kernel: include/linux/{module,vermagic,build-salt,elfnote-lto,livepatch}.h, asm/orc_header.h; each where it exists.
/// Numbers go into the section <see cref="FactsSection"/> as pairs (<see cref="TemplateFact"/>, value), 64-bit words in target byte order.
/// </remarks>
public static class ModuleTemplateSource
{
    public const string FactsSection = ".klp.facts";

    /// <summary>Stands where a module's name will stand.</summary>
    public const string NamePlaceholder = "@NAME@";

    /// <summary>Makes the text for one kernel.</summary>
    /// <param name="livepatchHeader">Text of the kernel's <c>include/linux/livepatch.h</c>: C cannot ask whether a struct has a field.</param>
    public static string For(string livepatchHeader) => Text
        .Replace("@STATES@", PatchHas(livepatchHeader, "states") ? Fact(TemplateFact.PatchStates, "offsetof(struct klp_patch, states)") : "", StringComparison.Ordinal)
        .Replace("@REPLACE@", PatchHas(livepatchHeader, "replace") ? Fact(TemplateFact.PatchReplace, "offsetof(struct klp_patch, replace)") : "", StringComparison.Ordinal);

    private static string Fact(TemplateFact fact, string value) => $"{(int)fact}, {value},";

    private static bool PatchHas(string header, string field)
    {
        var start = header.IndexOf("struct klp_patch {", StringComparison.Ordinal);
        var end = start < 0 ? -1 : header.IndexOf("\n};", start, StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        return header[start..end].Split('\n').Any(line => !line.TrimStart().StartsWith('*') && (line.Contains(" " + field + ";", StringComparison.Ordinal) || line.Contains("*" + field + ";", StringComparison.Ordinal)));
    }

    private static string Text => $$"""
        #include <linux/module.h>
        #include <linux/stddef.h>
        #include <linux/compiler.h>
        #define INCLUDE_VERMAGIC
        #include <linux/build-salt.h>
        #if __has_include(<linux/elfnote-lto.h>)
        #include <linux/elfnote-lto.h>
        #endif
        #include <linux/vermagic.h>
        #if defined(CONFIG_UNWINDER_ORC) && __has_include(<asm/orc_header.h>)
        #include <asm/orc_header.h>
        #endif
        #ifdef CONFIG_LIVEPATCH
        #include <linux/livepatch.h>
        #endif

        #ifdef BUILD_SALT
        BUILD_SALT;
        #endif
        #ifdef BUILD_LTO_INFO
        BUILD_LTO_INFO;
        #endif
        #ifdef ORC_HEADER
        ORC_HEADER;
        #endif

        MODULE_INFO(vermagic, VERMAGIC_STRING);
        #if defined(CONFIG_MITIGATION_RETPOLINE) || defined(CONFIG_RETPOLINE)
        MODULE_INFO(retpoline, "Y");
        #endif

        struct module __this_module __attribute__((used, section(".gnu.linkonce.this_module"))) = {
        	.name = "{{NamePlaceholder}}",
        	.init = init_module,
        #ifdef CONFIG_MODULE_UNLOAD
        	.exit = cleanup_module,
        #endif
        	.arch = MODULE_ARCH_INIT,
        };

        static const unsigned long long klp_facts[] __attribute__((used, section("{{FactsSection}}"))) = {
        	{{Fact(TemplateFact.ModuleSize, "sizeof(struct module)")}}
        	{{Fact(TemplateFact.ModuleAlignment, "__alignof__(struct module)")}}
        	{{Fact(TemplateFact.ModuleName, "offsetof(struct module, name)")}}
        	{{Fact(TemplateFact.ModuleNameLength, "sizeof(((struct module *)0)->name)")}}
        	{{Fact(TemplateFact.ModuleInit, "offsetof(struct module, init)")}}
        #ifdef CONFIG_MODULE_UNLOAD
        	{{Fact(TemplateFact.ModuleExit, "offsetof(struct module, exit)")}}
        #endif
        #ifdef CONFIG_MODVERSIONS
        	{{Fact(TemplateFact.ModversionSize, "sizeof(struct modversion_info)")}}
        	{{Fact(TemplateFact.ModversionCrcSize, "sizeof(((struct modversion_info *)0)->crc)")}}
        #endif
        #ifdef CONFIG_LIVEPATCH
        	{{Fact(TemplateFact.FuncSize, "sizeof(struct klp_func)")}}
        	{{Fact(TemplateFact.FuncOldName, "offsetof(struct klp_func, old_name)")}}
        	{{Fact(TemplateFact.FuncNewFunc, "offsetof(struct klp_func, new_func)")}}
        	{{Fact(TemplateFact.FuncOldSympos, "offsetof(struct klp_func, old_sympos)")}}
        	{{Fact(TemplateFact.ObjectSize, "sizeof(struct klp_object)")}}
        	{{Fact(TemplateFact.ObjectName, "offsetof(struct klp_object, name)")}}
        	{{Fact(TemplateFact.ObjectFuncs, "offsetof(struct klp_object, funcs)")}}
        	{{Fact(TemplateFact.ObjectPrePatch, "offsetof(struct klp_object, callbacks.pre_patch)")}}
        	{{Fact(TemplateFact.ObjectPostPatch, "offsetof(struct klp_object, callbacks.post_patch)")}}
        	{{Fact(TemplateFact.ObjectPreUnpatch, "offsetof(struct klp_object, callbacks.pre_unpatch)")}}
        	{{Fact(TemplateFact.ObjectPostUnpatch, "offsetof(struct klp_object, callbacks.post_unpatch)")}}
        	{{Fact(TemplateFact.PatchSize, "sizeof(struct klp_patch)")}}
        	{{Fact(TemplateFact.PatchModule, "offsetof(struct klp_patch, mod)")}}
        	{{Fact(TemplateFact.PatchObjects, "offsetof(struct klp_patch, objs)")}}
        	@STATES@
        	@REPLACE@
        #endif
        };

        """;
}
