using Klp.Base;
using Klp.Elf;
using Klp.Symbols;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.PatchTables;

/// <summary>Damaged records and tables: an error or a model, never a crash and never a hang.</summary>
public sealed class PatchMutationTests
{
    private const int Seed = 20260113;

    [Fact]
    public void Damaged_records_never_crash_and_an_error_leaves_the_file_alone()
    {
        var bytes = KernelCompiler.For(Kernels.Newest).CompileElf(Sources.Header, "gcc", "-g0").Write();
        var outcomes = Mutate(bytes, Soak.Rounds(1500), [".klp.patch", ".rela.klp.patch", ".symtab"], file =>
        {
            var before = file.Write();
            var diagnostics = new DiagnosticBag();
            var succeeded = Klp.Modpost.PatchTables.Apply(file, TestTemplate.For(Kernels.Newest), diagnostics);
            Assert.Equal(!succeeded, diagnostics.HasErrors);
            Assert.True(succeeded || before.AsSpan().SequenceEqual(file.Write()));
            _ = file.Write();
            return succeeded;
        });
        Assert.True(outcomes is { Succeeded: > 0, Failed: > 100 }, $"{outcomes} with seed {Seed}");
    }

    [Fact]
    public void Damaged_tables_never_crash_the_reader()
    {
        var bytes = KernelCompiler.For(Kernels.Newest).CompileElf(Sources.Plain, "gcc", "-g0").Write();
        var outcomes = Mutate(bytes, Soak.Rounds(1500), [".data", ".rela.data", ".symtab", ".rodata.str1.1"], file =>
        {
            var diagnostics = new DiagnosticBag();
            var model = PatchModel.Read(file, TestTemplate.For(Kernels.Newest).Livepatch!, LineTable.Empty, diagnostics);
            PatchClaims.Check(model, 55, 511, diagnostics);
            return model.IsReadable;
        });
        Assert.True(outcomes is { Succeeded: > 0, Failed: > 50 }, $"{outcomes} with seed {Seed}");
    }

    [Fact]
    public void Objects_that_share_one_endless_table_are_given_up_soon()
    {
        var layout = TestTemplate.For(Kernels.Newest).Livepatch!;
        var file = new ElfFile(ByteOrder.Little, ElfMachine.X86_64, 0);
        const int Count = 20_000;
        var data = file.AddSection(new ElfSection { Name = ".data", Type = SectionType.ProgBits, Flags = SectionFlags.Alloc | SectionFlags.Write, Data = new byte[Count * layout.ObjectSize], Alignment = 8 });
        var module = file.AddSymbol(new ElfSymbol { Name = "__this_module", Binding = SymbolBinding.Global });
        var start = file.AddSymbol(new ElfSymbol { Name = "data", SectionIndex = (ushort)data });
        var relocations = new List<ElfRelocation> { new((ulong)layout.PatchModule, (uint)module, 1, 0), new((ulong)layout.PatchObjects, (uint)start, 1, layout.ObjectSize) };
        for (var i = layout.ObjectSize; i + 16 < Count * layout.ObjectSize; i += 8)
        {
            relocations.Add(new ElfRelocation((ulong)i, (uint)start, 1, layout.ObjectSize));
        }

        var section = new ElfSection { Name = ".rela.data", Type = SectionType.RelocationWithAddend, Info = (uint)data, EntrySize = 24, Alignment = 8 };
        file.SetRelocations(section, relocations);
        file.AddSection(section);
        var model = PatchModel.Read(file, layout, LineTable.Empty, new DiagnosticBag());
        Assert.Equal((true, false), (model.HasPatch, model.IsReadable));
    }

    private static (int Succeeded, int Failed) Mutate(byte[] bytes, int count, string[] sections, Func<ElfFile, bool> run)
    {
        var random = new Random(Seed);
        var targets = CCompiler.Read(bytes).Sections.Where(s => sections.Contains(s.Name) && s.Data.Length > 0).Select(s => ((int)s.RecordedOffset, s.Data.Length)).ToArray();
        Assert.NotEmpty(targets);
        var (succeeded, failed) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var copy = (byte[])bytes.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var (offset, length) = targets[random.Next(targets.Length)];
                var at = offset + random.Next(length);
                copy[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)(copy[at] ^ (1 << random.Next(8))), _ => (byte)(random.Next(2) * 255) };
            }

            if (ElfFile.Read(copy, "mutated.o", new DiagnosticBag()) is { } file)
            {
                _ = run(file) ? succeeded++ : failed++;
            }
        }

        return (succeeded, failed);
    }
}
