using Klp.Elf;

namespace Klp.Modpost;

/// <summary>Several sources of one module may each say <c>MODULE_INFO(livepatch, "Y")</c>; the finished module says it once.</summary>
internal static class LivepatchMark
{
    /// <summary>
    /// A copy of a <c>.modinfo</c> section in which every mark after the first is NUL bytes, which the kernel and modinfo skip (kernel/module/main.c,
    /// next_string); nothing moves, so symbols that point into the section stay right. The section itself where there is nothing to do.
    /// </summary>
    public static ElfSection SayOnce(ElfSection modinfo)
    {
        var mark = "livepatch="u8;
        var data = modinfo.Data.Span;
        byte[]? changed = null;
        var seen = false;
        for (var at = 0; at < data.Length;)
        {
            var length = data[at..].IndexOf((byte)0);
            length = length < 0 ? data.Length - at : length;
            if (data.Slice(at, length).StartsWith(mark))
            {
                if (seen)
                {
                    (changed ??= data.ToArray()).AsSpan(at, length).Clear();
                }

                seen = true;
            }

            at += length + 1;
        }

        if (changed is null)
        {
            return modinfo;
        }

        var copy = modinfo.Clone();
        copy.Data = changed;
        return copy;
    }
}
