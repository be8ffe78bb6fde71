using Klp.Base;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>Claims that the target kernel does not bear out: one run tells all of them, each at the line of its macro.</summary>
public sealed class ClaimTests
{
    [Fact]
    public void Every_wrong_claim_is_told_at_the_line_of_its_macro()
    {
        var kernel = Kernels.BySeries("6.1");
        using var project = SdkProject.Patch(kernel);
        project.Build().Succeeded();
        var module = File.ReadAllBytes(project.Module(kernel));
        var renamed = Renamed(kernel);
        (string Claim, string Code, string[] Words)[] claims =
        [
            ("KLP_FUNC(vmlinux, cmdline_proc_shwo, int, void)", "KLP0780", ["cmdline_proc_show"]),
            ($"KLP_FUNC(vmlinux, {renamed}, int, void)", "KLP0780", [renamed + ".isra.0", "KLP_FUNC_NAMED"]),
            ("KLP_FUNC(vmlinux, type_show, int, void)", "KLP0781", ["KLP_FUNC_POS(vmlinux, type_show, n,", "times"]),
            ("KLP_FUNC_POS(vmlinux, enabled_show, 999, int, void)", "KLP0782", ["no position 999", "Positions count from 1"]),
            ("KLP_FUNC(vmlinux, saved_command_line, int, void)", "KLP0783", ["no function but data"]),
            ("KLP_FUNC(vmlinux, start_kernel, int, void)", "KLP0784", [".init section"]),
            ("KLP_FUNC(vmlinux, memcpy, int, void)", "KLP0787", ["no ftrace entry"]),
            ("KLP_FUNC(binfmt_script, load_script, int, void)", "KLP0785", ["Use vmlinux here"]),
            ("KLP_FUNC(pktgne, pgctrl_show, int, void)", "KLP0786", ["pktgen"]),
        ];
        var lines = claims.Select(c => $"{c.Claim} {{ return 0; }}");
        project.Write("fix.c", "#include <linux/seq_file.h>\n#include <klp/patch.h>\n" + string.Join('\n', lines) + "\nKLP_MODULE(\"GPL\");\n");

        var build = project.Build();

        var errors = Refusal.All(project, build);
        Assert.True(claims.Length == errors.Count, build.Output);
        for (var i = 0; i < claims.Length; i++)
        {
            Refusal.Check(errors.At("fix.c", i + 3), build, claims[i].Code, claims[i].Words);
        }

        Assert.Equal(module, File.ReadAllBytes(project.Module(kernel)));
    }

    [Fact]
    public void A_symbol_that_is_missing_does_not_hide_a_claim_that_is_wrong()
    {
        using var project = SdkProject.Patch();
        project.Write("fix.c", "#include <klp/patch.h>\n\nextern int no_such_function(void);\nKLP_FUNC(vmlinux, cmdline_proc_shwo, int, void)\n{\n\treturn no_such_function();\n}\nKLP_MODULE(\"GPL\");\n");

        var build = project.Build();

        var errors = Refusal.All(project, build);
        Assert.True(errors.Count == 2, build.Output);
        Refusal.Check(errors.At("fix.c", 6), build, "KLP0351", "no_such_function");
        Refusal.Check(errors.At("fix.c", 4), build, "KLP0780", "cmdline_proc_show");

        // Who has switched the verifier off is not told its verdicts here either.
        Refusal.One(project, project.Build("-p:EnableKlpVerify=false"), "KLP0351", "no_such_function");
    }

    [Fact]
    public void Two_claims_on_one_function_name_both_lines()
    {
        using var project = SdkProject.Patch();
        project.Write("other.c", "#include <linux/seq_file.h>\n#include <klp/patch.h>\n\nKLP_FUNC_POS(vmlinux, cmdline_proc_show, 1, int, struct seq_file *m, void *v) { return 0; }\n");

        var error = Refusal.One(project, project.Build(), "KLP0545", "cmdline_proc_show", "other.c(4", "fix.c(4");

        Assert.Equal(4, error.LineNumber);
    }

    /// <summary>A function that only lives on under the name the compiler gave it.</summary>
    private static string Renamed(TestKernel kernel)
    {
        var kallsyms = KernelImage.Load(kernel.ImageFile, new DiagnosticBag())!.Kallsyms;
        var names = Enumerable.Range(0, kallsyms.Count).Select(kallsyms.NameOf).ToHashSet(StringComparer.Ordinal);
        return names.Where(n => n.EndsWith(".isra.0", StringComparison.Ordinal)).Select(n => n[..^".isra.0".Length]).Where(n => !names.Contains(n)).Order(StringComparer.Ordinal).First();
    }
}
