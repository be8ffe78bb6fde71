using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Klp.Verify;
using Xunit;

namespace Klp.Tests.Verify;

/// <summary>Breaks a good module in one way and asks what the verifier finds.</summary>
internal static class VerifyBench
{
    public static TestKernel Kernel => Kernels.Newest;

    public static ElfFile Good(TestKernel? kernel = null) => CCompiler.Read(FinishedModule.For(kernel ?? Kernel).Bytes);

    public static VerifyInput Input(ElfFile module, TestKernel? kernel = null)
    {
        var finished = FinishedModule.For(kernel ?? Kernel);
        return new VerifyInput
        {
            Module = module, ModuleFile = "finished.ko", Rules = finished.Rules, Profile = finished.Profile, Index = finished.Index, Symvers = finished.Symvers, Lines = LineTable.Read(module),
        };
    }

    public static DiagnosticBag Verify(VerifyInput input)
    {
        var diagnostics = new DiagnosticBag();
        Verifier.Verify(input, diagnostics);
        return diagnostics;
    }

    /// <summary>Findings after a change of the good module, on the way through bytes as a broken file would come.</summary>
    public static DiagnosticBag Broken(Action<ElfFile> change, Func<VerifyInput, VerifyInput>? with = null)
    {
        var module = Good();
        change(module);
        var input = Input(CCompiler.Read(module.Write()));
        return Verify(with?.Invoke(input) ?? input);
    }

    /// <summary>The change must be found as this, and as nothing else but what is named beside it.</summary>
    public static Diagnostic AssertFinds(string id, Action<ElfFile> change, params string[] alsoAllowed) => AssertFinds(id, change, null, alsoAllowed);

    public static Diagnostic AssertFinds(string id, Action<ElfFile> change, Func<VerifyInput, VerifyInput>? with, params string[] alsoAllowed)
    {
        var found = Broken(change, with);
        Assert.DoesNotContain(found, d => d.Id != id && !alsoAllowed.Contains(d.Id));
        return Assert.IsType<Diagnostic>(found.FirstOrDefault(d => d.Id == id));
    }

    public static ElfSection LivepatchSection(this ElfFile file, string objectName = "vmlinux") =>
        file.Sections.Single(s => s.Name.StartsWith(".klp.rela." + objectName + ".", StringComparison.Ordinal) && LivepatchFormat.IsLivepatchRelocation(s));

    public static void ChangeFirst(this ElfFile file, ElfSection section, Func<ElfRelocation, ElfRelocation> change)
    {
        var relocations = file.RelocationsOf(section);
        relocations[0] = change(relocations[0]);
        file.SetRelocations(section, relocations);
    }

    public static void ReplaceModinfo(this ElfFile file, Func<string, string?> change)
    {
        var section = file.FindSection(".modinfo")!;
        var entries = System.Text.Encoding.UTF8.GetString(section.Data.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(change).OfType<string>();
        section.Data = System.Text.Encoding.UTF8.GetBytes(string.Concat(entries.Select(e => e + "\0")));
    }
}
