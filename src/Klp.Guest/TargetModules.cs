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

        var said = new DiagnosticBag();
        var bytes = nameOrFile.Contains('/') ? ModuleFile.Read(nameOrFile, said) : modules!.ReadBytes(name, said);
        if (bytes is not { } content)
        {
            var reason = said.First(d => d.Severity == Severity.Error);
            diagnostics.Error("KLP0812", reason.Place, $"The module '{nameOrFile}' is to be loaded. {reason.Message}", reason.Cure ?? "Check its name and the folder of the kernel's modules.");
            return false;
        }

        diagnostics.AddRange(said);

        var information = ModuleInformation.OfFile(content.Span);
        AddSoft(information, modules, order, begun);
        foreach (var needed in information.Depends)
        {
            if (modules is not null && modules.FindFile(needed) is not null && !Add(needed, modules, order, begun, diagnostics))
            {
                return false;
            }
        }

        order.Add(new GuestModule(name, content));
        return true;
    }

    /// <summary>
    /// What a module asks for without using its symbols (<c>softdep=pre: a b post: c</c>, as modprobe follows it): libcrc32c does not load before some module
    /// brings the algorithm crc32c. What is not here or not taken is no error.
    /// </summary>
    private static void AddSoft(ModuleInformation information, KernelModules? modules, List<GuestModule> order, HashSet<string> begun)
    {
        foreach (var word in information.Entries.Where(e => e.Key == "softdep").SelectMany(e => Before(e.Value)))
        {
            if (modules is not null && Named(word, modules) is { } name)
            {
                var own = new List<GuestModule>();
                if (Add(name, modules, own, begun, new DiagnosticBag()))
                {
                    order.AddRange(own.Select(m => m with { IsOptional = true }));
                }
            }
        }
    }

    private static IEnumerable<string> Before(string softdep)
    {
        var isBefore = false;
        foreach (var word in softdep.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.EndsWith(':'))
            {
                isBefore = word == "pre:";
            }
            else if (isBefore)
            {
                yield return word;
            }
        }
    }

    /// <summary>
    /// A module of this name, or one that has it as an alias: depmod's table of those is not in a kernel's package, and modules that share an algorithm begin with its name.
    /// The generic one runs on every processor.
    /// </summary>
    private static string? Named(string word, KernelModules modules)
    {
        var name = ObjectName.Normalise(word);
        return modules.FindFile(name) is not null ? name
            : modules.Names.Where(n => n.StartsWith(name + "_", StringComparison.Ordinal)).OrderBy(n => n.EndsWith("_generic", StringComparison.Ordinal) ? 0 : 1).ThenBy(n => n, StringComparer.Ordinal)
                .FirstOrDefault(n => modules.Information(n, new DiagnosticBag())?.Entries.Any(e => e.Key == "alias" && e.Value == word) == true);
    }
}
