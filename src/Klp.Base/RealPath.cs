namespace Klp.Base;

/// <summary>Absolute paths without links: two names of one file become one. (Path.GetFullPath keeps links, FileInfo resolves only the last part.)</summary>
public static class RealPath
{
    private const int MaximumLinks = 64;

    /// <summary>
    /// Follows every link of an absolute path. A part that does not exist ends the following: the rest is kept as it is,
    /// so that the result can be named in a message.
    /// </summary>
    public static string Of(string absolutePath)
    {
        var left = new Stack<string>(absolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var done = "/";
        for (var links = 0; left.TryPop(out var part);)
        {
            if (part == ".")
            {
                continue;
            }

            if (part == "..")
            {
                done = Path.GetDirectoryName(done) ?? "/";
                continue;
            }

            var next = Path.Combine(done, part);
            if (links < MaximumLinks && TargetOf(next) is { } target)
            {
                links++;
                done = target.StartsWith('/') ? "/" : done;
                foreach (var word in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                {
                    left.Push(word);
                }

                continue;
            }

            done = next;
        }

        return done;
    }

    private static string? TargetOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
