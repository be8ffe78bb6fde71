using Klp.Elf;
using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary>What a command knows of the target kernel.</summary>
/// <param name="Release">Empty where nothing told.</param>
/// <param name="Machine">From its build tree or its image; null where neither told.</param>
internal sealed record KernelFiles(string Release, LoaderRules Rules, SymbolIndex Index, Symvers Symvers, ElfMachine? Machine);
