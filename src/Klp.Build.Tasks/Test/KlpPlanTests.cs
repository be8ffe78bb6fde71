using Klp.Base;
using Klp.Guest;
using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

[MSBuildMultiThreadableTask]
public sealed partial class KlpPlanTests : TestStage
{
    protected override void Run(DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (Read(diagnostics) is not { } request || Plan(request, diagnostics) is not { } plan)
        {
            return;
        }

        NeedsSuccessor = plan.Cases.Any(c => c.Cycle == TestCycle.Replace);
        if (ListTests)
        {
            Log.LogMessage(MessageImportance.High, "The following Tests are available:");
            foreach (var test in plan.Cases)
            {
                Log.LogMessage(MessageImportance.High, "    {0}", test.FullName);
            }
        }
    }
}
