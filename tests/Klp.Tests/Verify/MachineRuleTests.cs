using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Klp.Verify;
using Xunit;

namespace Klp.Tests.Verify;

/// <summary>T71 to T83, as far as a file tells: objects of the cross compilers with one reference made a livepatch relocation.</summary>
public sealed class MachineRuleTests
{
    private const string Source = "extern int outside(int); extern int value; int before(int v) { return outside(v) + value; } int after(int v) { return outside(v + 1) * 3; }";

    [Fact]
    public void T71_A_ppc64_call_with_a_nop_behind_it_is_right() => Assert.Empty(Ids(Power(), "KLP0774"));

    [Fact]
    public void T71_A_ppc64_call_without_a_nop_behind_it()
    {
        var file = Power();
        ChangeWord(file, 4, _ => 0x7c0802a6);
        Assert.Equal(["KLP0774"], Ids(file, "KLP0774"));
    }

    [Fact]
    public void T71_A_ppc64_sibling_call_is_a_warning()
    {
        var file = Power();
        ChangeWord(file, 0, word => word & ~1u);
        Assert.Equal(Severity.Warning, Find(file).First(d => d.Id == "KLP0774").Severity);
    }

    [Fact]
    public void T72_The_ABI_of_ppc64_stands_in_e_flags()
    {
        var file = Power();
        Assert.Empty(Ids(file, "KLP0703"));
        file.Flags = 0;
        Assert.Equal(["KLP0703"], Ids(file, "KLP0703"));
    }

    [Fact]
    public void T75_The_TOC_symbol_must_keep_its_name()
    {
        var file = Power();
        file.AddSymbol(new ElfSymbol { Name = ".klp.sym.vmlinux..TOC.,0", Binding = SymbolBinding.Global, SectionIndex = LivepatchFormat.SymbolSectionIndex });
        Assert.Equal(["KLP0775"], Ids(file, "KLP0775"));
    }

    [Theory]
    [InlineData("powerpc64le-linux-gnu-gcc", ".stubs")]
    [InlineData("aarch64-linux-gnu-gcc", ".plt")]
    public void T77_A_section_for_stubs_is_missing(string compiler, string section)
    {
        var file = Livepatched(compiler);
        Assert.Contains(Find(file), d => d.Id == "KLP0773" && d.Message.Contains(section, StringComparison.Ordinal));
        file.AddSection(new ElfSection { Name = section, Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Executable, Data = new byte[8] });
        Assert.DoesNotContain(Find(file), d => d.Id == "KLP0773" && d.Message.Contains($"section {section},", StringComparison.Ordinal));
    }

    [Fact]
    public void T81_The_GOT_symbol_of_s390_must_keep_its_name()
    {
        var file = Livepatched("s390x-linux-gnu-gcc", "-fPIC");
        file.AddSymbol(new ElfSymbol { Name = ".klp.sym.vmlinux._GLOBAL_OFFSET_TABLE_,0", Binding = SymbolBinding.Global, SectionIndex = LivepatchFormat.SymbolSectionIndex });
        Assert.Equal(["KLP0775"], Ids(file, "KLP0775"));
    }

    [Fact]
    public void T79_s390_relocations_through_GOT_and_PLT_are_known() => Assert.Empty(Ids(Livepatched("s390x-linux-gnu-gcc", "-fPIC"), "KLP0746"));

    [Fact]
    public void T80_A_module_that_s390_reaches_through_GOT_and_PLT_must_stay_loaded()
    {
        var file = CCompiler.CompileElf(Source, "s390x-linux-gnu-gcc", "-O2", "-fPIC");
        MakeLivepatch(file, "outside", "ext4");
        MakeLivepatch(file, "value", "vmlinux");

        var warning = Assert.Single(Find(file), d => d.Id == "KLP0799");
        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.Contains("ext4", warning.Message, StringComparison.Ordinal);
        Assert.Empty(Ids(Livepatched("s390x-linux-gnu-gcc", "-fPIC"), "KLP0799"));
    }

    [Theory]
    [InlineData("s390x-linux-gnu-gcc", "-fPIC", "6.1.0", TargetReload.IsUnsafe)]
    [InlineData("s390x-linux-gnu-gcc", "-fPIC", "7.2.0", TargetReload.IsUnsafe)]
    [InlineData("powerpc64le-linux-gnu-gcc", "-mcmodel=medium", "6.1.0", TargetReload.IsRefused)]
    [InlineData("powerpc64le-linux-gnu-gcc", "-mcmodel=medium", "6.3.0", TargetReload.Works)]
    [InlineData("gcc", "-mcmodel=kernel", "6.1.0", TargetReload.IsRefused)]
    [InlineData("gcc", "-mcmodel=kernel", "6.3.0", TargetReload.Works)]
    [InlineData("aarch64-linux-gnu-gcc", "-fno-pic", "6.17.0", TargetReload.Works)]
    public void What_a_reload_of_a_patched_module_brings_depends_on_machine_and_kernel(string compiler, string option, string release, TargetReload expected)
    {
        var file = CCompiler.CompileElf(Source, compiler, "-O2", "-fno-pic", option);
        MakeLivepatch(file, "outside", "ext4");

        Assert.Equal(expected, TargetReloadRule.Of(file, "ext4", LoaderRules.For(release)));
        // What is not referred to is not written, so nothing is left behind.
        Assert.Equal(TargetReload.Works, TargetReloadRule.Of(file, "xfs", LoaderRules.For(release)));
    }

