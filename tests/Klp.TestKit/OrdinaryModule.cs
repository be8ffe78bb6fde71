namespace Klp.TestKit;

/// <summary>
/// A module of several sources that is no livepatch, for kernels that carry none. It has what differs between machines: far calls and data (GOT, PLT, TOC and stubs,
/// relocation pairs), per-CPU data, jump labels, BUG and WARN, exception tables, static calls, init and exit code, strings, and a table of pointers.
/// </summary>
public static class OrdinaryModule
{
    public const string Name = "ordinary";

    public static IReadOnlyDictionary<string, string> Sources { get; } = new Dictionary<string, string>
    {
        ["calls.c"] = """
            #include <linux/module.h>
            #include <linux/jump_label.h>
            #include <linux/percpu.h>
            #include <linux/slab.h>
            #include <linux/static_call.h>
            #include "shared.h"

            DEFINE_STATIC_KEY_FALSE(ordinary_key);
            DEFINE_PER_CPU(unsigned long, ordinary_counter);
            static int zero[100];
            static const char *const names[] = { "one", "two", "three" };
            static int param = 3;
            module_param(param, int, 0644);
            MODULE_PARM_DESC(param, "a parameter");

            static int plus_one(int x) { return x + 1; }
            static int plus_two(int x) { return x + 2; }
            DEFINE_STATIC_CALL(ordinary_call, plus_one);
            static int (*const steps[])(int) = { plus_one, plus_two, other };

            int ordinary_exported(int x)
            {
            	ordinary_table[x & 3] += names[x % 3][0];
            	return steps[x % 3](x) + static_call(ordinary_call)(x);
            }

            static int __init start(void)
            {
            	void *p = kmalloc(param, GFP_KERNEL);
            	unsigned long long big = (unsigned long long)param << 40;

            	if (static_branch_unlikely(&ordinary_key))
            		pr_info("%s %d\n", names[param % 3], zero[param % 100]);
            	this_cpu_inc(ordinary_counter);
            	static_call_update(ordinary_call, &plus_two);
            	kfree(p);
            	do_div(big, param | 1);
            	return other(param) + (int)big;
            }

            static void __exit stop(void)
            {
            	static_branch_enable(&ordinary_key);
            	zero[param % 100]++;
            }

            module_init(start);
            module_exit(stop);
            MODULE_LICENSE("GPL");
            MODULE_DESCRIPTION("a module like any other");
            MODULE_VERSION("3.2.1");
            """,
        ["data.c"] = """
            #include <linux/module.h>
            #include <linux/uaccess.h>
            #include <linux/mutex.h>
            #include <linux/workqueue.h>
            #include "shared.h"

            int ordinary_table[4] = { 1, 2, 3 };
            static DEFINE_MUTEX(lock);
            static int __initdata once = 5;
            static int kept __ro_after_init = 1;
            static char mine[16] __used __section(".data.mine") = "mine";
            static unsigned long list[] __used __section("mine_list") = { (unsigned long)mine, (unsigned long)&kept + 2 };

            static void work(struct work_struct *w) { pr_info_once("%d\n", kept); }
            static DECLARE_WORK(job, work);

            static noinline __init int init_only(void) { return once; }

            int __ref other(int x)
            {
            	char buffer[64];

            	if (copy_from_user(buffer, (void __user *)(long)x, sizeof(buffer)))
            		return -EFAULT;
            	mutex_lock(&lock);
            	WARN_ONCE(buffer[0], "buffer says %d\n", buffer[0]);
            	mutex_unlock(&lock);
            	schedule_work(&job);
            	switch (x) {
            	case 70: return list[0] & 1;
            	case 71: return kept;
            	case 72: return -EINVAL;
            	case 73: return ordinary_table[1];
            	case 74: return 12;
            	case 75: return -EBUSY;
            	}
            	BUG_ON(x == 77);
            	return x < 0 ? init_only() : 0;
            }
            """,
        ["shared.h"] = """
            int other(int x);
            int ordinary_exported(int x);
            extern int ordinary_table[4];

            """,
    };

    /// <summary>Writes the sources into a folder.</summary>
    public static void WriteTo(SdkProject project)
    {
        foreach (var (name, text) in Sources)
        {
            project.Write(name, text);
        }
    }
}
