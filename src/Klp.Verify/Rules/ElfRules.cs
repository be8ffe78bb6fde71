using Klp.Elf;
using Klp.Kernel;

namespace Klp.Verify.Rules;

/// <summary>Is this a module file at all: type, machine, ABI, symbol table, trailer. Source: kernel/module/main.c, elf_validity_check.</summary>
internal static class ElfRules
{
    private static ReadOnlySpan<byte> SignatureEnd => "~Module signature appended~\n"u8;

    public static void Check(VerifyContext context)
    {
        var file = context.Module;
        if (file.Type != ElfType.Relocatable)
        {
            context.Error("KLP0700", $"This is no kernel module: its ELF type is {file.Type}, and a module is a relocatable file.", "Give the .ko.");
        }

        CheckMachine(context);
        if (file.SymbolTableIndex == 0)
        {
            context.Error("KLP0701", "The module has no symbol table (the kernel says: module has no symbols (stripped?)).",
                "Never run strip on a livepatch; DebugSymbols=false leaves debug data out at build time.");
        }

        var end = file.Trailer.Span;
        if (!end.IsEmpty && !end.EndsWith(SignatureEnd))
        {
            context.Warning("KLP0708", $"{end.Length:#,0} bytes of no section follow the module's data, and they are no signature.", "Build the module again.");
        }
    }

    private static void CheckMachine(VerifyContext context)
    {
        var file = context.Module;
        if (context.Architecture is not { } architecture)
        {
            context.Error("KLP0702", $"The module is for machine {file.Machine}, which this tool cannot livepatch. Known: {string.Join(", ", Architecture.All.Select(a => a.Name))}.");
            return;
        }

        if (context.Input.Profile is { } profile && (file.Machine != profile.Machine || file.ByteOrder != profile.ByteOrder))
        {
            context.Error("KLP0702", $"The module is for machine {file.Machine} ({file.ByteOrder} endian), the kernel {profile.Release} for {profile.Machine} ({profile.ByteOrder} endian).");
        }
        else if (context.Input.TargetMachine is { } machine && file.Machine != machine)
        {
            context.Error("KLP0702", $"The module is for {architecture.Name}, the kernel for {Architecture.For(machine)?.Name ?? machine.ToString()}.");
        }
        else if (file.ByteOrder != architecture.ByteOrder)
        {
            context.Error("KLP0702", $"The module is {file.ByteOrder} endian; {architecture.Name} kernels are {architecture.ByteOrder} endian.");
        }

        if (context.Input.Profile is { } target && file.Flags != target.Template.ElfFlags)
        {
            context.Error("KLP0703", $"The module's e_flags are 0x{file.Flags:x}; the kernel's own compiler makes 0x{target.Template.ElfFlags:x} (on ppc64 that is the ABI version).",
                "Link with the kernel's own flags, and with tools that keep e_flags.");
        }
        else if (file.Machine == ElfMachine.Ppc64 && (file.Flags & 3) != 2)
        {
            context.Error("KLP0703", $"The module's e_flags are 0x{file.Flags:x}: not the ELFv2 ABI, which ppc64le kernels since 6.4 insist on.", "Compile with -mabi=elfv2 and use tools that keep e_flags.");
        }

        if (file.Machine == ElfMachine.AArch64 && !context.Rules.Arm64Livepatch && context.IsLivepatchModule)
        {
            context.Error("KLP0704", $"arm64 has no livepatching before Linux 6.17, and the rules are those of {context.Rules.KernelVersion}.",
                "Choose a newer kernel; if this one has it backported, set KlpKernelRules=Arm64Livepatch=true.");
        }
    }
}
