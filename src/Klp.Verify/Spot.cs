using Klp.Base;
using Klp.Elf;

namespace Klp.Verify;

/// <summary>One relocation under examination. Its line and its description are made only for a finding: good modules never decode debug data.</summary>
internal readonly record struct Spot(VerifyContext Context, ElfSection Table, ElfRelocation Relocation)
{
    public SourcePlace Place => Context.PlaceOf((int)Table.Info, Relocation.Offset);

    public ElfSection Target => Context.Module.Sections[(int)Table.Info];

    /// <summary>Type, symbol and place, as the start of a sentence.</summary>
    public string What
    {
        get
        {
            var type = Context.Architecture?.NameOf(Relocation.Type) ?? $"relocation type {Relocation.Type}";
            var symbol = Context.Module.SymbolOf(Relocation);
            var name = symbol is { Name.Length: > 0 } ? symbol.Name : symbol is not null && Context.Module.SectionOf(symbol) is { Name.Length: > 0 } section ? section.Name : $"symbol {Relocation.SymbolIndex}";
            return $"{type} against {name} at {Target.Name}+0x{Relocation.Offset:x}";
        }
    }

    public void Error(string id, string message, string? cure = null, IReadOnlyList<string>? notes = null) => Context.Diagnostics.Error(id, Place, message, cure, notes);
}