    [Fact]
    public void T82_arm64_cannot_livepatch_before_6_17()
    {
        var file = Livepatched("aarch64-linux-gnu-gcc");
        Assert.Equal(["KLP0704"], Find(file, LoaderRules.For("6.12.0")).Where(d => d.Id == "KLP0704").Select(d => d.Id));
        Assert.DoesNotContain(Find(file, LoaderRules.For("6.17.0")), d => d.Id == "KLP0704");
    }

    [Fact]
    public void T45_A_weak_extern_of_arm64_goes_through_a_GOT_that_modules_do_not_have()
    {
        var file = CCompiler.CompileElf("extern int perhaps __attribute__((weak)); int f(void) { return perhaps; }", "aarch64-linux-gnu-gcc", "-O2", "-fno-pic");
        Assert.Contains("weak", Find(file).First(d => d.Id == "KLP0746").Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void T56_A_pointer_in_read_only_data_of_ppc64_cannot_be_written_late()
    {
        var file = CCompiler.CompileElf("extern int value; int *const pointer = &value; int *writable = &value;", "powerpc64le-linux-gnu-gcc", "-O2");
        MakeLivepatch(file, "value", "ext4");
        Assert.Contains(Find(file), d => d.Id == "KLP0772" && d.Message.Contains("rel.ro", StringComparison.Ordinal) | d.Message.Contains("rodata", StringComparison.Ordinal));
        Assert.DoesNotContain(Find(file), d => d.Id == "KLP0772" && d.Message.Contains(" .data+", StringComparison.Ordinal));
    }

    private static ElfFile Power() => Livepatched("powerpc64le-linux-gnu-gcc", "-mcmodel=medium");

    private static ElfFile Livepatched(string compiler, params string[] options)
    {
        var file = CCompiler.CompileElf(Source, compiler, ["-O2", .. options]);
        MakeLivepatch(file, "outside", "vmlinux");
        MakeLivepatch(file, "value", "vmlinux");
        return file;
    }

    private static void MakeLivepatch(ElfFile file, string name, string objectName)
    {
        var index = (uint)file.Symbols.FindIndex(s => s.Name == name);
        foreach (var section in file.RelocationSections().Select(s => s.Section).Where(s => file.Sections[(int)s.Info].IsAlloc).ToList())
        {
            var moved = file.RelocationsOf(section).Where(r => r.SymbolIndex == index).ToList();
            if (moved.Count == 0)
            {
                continue;
            }

            file.SetRelocations(section, file.RelocationsOf(section).Except(moved).ToList());
            file.AddSection(new ElfSection
            {
                Name = LivepatchFormat.SectionName(objectName, file.Sections[(int)section.Info].Name), Type = SectionType.RelocationWithAddend, Flags = LivepatchFormat.RelocationSectionFlags,
                Link = (uint)file.SymbolTableIndex, Info = section.Info, Alignment = 8, EntrySize = 24, Data = ElfRelocation.WriteAll(moved, file.ByteOrder),
            });
        }

        file.Symbols[(int)index].Name = $".klp.sym.{objectName}.{name},0";
        file.Symbols[(int)index].SectionIndex = LivepatchFormat.SymbolSectionIndex;
    }

    /// <summary>Changes a word beside the first converted call.</summary>
    private static void ChangeWord(ElfFile file, int distance, Func<uint, uint> change)
    {
        var (section, call) = file.Sections.Where(LivepatchFormat.IsLivepatchRelocation).SelectMany(s => file.RelocationsOf(s), (s, r) => (s, r)).First(c => c.r.Type == 10);
        var target = file.Sections[(int)section.Info];
        var data = target.Data.ToArray();
        var at = data.AsSpan((int)call.Offset + distance);
        file.ByteOrder.WriteUInt32(at, change(file.ByteOrder.ReadUInt32(at)));
        target.Data = data;
    }

    private static IEnumerable<string> Ids(ElfFile file, string id) => Find(file).Where(d => d.Id == id).Select(d => d.Id);

    private static DiagnosticBag Find(ElfFile file, LoaderRules? rules = null) =>
        VerifyBench.Verify(new VerifyInput { Module = CCompiler.Read(file.Write()), ModuleFile = "cross.ko", Rules = rules ?? LoaderRules.For("7.2.0"), HoldsContract = false });
}
