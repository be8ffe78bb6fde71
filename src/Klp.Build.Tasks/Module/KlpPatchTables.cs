using Klp.Base;
using Klp.Modpost;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpPatchTables : KernelStage
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var profile = Profile;
        var (input, output) = (FullPath(InputFile), FullPath(OutputFile));
        Recorded("PatchTables", [output], [profile.Digest], [input], diagnostics, (_, said) =>
            ElfFiles.Read(input, said) is { } module && PatchTables.Apply(module, profile.Template, said) && SafeFile.Write(output, module.Write(), said));
    }
}
