using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;
using static Klp.Tests.Verify.VerifyBench;

namespace Klp.Tests.Verify;

/// <summary>T100 to T105 and what the module loader needs besides: modinfo, struct module, versions, imports.</summary>
public sealed class LoadRuleTests
{
    [Theory]
    [InlineData("livepatch=N")]
    [InlineData("livepatch=Y\0livepatch=Y")]
    public void The_mark_of_a_livepatch_stands_there_once(string entry) => AssertFinds("KLP0720", file => file.ReplaceModinfo(e => e == "livepatch=Y" ? entry : e));

    [Theory]
    [InlineData("license=Proprietary")]
    [InlineData("license=MIT")]
    [InlineData(null)]
    public void T101_A_licence_that_is_not_the_GPL(string? entry) => AssertFinds("KLP0721", file => file.ReplaceModinfo(e => e.StartsWith("license=", StringComparison.Ordinal) ? entry : e));

    [Theory]
    [InlineData("license=GPL v2")]
    [InlineData("license=Dual MIT/GPL")]
    public void T101_Licences_compatible_with_the_GPL(string entry) => Assert.Empty(Broken(file => file.ReplaceModinfo(e => e.StartsWith("license=", StringComparison.Ordinal) ? entry : e)));

    [Theory]
    [InlineData("vermagic=6.0.0-1-amd64 SMP preempt mod_unload modversions ")]
    [InlineData(null)]
    public void T102_Another_vermagic(string? entry) => AssertFinds("KLP0722", file => file.ReplaceModinfo(e => e.StartsWith("vermagic=", StringComparison.Ordinal) ? entry : e));

    [Fact]
    public void T102_Only_another_release_is_a_warning_for_a_foreign_module_with_versions()
    {
        var finding = AssertFinds("KLP0722", file => file.ReplaceModinfo(e => e.Replace("vermagic=" + VerifyBench.Kernel.Release, "vermagic=6.0.0", StringComparison.Ordinal)), i => i with { HoldsContract = false });
        Assert.Equal(Severity.Warning, finding.Severity);
    }

    [Fact]
    public void T103_Without_versions() => AssertFinds("KLP0730", file => file.RemoveSections((_, s) => s.Name == "__versions"));

    [Fact]
    public void T103_An_import_without_a_version() => AssertFinds("KLP0732", file => EditVersions(file, (name, crc) => name == "klp_enable_patch" ? null : (name, crc)));

    [Fact]
    public void T103_Without_module_layout() => AssertFinds("KLP0732", file => EditVersions(file, (name, crc) => name == "module_layout" ? null : (name, crc)));

    [Fact]
    public void T103_Another_version() => AssertFinds("KLP0733", file => EditVersions(file, (name, crc) => name == "klp_enable_patch" ? (name, crc ^ 1) : (name, crc)));

    [Fact]
    public void A_table_of_versions_of_odd_size() => AssertFinds("KLP0731", file => file.FindSection("__versions")!.Data = file.FindSection("__versions")!.Data.ToArray().Append((byte)1).ToArray());

    [Fact]
    public void T104_The_entry_of_ftrace_stays_undefined() => Assert.DoesNotContain(Broken(file => Undefined(file, "__fentry__")), d => d.Id is not "KLP0732");

    [Fact]
    public void T105_Every_undefined_symbol_that_is_not_exported_is_named_in_one_run()
    {
        var found = Broken(file =>
        {
            Undefined(file, "no_such_function");
            Undefined(file, "another_missing_one");
            Undefined(file, "si_swapinfo");
        });
        Assert.Equal(["another_missing_one", "no_such_function", "si_swapinfo"], found.Where(d => d.Id == "KLP0735").Select(d => d.Message.Split(' ')[0]).Order(StringComparer.Ordinal));
        Assert.Contains(found, d => d.Message.Contains("vmlinux has it, unexported", StringComparison.Ordinal));
    }

    [Fact]
    public void A_weak_undefined_symbol_may_be_missing() => Assert.Empty(Broken(file => Undefined(file, "perhaps_there", SymbolBinding.Weak)));

    [Fact]
    public void An_export_in_a_namespace_must_be_imported()
    {
        var (name, space) = NamespacedExport();
        var finding = AssertFinds("KLP0737", file => Undefined(file, name), "KLP0732", "KLP0738");
        Assert.Contains(space, finding.Cure, StringComparison.Ordinal);
        Assert.DoesNotContain("KLP0737", Broken(file =>
        {
            Undefined(file, name);
            file.ReplaceModinfo(e => e == "livepatch=Y" ? $"livepatch=Y\0import_ns={space}" : e);
        }).Select(d => d.Id));
    }

