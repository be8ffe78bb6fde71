using System.Text;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Conversion;

/// <summary>
/// Takes out of a module that another modpost has finished what only converted symbols needed: their versions, and the modules that only they
/// depended on. Otherwise modprobe would load, and pin, the module that is to be patched.
/// </summary>
internal static class FinishedModule
{
    /// <summary>sizeof(struct modversion_info) on 64-bit kernels: 8 bytes CRC, 56 bytes name.</summary>
    private const int VersionSize = 64;

    public static void DropUnneeded(ElfFile module, SymbolPlan plan)
    {
        var kept = plan.Symbols.Where(s => s.Decision is not (SymbolDecision.Livepatch or SymbolDecision.Drop)).Select(s => s.Name).ToHashSet();
        var gone = plan.Symbols.Where(s => s.Decision is SymbolDecision.Livepatch or SymbolDecision.Drop && !kept.Contains(s.Name)).ToList();
        var names = gone.Select(s => s.Name).Concat(gone.Select(s => s.Livepatch?.Name).OfType<string>().Where(n => !kept.Contains(n))).ToHashSet();
        if (names.Count == 0)
        {
            return;
        }

        DropVersions(module, names);
        DropExtendedVersions(module, names);
        var needed = plan.Imports.Select(s => s.Export!.Owner).ToHashSet();
        var owners = gone.Select(s => s.Livepatch?.Object).OfType<string>().Where(o => o != ObjectName.Vmlinux && !needed.Contains(o)).ToHashSet();
        if (owners.Count > 0)
        {
            DropDependencies(module, owners);
        }
    }

    private static void DropVersions(ElfFile module, HashSet<string> names)
    {
        if (module.FindSection("__versions") is not { Type: SectionType.ProgBits } section || section.Data.Length % VersionSize != 0)
        {
            return;
        }

        var kept = new List<byte>(section.Data.Length);
        for (var at = 0; at < section.Data.Length; at += VersionSize)
        {
            var entry = section.Data.Span.Slice(at, VersionSize);
            if (!names.Contains(StringAt(entry[8..])))
            {
                kept.AddRange(entry);
            }
        }

        if (kept.Count != section.Data.Length)
        {
            section.Data = kept.ToArray();
        }
    }

    /// <summary>The newer form (6.14): CRCs and names in two sections, in the same order.</summary>
    private static void DropExtendedVersions(ElfFile module, HashSet<string> names)
    {
        if (module.FindSection("__version_ext_crcs") is not { } crcs || module.FindSection("__version_ext_names") is not { } strings)
        {
            return;
        }

        var (keptCrcs, keptNames) = (new List<byte>(), new List<byte>());
        var all = crcs.Data.Span;
        var rest = strings.Data.Span;
        for (var at = 0; at + 4 <= all.Length && rest.Length > 0; at += 4)
        {
            var name = StringAt(rest);
            if (!names.Contains(name))
            {
                keptCrcs.AddRange(all.Slice(at, 4));
                keptNames.AddRange(rest[..Math.Min(rest.Length, name.Length + 1)]);
            }

            rest = rest[Math.Min(rest.Length, name.Length + 1)..];
        }

        if (keptCrcs.Count != crcs.Data.Length)
        {
            (crcs.Data, strings.Data) = (keptCrcs.ToArray(), keptNames.ToArray());
        }
    }

    private static void DropDependencies(ElfFile module, HashSet<string> owners)
    {
        if (module.FindSection(".modinfo") is not { Type: SectionType.ProgBits } section)
        {
            return;
        }

        // The section's other bytes (padding between strings included) stay as they are.
        var data = section.Data.Span;
        var key = "depends="u8;
        for (var at = 0; at < data.Length;)
        {
            var end = data[at..].IndexOf((byte)0);
            end = end < 0 ? data.Length : at + end;
            if (data[at..end].StartsWith(key))
            {
                var list = Encoding.Latin1.GetString(data[(at + key.Length)..end]);
                var kept = string.Join(',', list.Split(',').Where(m => !owners.Contains(ObjectName.Normalise(m))));
                if (kept != list)
                {
                    section.Data = (byte[])[.. data[..(at + key.Length)], .. Latin1.Bytes(kept), .. data[end..]];
                }

                return;
            }

            at = end + 1;
        }
    }

    private static string StringAt(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
