using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Klp.Build.Tasks;

/// <summary>Items that a task hands out. MSBuild takes what it is given for escaped, so a percent sign in a path has to be escaped first.</summary>
internal static class OutputItem
{
    public static ITaskItem Create(string path, params (string Name, string Value)[] metadata)
    {
        var item = new TaskItem(Escape(path));
        foreach (var (name, value) in metadata)
        {
            item.SetMetadata(name, Escape(value));
        }

        return item;
    }

    private static string Escape(string text) => text.Replace("%", "%25", StringComparison.Ordinal);
}
