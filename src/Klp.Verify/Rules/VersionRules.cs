using System.Text;
using Klp.Elf;

namespace Klp.Verify.Rules;

/// <summary>
/// Checksums of imported symbols. Source: kernel/module/version.c, check_version; struct modversion_info is an unsigned long and a name of
/// 64 - sizeof(long) bytes; since 6.14 also two sections with names of any length.
/// </summary>
internal static class VersionRules
{
    private const int EntrySize = 64;
    private const int CrcSize = 8;

    public static void Check(VerifyContext context)
    {
        var table = context.Module.FindSection("__versions");
        var isWanted = context.Input.Profile?.IsConfigured("MODVERSIONS") == true;
        if (table is null && context.Module.FindSection("__version_ext_crcs") is null)
        {
            if (isWanted)
            {
                context.Error("KLP0730", "The module has no versions, and the kernel has MODVERSIONS: only a forced load, which taints the kernel, would take it.", "Build it with this SDK or with kbuild, and with the kernel's Module.symvers.");
            }

            return;
        }

        if (table is { Data.Length: var length } && length % EntrySize != 0)
        {
            context.Error("KLP0731", $"The __versions table has {length} bytes, which is no multiple of {EntrySize}.", "Build the module again; the tool that wrote it is at fault.");
        }

        var versions = Read(context.Module, table);
        if (!versions.ContainsKey("module_layout") && (isWanted || context.Input.Profile is null))
        {
            context.Error("KLP0732", "The versions have no entry for module_layout; the kernel would say: no symbol version for module_layout.", "Build the module again with the kernel's Module.symvers.");
        }

        CheckImports(context, versions);
    }

    private static void CheckImports(VerifyContext context, Dictionary<string, uint> versions)
    {
        var imports = context.Module.Symbols.Skip(1).Where(s => s.IsUndefined && s.Name.Length > 0).Select(s => s.Name).Append("module_layout");
        foreach (var name in imports.Distinct())
        {
            var export = context.Input.Symvers?.Find(name);
            if (!versions.TryGetValue(name, out var crc))
            {
                if (export is { Crc: not 0 } && name != "module_layout")
                {
                    context.Error("KLP0732", $"The versions have no entry for {name}; the kernel would say: no symbol version for {name}.", "Build the module again with the kernel's Module.symvers.");
                }
            }
            else if (export is { Crc: not 0 } && export.Crc != crc)
            {
                context.Error("KLP0733", $"The module wants {name} in version 0x{crc:x8}, the kernel has 0x{export.Crc:x8}: it would say: disagrees about version of symbol {name}.", "Build the module again with this kernel's Module.symvers.");
            }
        }
    }

    private static Dictionary<string, uint> Read(ElfFile file, ElfSection? table)
    {
        var versions = new Dictionary<string, uint>();
        var data = table is null ? default : table.Data.Span;
        for (; data.Length >= EntrySize; data = data[EntrySize..])
        {
            var name = data[CrcSize..EntrySize];
            var end = name.IndexOf((byte)0);
            versions.TryAdd(Encoding.UTF8.GetString(end < 0 ? name : name[..end]), (uint)file.ByteOrder.ReadUInt64(data));
        }

        if (file.FindSection("__version_ext_crcs") is { } crcs && file.FindSection("__version_ext_names") is { } names)
        {
            var words = Encoding.UTF8.GetString(names.Data.Span).Split('\0');
            for (var i = 0; i < words.Length && (i + 1) * 4 <= crcs.Data.Length; i++)
            {
                versions.TryAdd(words[i], file.ByteOrder.ReadUInt32(crcs.Data.Span[(i * 4)..]));
            }
        }

        return versions;
    }
}
