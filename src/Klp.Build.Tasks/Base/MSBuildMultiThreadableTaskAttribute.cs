namespace Microsoft.Build.Framework;

/// <summary>
/// Tells MSBuild that a task may run beside others in one process (<c>-mt</c>). The engine matches the attribute by its full name, so it can be ours:
/// the package that defines it would shut out older 10.0 SDKs.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
