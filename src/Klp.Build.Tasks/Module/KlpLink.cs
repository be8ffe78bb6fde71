using Klp.Base;
using Klp.Modpost;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpLink : KernelStage
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var profile = Profile;
        var (input, recordFile, output) = (FullPath(InputFile), FullPath(RecordFile), FullPath(OutputFile));
        var link = new LinkInput { LinkerScript = profile.ModuleLinkerScript, KeepDebug = KeepDebug, MergedFile = input };
        Recorded("LinkModule", [output], [profile.Digest, $"debug {KeepDebug}"], [input, recordFile], diagnostics, (_, said) =>
            ElfFiles.Read(input, said) is { } module
            && ElfFiles.Read(recordFile, said) is { } record
            && ModuleLinker.Link(module, record, link, said) is { } linked
            && SafeFile.Write(output, linked.Write(), said));
    }
}
