using Klp.Base;
using Klp.Elf;
using Klp.Kernel;
using Klp.Modpost;

namespace Klp.Cli.Commands;

/// <summary>A module given on the command line: its bytes, unpacked, and read.</summary>
internal sealed record ModuleInput(string Path, ReadOnlyMemory<byte> Bytes, ElfFile File, ModuleInformation Information)
{
    /// <summary>Null after an error.</summary>
    public static ModuleInput? Read(string path, DiagnosticBag diagnostics)
    {
        var full = System.IO.Path.GetFullPath(path);
        return ModuleFile.Read(full, diagnostics) is { } bytes && ElfFile.Read(bytes, full, diagnostics) is { } file
            ? new ModuleInput(full, bytes, file, ModuleInformation.OfFile(bytes.Span))
            : null;
    }

    /// <summary>The same, and null with KLP0585 where another tool has broken a converted module.</summary>
    public static ModuleInput? ReadSound(string path, DiagnosticBag diagnostics) =>
        Read(path, diagnostics) is { } module && !ModuleStrip.ReportHarm(module.File, module.Path, diagnostics) ? module : null;

    /// <summary>The kernel's name of the module: the one inside, since a file may be renamed.</summary>
    public string Name => Information.Value("name") ?? ObjectName.Normalise(Path);
}
