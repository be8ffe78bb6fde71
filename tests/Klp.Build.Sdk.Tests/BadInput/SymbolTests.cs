using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>Symbols that cannot be had, and licences that forbid them: all in one run, each at its line, each with what to do.</summary>
public sealed class SymbolTests
{
    [Fact]
    public void Every_symbol_that_cannot_be_had_comes_at_once_with_names_like_it_or_modules_that_have_it()
    {
        using var project = SdkProject.Patch();
        project.Build().Succeeded();
        var module = File.ReadAllBytes(project.Module());
        project.Write("fix.c", """
            #include <linux/seq_file.h>
            #include <linux/dma-buf.h>
            #include <klp/patch.h>
            extern void klp_there_is_no_such_thing(void);
            extern int tcp_v4_connekt(void *, void *, int);
            extern void ext4_mark_inode_used(void *sb, int ino);

            KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
            {
            	klp_there_is_no_such_thing();
            	tcp_v4_connekt(NULL, NULL, 0);
            	ext4_mark_inode_used(NULL, 0);
            	dma_buf_map_attachment(NULL, 0);
            	return 0;
            }

            KLP_MODULE("Proprietary");
            """);

        var build = project.Build();

        var errors = Refusal.All(project, build);
        Assert.DoesNotContain("similar names", Refusal.Check(errors.At("fix.c", 10), build, "KLP0351", "klp_there_is_no_such_thing", "Check the spelling").Text, StringComparison.Ordinal);
        Refusal.Check(errors.At("fix.c", 11), build, "KLP0351", "similar names: tcp_v4_connect,");
        Refusal.Check(errors.At("fix.c", 12), build, "KLP0351", "ext4", "KLP_RELOC_SYMBOL");
        Refusal.Check(Assert.Single(errors, e => e.Code == "KLP0513"), build, "KLP0513", "'dma_buf_map_attachment'", "MODULE_IMPORT_NS(DMA_BUF);");
        Refusal.Check(Assert.Single(errors, e => e.Code == "KLP0511"), build, "KLP0511", "'dma_buf_map_attachment'", "\"Proprietary\"");
        Refusal.Check(errors.At("fix.c", 17), build, "KLP0512", "licence \"Proprietary\"", "\"GPL\"");
        Assert.All(errors.Where(e => e.Code is "KLP0511" or "KLP0513"), e => Assert.Equal(13, e.LineNumber));
        Assert.Equal(6, errors.Count);
        Assert.Equal(module, File.ReadAllBytes(project.Module()));
    }

    [Fact]
    public void A_place_in_a_header_of_the_kernel_is_a_file_that_can_be_opened()
    {
        using var project = SdkProject.Patch();
        project.Write("fix.c", """
            #define seq_putc klp_there_is_no_such_putc
            #include <linux/seq_file.h>
            #include <klp/patch.h>

            KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
            {
            	seq_show_option(m, "name", NULL);
            	return 0;
            }

            KLP_MODULE("GPL");
            """);

        var error = Refusal.One(project, project.Build(), "KLP0351", "klp_there_is_no_such_putc");

        Assert.EndsWith("/include/linux/seq_file.h", error.File, StringComparison.Ordinal);
        Assert.Contains("seq_putc", File.ReadAllLines(error.File)[error.LineNumber - 1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_the_message_makes_a_symbol_of_a_namespace_usable()
    {
        const string Source = """
            #include <linux/seq_file.h>
            #include <linux/dma-buf.h>
            #include <klp/patch.h>

            KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
            {
            	return IS_ERR(dma_buf_map_attachment(NULL, 0));
            }

            KLP_MODULE("GPL");

            """;
        using var project = SdkProject.Patch();
        project.Write("fix.c", Source);
        const string Cure = "Add to one source: ";
        var text = Refusal.One(project, project.Build(), "KLP0513", Cure).Text;

        project.Write("fix.c", Source + text[(text.IndexOf(Cure, StringComparison.Ordinal) + Cure.Length)..]);

        project.Build().Succeeded();
    }

    [Fact]
    public void A_symbol_that_exists_but_is_not_exported_needs_nothing_and_one_of_several_lists_them()
    {
        using var project = SdkProject.Patch();
        const string Source = """
            #include <linux/seq_file.h>
            #include <klp/patch.h>
            struct sysinfo;
            extern void si_swapinfo(struct sysinfo *);
            extern int type_show(void);

            KLP_FUNC(vmlinux, cmdline_proc_show, int, struct seq_file *m, void *v)
            {
            	si_swapinfo(NULL);
            	return CALL;
            }

            KLP_MODULE("GPL");
            """;
        project.Write("fix.c", Source.Replace("CALL", "0", StringComparison.Ordinal));
        project.Build().Succeeded();

        project.Write("fix.c", Source.Replace("CALL", "type_show()", StringComparison.Ordinal));
        var error = Refusal.One(project, project.Build(), "KLP0350", "type_show", "KLP_RELOC_SYMBOL");
        Assert.Equal(("fix.c", 10), (Path.GetFileName(error.File), error.LineNumber));
    }

    [Fact]
    public void A_missing_licence_is_told_for_either_style()
    {
        using var project = SdkProject.Patch();
        project.Write("fix.c", SdkProject.PatchSource.Replace("KLP_MODULE(\"GPL\");", "", StringComparison.Ordinal));
        var error = Refusal.One(project, project.Build(), "KLP0541", "KLP_MODULE(\"GPL\");");
        Assert.Equal(("fix.c", 4), (Path.GetFileName(error.File), error.LineNumber));

        var plain = File.ReadAllText(Repository.Combine("samples", "meminfo", "meminfo.c"));
        project.Write("fix.c", plain.Replace("MODULE_LICENSE(\"GPL\");", "", StringComparison.Ordinal));
        Refusal.One(project, project.Build(), "KLP0510", "MODULE_LICENSE(\"GPL\");");
    }
}
