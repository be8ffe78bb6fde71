using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.Kernel;

/// <summary>The template object of a real kernel, and what is said where it does not hold together as it would with headers of several versions.</summary>
public sealed class ModuleTemplateTests
{
    private static readonly TestKernel s_kernel = Kernels.Newest;

    public static TheoryData<string, string> Broken => new()
    {
        { "facts renamed", "no readable .klp.facts section" },
        { "facts cut", "no readable .klp.facts section" },
        { "fact too large", "no readable .klp.facts section" },
        { "fact missing", "the fact PatchObjects is missing" },
        { "module renamed", "its struct module is missing or has another size than its facts say" },
        { "module of another size", "its struct module is missing or has another size than its facts say" },
        { "init elsewhere", "does not refer to init_module at the place its facts say" },
        { "name outside", "its facts lie outside its struct module" },
        { "vermagic missing", "it has no vermagic" },
    };

    [Fact]
    public void The_object_of_a_real_kernel_is_read()
    {
        var diagnostics = new DiagnosticBag();
        var template = ModuleTemplateReader.Read(Compile(), "headers", diagnostics);
        Assert.True(template is not null, diagnostics.ToString());
        Assert.Empty(diagnostics);
        Assert.StartsWith(s_kernel.Release + " ", template.Vermagic, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_does_not_hold_together_is_an_error_that_names_the_contradiction(string how, string text)
    {
        var file = Compile();
        Break(file, how);
        var diagnostics = new DiagnosticBag();
        Assert.Null(ModuleTemplateReader.Read(file, "headers", diagnostics));
        var error = Assert.Single(diagnostics);
        Assert.Equal(("KLP0212", Severity.Error, "headers"), (error.Id, error.Severity, error.Place.File));
        Assert.Contains("cannot be used: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Contains("headers again", error.Cure, StringComparison.Ordinal);
    }

    private static ElfFile Compile() =>
        KernelCompiler.For(s_kernel).CompileElf(ModuleTemplateSource.For(File.ReadAllText(Path.Combine(KernelProfiles.For(s_kernel).SourceTree, "include/linux/livepatch.h"))));

    private static void Break(ElfFile file, string how)
    {
        var facts = file.FindSection(ModuleTemplateSource.FactsSection)!;
        var module = file.FindSection(".gnu.linkonce.this_module")!;
        switch (how)
        {
            case "facts renamed":
                facts.Name = ".klp.other";
                break;
            case "facts cut":
                facts.Data = facts.Data[..^8];
                break;
            case "fact too large":
                Set(file, TemplateFact.FuncSize, 1 << 21);
                break;
            case "fact missing":
                var at = PlaceOf(file, TemplateFact.PatchObjects);
                facts.Data = (byte[])[.. facts.Data.Span[..at], .. facts.Data.Span[(at + 16)..]];
                break;
            case "module renamed":
                module.Name = ".data";
                break;
            case "module of another size":
                Set(file, TemplateFact.ModuleSize, module.Size + 64);
                break;
            case "init elsewhere":
                Set(file, TemplateFact.ModuleInit, 8);
                break;
            case "name outside":
                Set(file, TemplateFact.ModuleName, module.Size);
                break;
            default:
                file.FindSection(".modinfo")!.Data = "license=GPL\0"u8.ToArray();
                break;
        }
    }

    private static void Set(ElfFile file, TemplateFact fact, ulong value)
    {
        var section = file.FindSection(ModuleTemplateSource.FactsSection)!;
        var bytes = section.Data.ToArray();
        file.ByteOrder.WriteUInt64(bytes.AsSpan(PlaceOf(file, fact) + 8), value);
        section.Data = bytes;
    }

    private static int PlaceOf(ElfFile file, TemplateFact fact)
    {
        var data = file.FindSection(ModuleTemplateSource.FactsSection)!.Data.Span;
        for (var at = 0; at < data.Length; at += 16)
        {
            if (file.ByteOrder.ReadUInt64(data[at..]) == (ulong)fact)
            {
                return at;
            }
        }

        throw new InvalidOperationException($"no fact {fact}");
    }
}
