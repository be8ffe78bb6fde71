using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Kernel;
using Klp.Modpost;
using Klp.Symbols;
using Klp.Verify;

namespace Klp.Build.Tasks;

/// <summary>
/// The stages behind the compilers, run in memory on the probe's own patch while the compilers work. At its first use in a process code must be loaded, bound and
/// partly compiled by .NET, which takes longer than the stages themselves; done meanwhile, it costs a build no time. Every result is thrown away.
/// </summary>
internal sealed class Rehearsal(KernelProfile profile, LoaderRules rules, Symvers symvers, SymbolIndex index)
{
    private const string Name = "klp_rehearsal";
    private readonly DiagnosticBag _ignored = new();

    /// <summary>Runs until the end or until it is enough, whichever comes first.</summary>
    public void Run(byte[] patch, CancellationToken enough)
    {
        if (profile.Template.Livepatch is { } layout && ElfFile.Read(patch, Name, _ignored) is { } module)
        {
            using var stages = Stages(module, layout).GetEnumerator();
            while (!enough.IsCancellationRequested && stages.MoveNext())
            {
                // The next stage.
            }
        }
    }

    private IEnumerable<object> Stages(ElfFile module, LivepatchLayout layout)
    {
        yield return PatchTables.Apply(module, profile.Template, _ignored);

        var lines = LineTable.Read(module);
        var patch = PatchModel.Read(module, layout, lines, _ignored);
        yield return patch;

        var plan = Plan(module, patch, lines);
        yield return plan;

        if (Record(module, plan, lines) is not { } record)
        {
            yield break;
        }

        yield return record;

        var input = new LinkInput { LinkerScript = profile.ModuleLinkerScript, KeepDebug = true, MergedFile = Name };
        if (ModuleLinker.Link(Again(module), Again(record), input, _ignored) is not { } linked)
        {
            yield break;
        }

        yield return linked;

        linked = Again(linked);
        if (Converter.Convert(linked, Plan(linked, PatchModel.Read(linked, layout, lines, _ignored), lines), rules, _ignored) is not { } converted)
        {
            yield break;
        }

        yield return converted;

        Verifier.Verify(
            new VerifyInput { Module = Again(converted), ModuleFile = Name + ".ko", Rules = rules, Profile = profile, Patch = patch, Index = index, Symvers = symvers, Lines = lines }, _ignored);
    }

    private SymbolPlan Plan(ElfFile module, PatchModel patch, LineTable lines) => SymbolPlan.Compute(
        new PlanInput { Module = module, Patch = patch, Symvers = symvers, Index = index, Rules = rules, ModuleName = Name, Lines = lines }, _ignored);

    private ElfFile? Record(ElfFile module, SymbolPlan plan, LineTable lines)
    {
        var input = new ModpostInput
        {
            Module = module, ModuleFile = Name, Profile = profile, Symvers = symvers, Imports = ModpostInput.ImportsOf(plan), ModuleName = Name, IsLivepatch = true, Lines = lines,
        };
        return ModuleRecord.Create(input, _ignored);
    }

    // As a stage hands its product on: written and read.
    private ElfFile Again(ElfFile file) => ElfFile.Read(file.Write(), Name, _ignored) ?? file;
}
