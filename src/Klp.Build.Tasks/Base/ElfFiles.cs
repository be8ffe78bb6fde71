using Klp.Base;
using Klp.Elf;

namespace Klp.Build.Tasks;

/// <summary>Reads an object that an earlier stage wrote.</summary>
internal static class ElfFiles
{
    public static ElfFile? Read(string path, DiagnosticBag diagnostics) => SafeFile.Read(path, diagnostics) is { } bytes ? ElfFile.Read(bytes, path, diagnostics) : null;
}
