using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Modpost;
using Klp.TestKit;

namespace Klp.Tests.Modpost;

/// <summary>A kernel's facts for tests of modpost: profile and Module.symvers.</summary>
internal sealed class ModpostKernel
{
    private ModpostKernel(TestKernel kernel, KernelProfile profile, Symvers symvers) => (Kernel, Profile, Symvers) = (kernel, profile, symvers);

    public TestKernel Kernel { get; }

    public KernelProfile Profile { get; }

    public Symvers Symvers { get; }

    public static ModpostKernel For(string release) => For(Kernels.ByRelease(release));

    public static ModpostKernel For(TestKernel kernel)
    {
        var diagnostics = new DiagnosticBag();
        var symvers = Klp.Kernel.Symvers.Read([Path.Combine(kernel.BuildDirectory, "Module.symvers")], diagnostics);
        return new ModpostKernel(kernel, KernelProfiles.For(kernel), symvers ?? throw new InvalidOperationException(diagnostics.ToString()));
    }

    /// <summary>The imports a plan would find in a module without livepatch symbols: every undefined symbol that is exported, in table order.</summary>
    public IReadOnlyList<ExportedSymbol> Imports(ElfFile module) =>
        [.. module.Symbols.Skip(1).Where(s => s.IsUndefined && s.Name.Length > 0).Select(s => Symvers.Find(s.Name)).OfType<ExportedSymbol>()];

    public ModpostInput Input(ElfFile module, string name) => new()
    {
        Module = module,
        ModuleFile = name + ".o",
        Profile = Profile,
        Symvers = Symvers,
        Imports = Imports(module),
        ModuleName = name,
        IsLivepatch = module.Symbols.Exists(s => s.Name == "klp_enable_patch"),
        Lines = LineTable.Read(module),
    };

    /// <summary>Record and link of an object, written and read again; null with what was wrong.</summary>
    public ElfFile? Finish(ElfFile module, ModpostInput input, DiagnosticBag diagnostics, bool keepDebug = true)
    {
        var link = new LinkInput { LinkerScript = Profile.ModuleLinkerScript, KeepDebug = keepDebug };
        return ModuleRecord.Create(input, diagnostics) is { } record && ModuleLinker.Link(module, record, link, diagnostics) is { } linked
            ? ElfFile.Read(linked.Write(), "ours.ko", diagnostics) : null;
    }
}
