using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>First half of <c>dotnet test</c>: which tests there are, and whether they need the patch a second time under another name.</summary>
public sealed partial class KlpPlanTests
{
    /// <summary><c>dotnet test --list-tests</c>: print the tests' names.</summary>
    public bool ListTests { get; set; }

    /// <summary>A test of the selection replaces the patch by a newer version.</summary>
    [Output]
    public bool NeedsSuccessor { get; private set; }
}
