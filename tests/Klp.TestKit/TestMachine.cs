using Klp.Elf;

namespace Klp.TestKit;

/// <summary>One machine the tests compile for: its compiler, with the options a kernel gives it where they change relocations.</summary>
public sealed record TestMachine(string Name, ElfMachine Machine, string Compiler, string ReadElf, IReadOnlyList<string> Options)
{
    private static readonly string[] s_common = ["-O2", "-ffreestanding", "-fno-common", "-fno-asynchronous-unwind-tables", "-fno-stack-protector", "-w"];

    public static TestMachine X86_64 { get; } = new("x86_64", ElfMachine.X86_64, "gcc", "readelf", [.. s_common, "-mcmodel=kernel", "-fno-pic", "-mno-red-zone", "-fcf-protection=none"]);

    public static TestMachine Arm64 { get; } = new("arm64", ElfMachine.AArch64, "aarch64-linux-gnu-gcc", "readelf", [.. s_common, "-fno-pic", "-mgeneral-regs-only"]);

    public static TestMachine Ppc64le { get; } = new("ppc64le", ElfMachine.Ppc64, "powerpc64le-linux-gnu-gcc", "readelf", [.. s_common, "-fno-pic", "-mcmodel=medium", "-mno-vsx", "-mno-altivec"]);

    public static TestMachine S390x { get; } = new("s390x", ElfMachine.S390, "s390x-linux-gnu-gcc", "readelf", [.. s_common, "-fPIC", "-msoft-float"]);

    public static IReadOnlyList<TestMachine> All { get; } = [X86_64, Arm64, Ppc64le, S390x];

    public static TestMachine Named(string name) => All.Single(m => m.Name == name);

    public ElfFile Compile(string source, params IEnumerable<string> options) => CCompiler.CompileElf(source, Compiler, [.. Options, .. options]);

    public override string ToString() => Name;
}
