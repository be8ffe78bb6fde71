using Klp.Base;
using Klp.Conversion;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;
using Klp.Toolchain;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpConvert : ModuleStage
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var profile = Profile;
        var (input, output) = (FullPath(InputFile), FullPath(OutputFile));
        Recorded("KlpConvert", [output], CommonWords(profile), CommonInputs().Append(input), diagnostics, (record, said) => Convert(input, output, profile, record, said));
    }

    private bool Convert(string input, string output, KernelProfile profile, StageRecord record, DiagnosticBag diagnostics)
    {
        if (ElfFiles.Read(input, diagnostics) is not { } module || Rules(diagnostics) is not { } rules)
        {
            return false;
        }

        var lines = Lines(module, profile);
        var patch = PatchModel.Read(module, Layout(profile), lines, diagnostics);

        // Modpost has made the same plan of the same references and has said what there was to say about it.
        var said = new DiagnosticBag();
        var plan = Plan(module, input, patch, profile, lines, record, said);
        diagnostics.AddRange(said.Where(d => d.Severity == Severity.Error));
        return plan is not null && !diagnostics.HasErrors
            && Converter.Convert(module, plan, rules, diagnostics) is { } converted
            && SafeFile.Write(output, converted.Write(), diagnostics);
    }
}
