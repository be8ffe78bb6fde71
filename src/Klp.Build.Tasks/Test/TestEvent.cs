using Microsoft.Build.Framework;

namespace Klp.Build.Tasks;

/// <summary>
/// Makes the message that MSBuild's terminal logger understands as news of a test run. Its type came with MSBuild 17.9 and is not in the older assemblies
/// that these tasks compile against, so it is found by name; without it the message is one like any other.
/// </summary>
internal static class TestEvent
{
    private const string TypeName = "Microsoft.Build.Framework.ExtendedBuildMessageEventArgs";

    /// <param name="kind">TLTESTPASSED, TLTESTSKIPPED or TLTESTFINISH.</param>
    public static BuildMessageEventArgs Create(string kind, string text, IDictionary<string, string?> metadata)
    {
        var type = typeof(BuildMessageEventArgs).Assembly.GetType(TypeName);
        if (type?.GetConstructor([typeof(string), typeof(string), typeof(string), typeof(string), typeof(MessageImportance)])?.Invoke([kind, text, null, null, MessageImportance.High])
            is BuildMessageEventArgs message)
        {
            type.GetProperty("ExtendedMetadata")?.SetValue(message, metadata);
            return message;
        }

        return new BuildMessageEventArgs(text, null, null, MessageImportance.High);
    }
}
