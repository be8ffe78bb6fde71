using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Modpost;
using Klp.Symbols;
using Klp.Toolchain;
using Klp.Verify;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpModpost : ModuleStage
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var profile = Profile;
        var (input, output) = (FullPath(InputFile), FullPath(OutputFile));
        var sources = ModuleSources();
        var words = CommonWords(profile).Append("version " + Version).Concat(ModuleInfo.Select(i => $"{i.ItemSpec}={i.GetMetadata("Value")}"));
        var inputs = CommonInputs().Append(input).Concat(sources.SelectMany(s => s.Dependencies.Append(s.File))).Distinct(StringComparer.Ordinal);
        Recorded("Modpost", [output], words, inputs, diagnostics, (record, said) => Create(input, output, profile, sources, record, said));
    }

    private bool Create(string input, string output, KernelProfile profile, IReadOnlyList<ModuleSource> sources, StageRecord record, DiagnosticBag diagnostics)
    {
        if (ElfFiles.Read(input, diagnostics) is not { } module || Symvers(diagnostics) is not { } symvers)
        {
            return false;
        }

        var lines = Lines(module, profile);
        var patch = PatchModel.Read(module, Layout(profile), lines, diagnostics);
        if (Plan(module, input, patch, profile, lines, record, diagnostics) is not { } plan)
        {
            return false;
        }

        var request = new ModpostInput
        {
            Module = module,
            ModuleFile = input,
            Profile = profile,
            Symvers = symvers,
            Imports = [.. plan.Imports.Select(s => s.Export!)],
            ModuleName = ModuleName,
            IsLivepatch = patch.HasPatch,
            Version = Version.Length == 0 ? null : Version,
            ExtraModinfo = [.. ModuleInfo.Select(i => KeyValuePair.Create(i.ItemSpec, i.GetMetadata("Value")))],
            Sources = sources,
            Lines = lines,
        };

        // Also after errors of the plan: a wrong licence and an undefined symbol are told in one run. And what cannot be replaced, which else the last stage tells.
        var made = ModuleRecord.Create(request, diagnostics);
        if (diagnostics.HasErrors && ClaimsFile.Length > 0)
        {
            VerifyClaims(module, profile, diagnostics);
        }

        return made is not null && !diagnostics.HasErrors && SafeFile.Write(output, made.Write(), diagnostics);
    }

    private void VerifyClaims(ElfFile module, KernelProfile profile, DiagnosticBag diagnostics)
    {
        var claims = FullPath(ClaimsFile);
        if (ElfFiles.Read(claims, diagnostics) is { } merged && Rules(diagnostics) is { } rules && Index(rules, diagnostics) is { } index)
        {
            // What is wrong with the tables themselves has been said of the other object.
            var patch = PatchModel.Read(merged, Layout(profile), Lines(merged, profile), []);
            Verifier.VerifyClaims(
                new VerifyInput { Module = module, ModuleFile = claims, Rules = rules, Profile = profile, Patch = patch, Index = index, DeclaredObjects = [.. PatchedObjects.Select(o => o.ItemSpec)] }, diagnostics);
        }
    }

    private IReadOnlyList<ModuleSource> ModuleSources() =>
    [
        .. Objects.Select(o =>
        {
            var file = o.GetMetadata("Source");
            return new ModuleSource(file, o.GetMetadata("Dependencies").Split('\n', StringSplitOptions.RemoveEmptyEntries), Path.GetDirectoryName(file)!);
        }),
    ];
}
