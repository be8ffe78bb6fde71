namespace Klp.Tests.Modpost;

/// <summary>Small modules that together have every kind of section and modinfo a module gets; each is built by kbuild and by us.</summary>
internal static class ReferenceModules
{
    private const string Rest = """

        MODULE_LICENSE("GPL");
        MODULE_DESCRIPTION("test");

        """;

    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> All { get; } = new Dictionary<string, IReadOnlyDictionary<string, string>>
    {
        ["livepatch"] = One("livepatch.c", """
            #include <linux/module.h>
            #include <linux/livepatch.h>
            #include <linux/seq_file.h>
            static int show(struct seq_file *m, void *v) { seq_printf(m, "%s\n", "patched"); WARN_ON(!v); return 0; }
            static struct klp_func funcs[] = {{ .old_name = "cmdline_proc_show", .new_func = show }, { }};
            static struct klp_object objs[] = {{ .funcs = funcs }, { }};
            static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objs };
            static int __init start(void) { return klp_enable_patch(&patch); }
            static void __exit stop(void) { }
            module_init(start);
            module_exit(stop);
            MODULE_INFO(livepatch, "Y");
            """),
        ["two"] = new Dictionary<string, string>
        {
            ["a.c"] = """
                #include <linux/module.h>
                #include <linux/jump_label.h>
                #include <linux/percpu.h>
                #include <linux/slab.h>
                #include "two.h"
                DEFINE_STATIC_KEY_FALSE(two_key);
                DEFINE_PER_CPU(unsigned long, two_counter);
                static int zero[100];
                static const char *const names[] = { "one", "two", "three" };
                static int param = 3;
                module_param(param, int, 0644);
                MODULE_PARM_DESC(param, "a parameter");
                static int __init start(void)
                {
                	void *p = kmalloc(param, GFP_KERNEL);
                	if (static_branch_unlikely(&two_key))
                		pr_info("%s %d\n", names[param % 3], zero[param % 100]);
                	this_cpu_inc(two_counter);
                	kfree(p);
                	return other(param);
                }
                static void __exit stop(void) { static_branch_enable(&two_key); zero[param % 100]++; }
                module_init(start);
                module_exit(stop);
                """ + Rest,
            ["b.c"] = """
                #include <linux/module.h>
                #include <linux/uaccess.h>
                #include <linux/mutex.h>
                #include "two.h"
                static DEFINE_MUTEX(lock);
                static int __initdata once = 5;
                static noinline __init int init_only(void) { return once; }
                int __ref other(int x)
                {
                	char buffer[64];
                	if (copy_from_user(buffer, (void __user *)(long)x, sizeof(buffer)))
                		return -EFAULT;
                	mutex_lock(&lock);
                	WARN_ONCE(buffer[0], "buffer says %d\n", buffer[0]);
                	mutex_unlock(&lock);
                	BUG_ON(x == 77);
                	return x < 0 ? init_only() : 0;
                }

                """,
            ["two.h"] = "int other(int x);\n",
        },
        ["version"] = new Dictionary<string, string>
        {
            ["version.c"] = """
                #include <linux/module.h>
                #include "version.h"
                static int __init start(void) { return VERSIONED; }
                module_init(start);
                MODULE_VERSION("1.2.3");
                MODULE_AUTHOR("A. Uthor");
                MODULE_ALIAS("other-name");
                """ + Rest,
            ["version.h"] = "/* a comment */\n#define VERSIONED \\\n  0 // and another\nstatic const char text[] = \"with \\\" quote /* no comment */\";\n",
        },
        ["with-dashes"] = One("with-dashes.c", """
            #include <linux/module.h>
            #include <linux/netdevice.h>
            #include <linux/mii.h>
            #include <linux/crc7.h>
            #include <linux/dma-buf.h>
            #include <linux/version.h>
            static int __init start(void)
            {
            	struct mii_if_info info = { };
            	return mii_link_ok(&info) + crc7_be(0, "x", 1) + IS_ERR(dma_buf_get(1));
            }
            static void __exit stop(void) { }
            module_init(start);
            module_exit(stop);
            #if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
            MODULE_IMPORT_NS(DMA_BUF);
            #else
            MODULE_IMPORT_NS("DMA_BUF");
            #endif
            """),
        ["sections"] = One("sections.c", """
            #include <linux/module.h>
            #include <linux/static_call.h>
            #include <linux/cache.h>
            #include <linux/workqueue.h>
            #include <linux/once.h>
            static int first(int x) { return x + 1; }
            static int second(int x) { return x + 2; }
            DEFINE_STATIC_CALL(sections_call, first);
            static int kept __ro_after_init = 1;
            static int often __read_mostly = 2;
            static const int table[] __aligned(64) = { 1, 2, 3 };
            static char mine[16] __used __section(".data.mine") = "mine";
            static unsigned long list[] __used __section("mine_list") = { (unsigned long)first, (unsigned long)mine, (unsigned long)&kept + 2 };
            extern int perhaps(int x) __weak;
            extern char __start_mine_list[] __weak;
            static void work(struct work_struct *w) { DO_ONCE_LITE(pr_info, "once\n"); }
            static DECLARE_WORK(job, work);
            static int __init start(void)
            {
            	schedule_work(&job);
            	pr_debug("%d %d\n", kept, often);
            	trace_printk("%d\n", table[often % 3]);
            	static_call_update(sections_call, &second);
            	return static_call(sections_call)(often) + (perhaps ? perhaps(1) : 0) + (__start_mine_list == NULL);
            }
            static void __exit stop(void) { cancel_work_sync(&job); }
            module_init(start);
            module_exit(stop);
            """),
        // Not quite nothing: without any function ld pads .data by a leftover of its location counter, which nobody reads.
        ["smallest"] = One("smallest.c", "#include <linux/module.h>\nstatic int __init start(void) { return 0; }\nmodule_init(start);"),
    };

    private static Dictionary<string, string> One(string name, string text) => new() { [name] = text + Rest };
}
