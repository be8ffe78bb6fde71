using Klp.Kernel;
using Klp.Symbols;

namespace Klp.Cli.Commands;

/// <summary>What a command knows of the target kernel.</summary>
/// <param name="Release">Empty where nothing told.</param>
internal sealed record KernelFiles(string Release, LoaderRules Rules, SymbolIndex Index, Symvers Symvers);
