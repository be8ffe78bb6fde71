using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.Toolchain;
using Klp.Verify;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpVerify : ModuleStage
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var profile = Profile;
        var (input, claims) = (FullPath(InputFile), FullPath(ClaimsFile));
        var passed = input + ".verified";
        Recorded("VerifyModule", [passed], CommonWords(profile), CommonInputs().Append(input).Append(claims), diagnostics, (record, said) =>
        {
            Verify(input, claims, profile, record, said);
            // The stage has no product but its findings; this file stands for "nothing was wrong".
            return !said.HasErrors && SafeFile.WriteText(passed, Digest.OfFile(input) + "\n", said);
        });
    }

    private void Verify(string input, string claims, KernelProfile profile, StageRecord record, DiagnosticBag diagnostics)
    {
        if (ElfFiles.Read(input, diagnostics) is not { } module || ElfFiles.Read(claims, diagnostics) is not { } merged
            || Rules(diagnostics) is not { } rules || Symvers(diagnostics) is not { } symvers || Index(rules, diagnostics) is not { } index)
        {
            return;
        }

        var patch = PatchModel.Read(merged, Layout(profile), Lines(merged, profile), diagnostics);
        DiscoverModules(index, patch, record);
        Verifier.Verify(new VerifyInput
        {
            Module = module,
            ModuleFile = input,
            Rules = rules,
            Profile = profile,
            Patch = patch,
            Index = index,
            Symvers = symvers,
            DeclaredObjects = [.. PatchedObjects.Select(o => o.ItemSpec)],
            Lines = Lines(module, profile),
        }, diagnostics);
    }
}