    [Fact]
    public void A_dependency_on_the_patched_module_names_what_is_imported_from_it()
    {
        void Depend(ElfFile file) => file.ReplaceModinfo(e => e.StartsWith("depends=", StringComparison.Ordinal) ? "depends=pktgen" : e);
        Assert.Contains("Take pktgen out of depends", AssertFinds("KLP0724", Depend).Cure, StringComparison.Ordinal);

        var symvers = Symvers.Parse("0x00000000\ttheirs\tnet/core/pktgen\tEXPORT_SYMBOL_GPL\t\n"u8.ToArray(), "Module.symvers", new DiagnosticBag());
        var finding = Broken(
            file =>
            {
                Depend(file);
                Undefined(file, "theirs");
            },
            i => i with { Symvers = symvers }).Single(d => d.Id == "KLP0724");
        Assert.Contains("KLP_RELOC_SYMBOL(pktgen, pktgen, theirs)", finding.Cure, StringComparison.Ordinal);
        Assert.Equal(["imported from pktgen: theirs"], finding.Notes);
    }

    [Fact]
    public void An_entry_that_all_modules_of_the_kernel_carry() => AssertFinds("KLP0723", file => file.ReplaceModinfo(e => e.StartsWith("retpoline=", StringComparison.Ordinal) ? null : e));

    [Fact]
    public void Two_modinfo_sections() => AssertFinds("KLP0725", file => file.AddSection(new ElfSection { Name = ".modinfo", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc, Data = "a=b\0"u8.ToArray() }));

    [Fact]
    public void No_struct_module() => AssertFinds("KLP0726", file => file.FindSection(".gnu.linkonce.this_module")!.Name = ".data.this_module");

    [Fact]
    public void A_struct_module_that_is_not_in_memory() => AssertFinds("KLP0726", file => file.FindSection(".gnu.linkonce.this_module")!.Flags = SectionFlags.Write);

    [Theory]
    [InlineData(64)]
    [InlineData(-64)]
    public void A_struct_module_of_another_size(int difference) => AssertFinds("KLP0727", file =>
    {
        var section = file.FindSection(".gnu.linkonce.this_module")!;
        var data = section.Data.ToArray();
        Array.Resize(ref data, data.Length + difference);
        section.Data = data;
    }, "KLP0745", "KLP0729");

    [Fact]
    public void Old_kernels_take_a_longer_struct_module_of_another_tool() =>
        Assert.Equal(Severity.Warning, AssertFinds("KLP0727", file =>
        {
            var section = file.FindSection(".gnu.linkonce.this_module")!;
            section.Data = section.Data.ToArray().Concat(new byte[64]).ToArray();
        }, i => i with { HoldsContract = false, Rules = LoaderRules.For("6.1.0") }).Severity);

    [Fact]
    public void Two_names_of_one_module() => AssertFinds("KLP0728", file => file.ReplaceModinfo(e => e == "name=finished" ? "name=other" : e));

    [Fact]
    public void A_struct_module_without_init() => Assert.Equal(Severity.Error, AssertFinds("KLP0729", file => DropPointer(file, first: true)).Severity);

    [Fact]
    public void A_struct_module_without_exit() => Assert.Equal(Severity.Warning, AssertFinds("KLP0729", file => DropPointer(file, first: false)).Severity);

    private static void DropPointer(ElfFile file, bool first)
    {
        var section = file.FindSection(".rela.gnu.linkonce.this_module")!;
        var ordered = file.RelocationsOf(section).OrderBy(r => r.Offset).ToList();
        ordered.RemoveAt(first ? 0 : 1);
        file.SetRelocations(section, ordered);
    }

    private static void Undefined(ElfFile file, string name, SymbolBinding binding = SymbolBinding.Global) => file.AddSymbol(new ElfSymbol { Name = name, Binding = binding });

    private static (string Name, string Namespace) NamespacedExport()
    {
        var symvers = FinishedModule.For(VerifyBench.Kernel).Symvers;
        var export = symvers.Names.Order(StringComparer.Ordinal).Select(symvers.Find).First(e => e is { Namespace.Length: > 0 } && !e.Namespace.StartsWith("module:", StringComparison.Ordinal));
        return (export!.Name, export.Namespace!);
    }

    private static void EditVersions(ElfFile file, Func<string, ulong, (string Name, ulong Crc)?> edit)
    {
        var section = file.FindSection("__versions")!;
        var entries = new List<byte>();
        for (var data = section.Data; data.Length >= 64; data = data[64..])
        {
            var name = System.Text.Encoding.ASCII.GetString(data.Span[8..64]).TrimEnd('\0');
            if (edit(name, file.ByteOrder.ReadUInt64(data.Span)) is { } kept)
            {
                var entry = data[..64].ToArray();
                file.ByteOrder.WriteUInt64(entry, kept.Crc);
                entries.AddRange(entry);
            }
        }

        section.Data = entries.ToArray();
    }
}
