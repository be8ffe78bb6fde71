using Klp.Elf;
using Klp.Kernel;

namespace Klp.Conversion;

/// <summary>The livepatch relocation sections of a module under conversion: one for each object and base section, appended in the order of first use.</summary>
internal sealed class LivepatchSections(ElfFile module)
{
    private readonly Dictionary<(string Object, int Base), List<ElfRelocation>> _lists = [];
    private readonly List<(string Object, int Base)> _order = [];

    public void Add(string objectName, int baseSection, ElfRelocation relocation)
    {
        if (!_lists.TryGetValue((objectName, baseSection), out var list))
        {
            _lists.Add((objectName, baseSection), list = []);
            _order.Add((objectName, baseSection));
        }

        list.Add(relocation);
    }

    public void Finish()
    {
        foreach (var key in _order)
        {
            var name = LivepatchFormat.SectionName(key.Object, module.Sections[key.Base].Name);

            // A module converted in part has one already; a second of that name would collide in sysfs.
            var existing = module.Sections.Find(s => s.Name == name && s.Info == (uint)key.Base && s.HasRelocations && LivepatchFormat.IsLivepatchRelocation(s));
            if (existing is not null)
            {
                module.SetRelocations(existing, [.. module.RelocationsOf(existing), .. _lists[key]]);
                continue;
            }

            var section = new ElfSection
            {
                Name = name,
                Type = SectionType.RelocationWithAddend,
                Flags = LivepatchFormat.RelocationSectionFlags,
                Link = (uint)module.SymbolTableIndex,
                Info = (uint)key.Base,
                Alignment = 8,
                EntrySize = ElfRelocation.EntrySize,
            };
            module.SetRelocations(section, _lists[key]);
            module.AddSection(section);
        }
    }
}
