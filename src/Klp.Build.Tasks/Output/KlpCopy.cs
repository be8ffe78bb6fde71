using Klp.Base;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpCopy : KlpTask
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var destination = FullPath(DestinationFile);
        OutputRecord.Add(FullPath(RecordFile), Release, ProjectDirectory, [destination], diagnostics);
        if (SafeFile.Read(FullPath(SourceFile), diagnostics) is { } content && SafeFile.Write(destination, content, diagnostics) && ProjectName.Length > 0)
        {
            // On every build, also when nothing was to be done: without this line the terminal logger shows none for the project.
            Log.LogMessage(MessageImportance.High, "{0} -> {1}", ProjectName, destination);
        }
    }
}
