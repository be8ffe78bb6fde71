using System.Runtime.InteropServices;
using Klp.Elf;

namespace Klp.Kernel;

/// <summary>
/// Facts of one machine that conversion and verification need: its relocations and the names its module loader treats specially.
/// Each machine's file in this folder says where its facts come from.
/// </summary>
public sealed class Architecture
{
    private readonly Dictionary<uint, RelocationFact> _relocations;

    internal Architecture(IEnumerable<RelocationFact> relocations) => _relocations = relocations.ToDictionary(r => r.Type);

    public required ElfMachine Machine { get; init; }

    /// <summary>The name users know: <c>x86_64</c>, <c>arm64</c>, <c>ppc64le</c>, <c>s390x</c>.</summary>
    public required string Name { get; init; }

    /// <summary>kbuild's word for it (SRCARCH): <c>x86</c>, <c>arm64</c>, <c>powerpc</c>, <c>s390</c>.</summary>
    public required string SourceName { get; init; }

    /// <summary>What its configuration says and no other's, without CONFIG_: <c>X86_64</c>, <c>ARM64</c>, <c>PPC64</c>, <c>S390</c>.</summary>
    public string ConfigOption => SourceName switch { "x86" => "X86_64", "arm64" => "ARM64", "powerpc" => "PPC64", _ => "S390" };

    /// <summary>What the names of its cross compilers and binutils begin with, Debian's first: <c>aarch64-linux-gnu-</c>.</summary>
    public required IReadOnlyList<string> CrossPrefixes { get; init; }

    public required ByteOrder ByteOrder { get; init; }

    /// <summary>The 64-bit absolute relocation (S+A).</summary>
    public required uint AbsoluteRelocation { get; init; }

    /// <summary>First kernel version that can livepatch this machine.</summary>
    public required Version LivepatchSince { get; init; }

    /// <summary>Undefined symbols that the loader or the architecture resolves by name: they must keep it and stay undefined.</summary>
    public required IReadOnlySet<string> LoaderSymbols { get; init; }

    /// <summary>The same, for families of names (compiler-made register save routines).</summary>
    public IReadOnlyList<string> LoaderSymbolPrefixes { get; init; } = [];

    /// <summary>
    /// Types whose late write goes through a routine that can change read-only memory; null where all do.
    /// Others fault when the target lies in a section that is read-only by then.
    /// </summary>
    public IReadOnlyList<uint>? LateReadOnlyWrites { get; init; }

    /// <summary>
    /// What a pc-relative relocation's addend lacks to the offset it means, bytes: the distance from the field to the point the instruction counts from.
    /// Several where it depends on the instruction (an immediate behind the field); the first is that of branches.
    /// </summary>
    public IReadOnlyList<int> PcRelativeBias { get; init; } = [0];

    /// <summary>
    /// How far from a section's referenced place the code may go without a relocation of its own, bytes before and behind: gcc's section anchors,
    /// where one address serves for neighbouring variables.
    /// </summary>
    public (int Before, int Behind) AnchorReach { get; init; }

    public required LocalTargetScanner LocalTargets { get; init; }

    public IEnumerable<RelocationFact> Relocations => _relocations.Values;

    public static IReadOnlyList<Architecture> All { get; } = [X86_64.Create(), Arm64.Create(), Ppc64le.Create(), S390x.Create()];

    /// <summary>The facts of a machine, or null where there are none: it is not supported.</summary>
    public static Architecture? For(ElfMachine machine) => All.FirstOrDefault(a => a.Machine == machine);

    /// <summary>The facts of what kbuild calls <paramref name="sourceName"/>, or null: not supported.</summary>
    public static Architecture? ForSource(string sourceName) => All.FirstOrDefault(a => a.SourceName == sourceName);

    /// <summary>The machine this runs on; null where it is none of these.</summary>
    public static Architecture? Host { get; } = RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => For(ElfMachine.X86_64),
        System.Runtime.InteropServices.Architecture.Arm64 => For(ElfMachine.AArch64),
        System.Runtime.InteropServices.Architecture.Ppc64le => For(ElfMachine.Ppc64),
        System.Runtime.InteropServices.Architecture.S390x => For(ElfMachine.S390),
        _ => null,
    };

    /// <summary>The facts of a relocation type, or null for a number that this machine's loader does not know either.</summary>
    public RelocationFact? Find(uint type) => _relocations.GetValueOrDefault(type);

    /// <summary>A relocation type's name, or its number where it has none here.</summary>
    public string NameOf(uint type) => Find(type)?.Name ?? $"relocation type {type}";

    public bool LoaderAccepts(uint type) => Find(type) is { LoaderAccepts: true };

    /// <summary>Whether an undefined symbol of this name must be left as it is.</summary>
    public bool IsLoaderSymbol(string name) =>
        LoaderSymbols.Contains(name) || LoaderSymbolPrefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal));

    /// <summary>Whether a relocation of this type can still be written when the memory is read-only (a module that loads after the patch).</summary>
    public bool WritesReadOnlyLate(uint type) => LateReadOnlyWrites?.Contains(type) ?? true;
}
