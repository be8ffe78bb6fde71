using Klp.Base;
using Klp.Elf;
using Klp.Modpost;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Modpost;

/// <summary>What cannot be linked is refused with a code, and no damage to an object brings the linker down.</summary>
public sealed class LinkErrorTests
{
    private const string Script = "SECTIONS { /DISCARD/ : { *(.discard) *(.discard.*) } .data 0 : ALIGN(8) { *(SORT(.data.*)) } }";

    [Fact]
    public void A_reference_from_loaded_data_to_discarded_data_is_an_error_and_one_from_debug_data_is_not()
    {
        const string Text = ".section .discard.x\ngone: .quad 0\n.section .debug_x\n.quad gone\n";
        Assert.Empty(Link(Text, "", out _));
        var found = Link(Text + ".data\n.quad gone\n.quad gone+4\n.section .text\n.quad gone\n", "", out var linked);
        Assert.Null(linked);
        Assert.Equal(["KLP0581", "KLP0581"], found.Select(d => d.Id));
        Assert.Contains(found, d => d.Message.StartsWith("Section .data (byte 0x0)", StringComparison.Ordinal));
        Assert.Contains(found, d => d.Message.StartsWith("Section .text (byte 0x0)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_of_the_record_that_the_sources_define_too_is_an_error()
    {
        const string Definition = ".data\n.globl __this_module\n__this_module: .quad 0\n";
        Assert.Equal(["KLP0582"], Link(Definition, Definition, out _).Select(d => d.Id));
        Assert.Empty(Link(".weak __this_module\n" + Definition.Replace(".globl", ".weak", StringComparison.Ordinal), Definition, out var linked));
        Assert.Equal(SymbolBinding.Global, linked!.Symbols.Single(s => s.Name == "__this_module").Binding);
    }

    [Fact]
    public void The_livepatch_mark_of_several_sources_is_said_once_and_nothing_moves()
    {
        const string Text = ".section .modinfo,\"a\"\n.asciz \"livepatch=Y\"\n.asciz \"a=b\"\n.asciz \"livepatch=Y\"\n.asciz \"author=x\"\nlast:\n";
        Assert.Empty(Link(Text, "", out var linked));
        Assert.Equal(["livepatch=Y", "a=b", "author=x"], Modinfo.Read(linked!).Entries);
        Assert.Equal(Assemble(Text).FindSection(".modinfo")!.Data.Length, linked!.FindSection(".modinfo")!.Data.Length);
    }

    [Fact]
    public void Comdat_groups_are_dissolved_and_their_sections_stay()
    {
        Assert.Empty(Link(".section .g1,\"aG\",@progbits,sig,comdat\n.quad 1\n.section .g2,\"aG\",@progbits,sig,comdat\n.quad other\n", "", out var linked));
        Assert.DoesNotContain(linked!.Sections, s => s.Type == SectionType.Group || s.Flags.HasFlag(SectionFlags.Group));
        Assert.NotNull(linked.FindSection(".g1"));
        Assert.NotNull(linked.FindSection(".rela.g2"));
    }

    [Fact]
    public void A_module_that_was_converted_or_is_of_another_kind_is_refused()
    {
        Assert.Equal(["KLP0583"], Link(".section .klp.rela.vmlinux..text,\"a\"\n.quad 1\n", "", out _).Select(d => d.Id));
        var object1 = Assemble(".data\n.quad x\n");
        object1.Type = ElfType.Executable;
        Assert.Equal(["KLP0583"], Link(object1, Assemble(""), out _).Select(d => d.Id));
        var arm = new ElfFile(ByteOrder.Little, ElfMachine.AArch64, 0);
        Assert.Equal(["KLP0583"], Link(Assemble(""), arm, out _).Select(d => d.Id));
    }

    [Fact]
    public void The_property_note_holds_what_every_part_promises()
    {
        static string Note(uint type, uint value) => $".section .note.gnu.property,\"a\"\n.p2align 3\n.long 4,16,5\n.asciz \"GNU\"\n.long 0x{type:x},4,{value},0\n";
        byte[]? Merged(string a, string b)
        {
            Assert.Empty(Link(a, b, out var linked));
            return linked!.FindSection(".note.gnu.property")?.Data.ToArray();
        }

        Assert.Equal(3, Merged(Note(0xc0000002, 3), Note(0xc0000002, 3))![24]);
        Assert.Equal(1, Merged(Note(0xc0000002, 3), Note(0xc0000002, 1))![24]);
        Assert.Equal(7, Merged(Note(0xc0008002, 3), Note(0xc0008002, 4))![24]);
        Assert.Null(Merged(Note(0xc0000002, 1), Note(0xc0000002, 2)));
        Assert.Null(Merged(Note(0xc0000002, 3), ""));
        Assert.Null(Merged(".section .note.gnu.property,\"a\"\n.long 4,77,5\n", Note(0xc0000002, 3)));
    }

    [Fact]
    public void Same_inputs_have_the_same_build_id_and_others_another()
    {
        byte[] Id(string text)
        {
            Assert.Empty(Link(text, ".section .modinfo,\"a\"\n.asciz \"a=b\"\n", out var linked));
            return linked!.FindSection(".note.gnu.build-id")!.Data.ToArray();
        }

        Assert.Equal(Id(".data\n.quad 1\n"), Id(".data\n.quad 1\n"));
        Assert.NotEqual(Id(".data\n.quad 1\n"), Id(".data\n.quad 2\n"));
        Assert.NotEqual(new byte[20], Id(".data\n.quad 1\n")[16..]);
    }

    [Fact]
    public void Damaged_objects_are_linked_or_refused_and_never_crash()
    {
        const int Seed = 20261120;
        var kernel = ModpostKernel.For(Kernels.Newest.Release);
        using var reference = Kbuild.Build(kernel.Kernel, "livepatch", ReferenceModules.All["livepatch"]);
        var good = CCompiler.Read(File.ReadAllBytes(reference.ObjectFile));
        DebugStrip.Apply(good);
        var bytes = good.Write();
        var random = new Random(Seed);
        var (refused, linked) = (0, 0);
        for (var round = 0; round < 600; round++)
        {
            var damaged = bytes.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                // Headers and tables are where damage does most; they stand at both ends.
                var at = random.Next(3) == 0 ? random.Next(damaged.Length) : damaged.Length - 1 - random.Next(Math.Min(damaged.Length, good.Sections.Count * 64));
                damaged[at] ^= (byte)(1 << random.Next(8));
            }

            var diagnostics = new DiagnosticBag();
            if (ElfFile.Read(damaged, "damaged.o", diagnostics) is { } file)
            {
                var result = kernel.Finish(file, kernel.Input(file, "test"), diagnostics);
                Assert.True(result is not null || diagnostics.HasErrors, $"seed {Seed}, round {round}: neither a module nor an error");
            }

            Assert.All(diagnostics.Where(d => d.Severity == Severity.Error), d => Assert.StartsWith("KLP0", d.Id, StringComparison.Ordinal));
            (refused, linked) = diagnostics.HasErrors ? (refused + 1, linked) : (refused, linked + 1);
        }

        Assert.True(refused > 50 && linked > 50, $"seed {Seed}: {refused} refused, {linked} linked; the mutations test nothing");
    }

    private static DiagnosticBag Link(string first, string second, out ElfFile? linked) => Link(Assemble(first), Assemble(second), out linked);

    private static DiagnosticBag Link(ElfFile first, ElfFile second, out ElfFile? linked)
    {
        var diagnostics = new DiagnosticBag();
        linked = ModuleLinker.Link(first, second, new LinkInput { LinkerScript = Script }, diagnostics);
        Assert.Equal(diagnostics.HasErrors, linked is null);
        return diagnostics;
    }

    private static ElfFile Assemble(string text)
    {
        using var folder = new TemporaryFolder();
        folder.Write("input.s", text + "\n");
        CCompiler.Run("as", folder.Path, "--generate-missing-build-notes=no", "-mx86-used-note=no", "input.s", "-o", "input.o");
        return CCompiler.Read(File.ReadAllBytes(Path.Combine(folder.Path, "input.o")));
    }
}
