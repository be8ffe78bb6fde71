using Klp.TestKit;

namespace Klp.Tests.Elf;

/// <summary>Objects with a bit of everything, compiled once per run: groups, ordered sections, locals, data relocations, debug data, both byte orders.</summary>
internal static class SampleObjects
{
    private const string Source = """
        extern int outside(int), *place, __attribute__((weak)) perhaps(void);
        static int counter = 3;
        static int *pointer = &counter;
        int *table[] = { &counter, (int *)&outside, (int *)&perhaps };
        __asm__(".section .text.shared,\"axG\",@progbits,shared_signature,comdat\n"
                ".globl shared_signature\nshared_signature:\n.long 1\n.previous\n"
                ".section .data.shared,\"awG\",@progbits,shared_signature,comdat\n.long 2\n.previous\n");
        static int __attribute__((noinline)) helper(int v) { return outside(v) + *pointer; }
        int one(int v) { return helper(v) + helper(*place); }
        int two(int v) { static int calls; calls += v; return outside(calls) + one(v); }
        const char *text(int v) { return v ? "some text" : "other text"; }
        """;

    private static readonly Lazy<Dictionary<string, byte[]>> Compiled = new(() => new[] { "gcc", "clang", "s390x-linux-gnu-gcc", "powerpc64le-linux-gnu-gcc", "aarch64-linux-gnu-gcc" }
        .ToDictionary(c => c, c => CCompiler.Compile(Source, c, "-g", "-O1", "-ffunction-sections", "-fdata-sections", c.StartsWith("powerpc", StringComparison.Ordinal) ? "-O1" : "-fpatchable-function-entry=1")));

    public static IReadOnlyDictionary<string, byte[]> ByCompiler => Compiled.Value;
}
