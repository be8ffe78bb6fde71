using System.Text;
using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Guest;

/// <summary>Takes modules of the target kernel into the guest: each with all it depends on, unpacked, in the order in which they load.</summary>
public static class TargetModules
{
    /// <summary>The longest name an object can have: MODULE_NAME_LEN is 56 on 64-bit kernels.</summary>
    private const int LongestName = 55;

    /// <summary>A module of the kernel, or a file (a word with a slash), with its dependencies before it.</summary>
    /// <returns>Null with KLP0812 where there is none of that name; empty where the kernel has it built in.</returns>
    public static IReadOnlyList<GuestModule>? Closure(string nameOrFile, KernelModules? modules, DiagnosticBag diagnostics)
    {
        var order = new List<GuestModule>();
        var isFile = nameOrFile.Contains('/');
        if (!isFile && modules is null)
        {
            diagnostics.Error("KLP0812", (string?)null, $"The module '{nameOrFile}' is to be loaded, and it is not known where the kernel's modules are.",
                "Name their folder: KlpKernelModulesDirectory (klp run: --modules-directory).");
            return null;
        }

        if (!isFile && modules!.IsBuiltIn(nameOrFile))
        {
            return order;
        }

        return Add(nameOrFile, modules, order, [], diagnostics) ? order : null;
    }

    /// <summary>
    /// Names that occur in a livepatch module as whole strings and that modules of the kernel have: the objects it patches are among them
    /// (struct klp_object holds the name as a string). Which ones it does patch, the guest's sysfs tells once it is loaded.
    /// </summary>
    /// <param name="patch">The module's file. Strings are looked for section by section: the first of one has no zero before it.</param>
    public static IReadOnlyList<string> Mentioned(ReadOnlyMemory<byte> patch, KernelModules modules)
    {
        var names = modules.Names.ToHashSet(StringComparer.Ordinal);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var section in ElfFile.Read(patch, "", new DiagnosticBag())?.Sections.Where(s => s.IsAlloc) ?? [])
        {
            AddMentioned(section.Data.Span, names, found);
        }

        return [.. found];
    }

    private static void AddMentioned(ReadOnlySpan<byte> data, HashSet<string> names, SortedSet<string> found)
    {
        while (!data.IsEmpty)
        {
            var end = data.IndexOf((byte)0);
            var text = end < 0 ? data : data[..end];
            if (text.Length is > 0 and <= LongestName && Encoding.ASCII.GetString(text) is var name && names.Contains(name))
            {
                found.Add(name);
            }

            data = end < 0 ? [] : data[(end + 1)..];
        }
    }

    private static bool Add(string nameOrFile, KernelModules? modules, List<GuestModule> order, HashSet<string> begun, DiagnosticBag diagnostics)
    {
        var name = ObjectName.Normalise(nameOrFile);
        if (!begun.Add(name))
        {
            return true;
        }

        var bytes = nameOrFile.Contains('/') ? ModuleFile.Read(nameOrFile, diagnostics) : modules!.ReadBytes(name, diagnostics);
        if (bytes is not { } content)
        {
            diagnostics.Error("KLP0812", nameOrFile.Contains('/') ? nameOrFile : modules?.Directory, $"The module '{nameOrFile}' is to be loaded and cannot be read.",
                "Check its name and the folder of the kernel's modules.");
            return false;
        }

        foreach (var needed in ModuleInformation.OfFile(content.Span).Depends)
        {
            if (modules is not null && modules.FindFile(needed) is not null && !Add(needed, modules, order, begun, diagnostics))
            {
                return false;
            }
        }

        order.Add(new GuestModule(name, content));
        return true;
    }
}
