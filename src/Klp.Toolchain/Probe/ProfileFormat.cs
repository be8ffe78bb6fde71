using Klp.Base;
using Klp.Elf;
using Klp.Kernel;

namespace Klp.Toolchain;

/// <summary>A <see cref="KernelProfile"/> as bytes, and back. A field added to the profile is added here twice and raises <see cref="Version"/>, as does a probe that finds something else in the same tree.</summary>
internal static class ProfileFormat
{
    public const int Version = 5;

    public static void Write(StateWriter to, KernelProfile profile)
    {
        WriteCode(to, profile);
        to.Write(profile.Warnings.Count);
        foreach (var warning in profile.Warnings)
        {
            to.Write(warning);
        }

        to.Write(profile.Digest);
        to.Write(profile.TemplateHeaders);
    }

    /// <summary>Everything but the warnings and the digest itself: what the digest is made of.</summary>
    public static void WriteCode(StateWriter to, KernelProfile profile)
    {
        to.Write(profile.Release);
        to.Write(profile.SourceArchitecture);
        to.Write((int)profile.Machine);
        to.Write((int)profile.ByteOrder);
        to.Write(profile.BuildDirectory);
        to.Write(profile.SourceTree);
        to.Write(profile.WorkingDirectory);
        to.Write((int)profile.CompilerFamily);
        to.Write(profile.CompilerPath);
        to.Write(profile.CompilerVersion);
        to.Write(profile.LinkerPath);
        to.Write(profile.CompilerFlags);
        to.Write(profile.AssemblerFlags);
        to.Write(profile.MergeFlags);
        to.Write(profile.MergeWords);
        to.WriteOptional(profile.KbuildModnamePrefix);
        to.Write(profile.AssemblerKnowsModuleName);
        to.Write(profile.WorksInModuleFolder);
        to.WriteOptional(profile.ObjtoolPath);
        to.Write(profile.ObjtoolArguments);
        to.Write(profile.DelayObjtool);
        to.WriteOptional(profile.RecordMcountPath);
        to.Write([.. profile.ToolEnvironment.OrderBy(v => v.Key, StringComparer.Ordinal).SelectMany(v => new[] { v.Key, v.Value })]);
        to.Write(profile.ModuleLinkerScript);
        to.Write(((KernelConfig)profile.Config).Text);
        to.Write(profile.SymversFile);
        WriteTemplate(to, profile.Template);
    }

    public static KernelProfile Read(StateReader from) => new()
    {
        Release = from.String(),
        SourceArchitecture = from.String(),
        Machine = (ElfMachine)from.Int(),
        ByteOrder = (ByteOrder)from.Int(),
        BuildDirectory = from.String(),
        SourceTree = from.String(),
        WorkingDirectory = from.String(),
        CompilerFamily = (CompilerFamily)from.Int(),
        CompilerPath = from.String(),
        CompilerVersion = from.String(),
        LinkerPath = from.String(),
        CompilerFlags = from.Words(),
        AssemblerFlags = from.Words(),
        MergeFlags = from.Words(),
        MergeWords = from.Words(),
        KbuildModnamePrefix = from.Optional(),
        AssemblerKnowsModuleName = from.Bool(),
        WorksInModuleFolder = from.Bool(),
        ObjtoolPath = from.Optional(),
        ObjtoolArguments = from.Words(),
        DelayObjtool = from.Bool(),
        RecordMcountPath = from.Optional(),
        ToolEnvironment = from.Words().Chunk(2).ToDictionary(p => p[0], p => p[1]),
        ModuleLinkerScript = from.String(),
        Config = new KernelConfig(from.String()),
        SymversFile = from.String(),
        Template = ReadTemplate(from),
        Warnings = from.Many(from.Diagnostic),
        Digest = from.String(),
        TemplateHeaders = from.Words(),
    };

    private static void WriteTemplate(StateWriter to, ModuleTemplate template)
    {
        to.Write((long)template.ElfFlags);
        to.Write((long)template.AbsoluteRelocationType);
        to.Write(template.Modinfo);
        to.Write((ReadOnlySpan<byte>)template.NoteLinux);
        to.Write((ReadOnlySpan<byte>)template.OrcHeader);
        to.Write((ReadOnlySpan<byte>)template.NoteGnuProperty);
        to.Write((ReadOnlySpan<byte>)template.ThisModule);
        to.Write(template.ThisModuleAlignment);
        to.Write(template.ModuleNameOffset);
        to.Write(template.ModuleNameLength);
        to.Write(template.ModuleInitOffset);
        to.Write(template.ModuleExitOffset ?? -1);
        to.Write(template.ModversionEntrySize);
        to.Write(template.ModversionCrcSize);
        to.Write(template.Livepatch is not null);
        if (template.Livepatch is { } layout)
        {
            foreach (var number in Numbers(layout))
            {
                to.Write(number);
            }
        }
    }

    private static ModuleTemplate ReadTemplate(StateReader from) => new()
    {
        ElfFlags = (uint)from.Long(),
        AbsoluteRelocationType = (uint)from.Long(),
        Modinfo = from.Words(),
        NoteLinux = from.Bytes(),
        OrcHeader = from.Bytes(),
        NoteGnuProperty = from.Bytes(),
        ThisModule = from.Bytes(),
        ThisModuleAlignment = from.Int(),
        ModuleNameOffset = from.Int(),
        ModuleNameLength = from.Int(),
        ModuleInitOffset = from.Int(),
        ModuleExitOffset = Optional(from.Int()),
        ModversionEntrySize = from.Int(),
        ModversionCrcSize = from.Int(),
        Livepatch = from.Bool() ? ReadLayout(from) : null,
    };

    private static int[] Numbers(LivepatchLayout l) =>
    [
        l.FuncSize, l.FuncOldName, l.FuncNewFunc, l.FuncOldSympos, l.ObjectSize, l.ObjectName, l.ObjectFuncs, l.ObjectPrePatch, l.ObjectPostPatch,
        l.ObjectPreUnpatch, l.ObjectPostUnpatch, l.PatchSize, l.PatchModule, l.PatchObjects, l.PatchStates ?? -1, l.PatchReplace ?? -1,
    ];

    // Initialisers run in the order they stand here, which is the order of Numbers.
    private static LivepatchLayout ReadLayout(StateReader from) => new()
    {
        FuncSize = from.Int(),
        FuncOldName = from.Int(),
        FuncNewFunc = from.Int(),
        FuncOldSympos = from.Int(),
        ObjectSize = from.Int(),
        ObjectName = from.Int(),
        ObjectFuncs = from.Int(),
        ObjectPrePatch = from.Int(),
        ObjectPostPatch = from.Int(),
        ObjectPreUnpatch = from.Int(),
        ObjectPostUnpatch = from.Int(),
        PatchSize = from.Int(),
        PatchModule = from.Int(),
        PatchObjects = from.Int(),
        PatchStates = Optional(from.Int()),
        PatchReplace = Optional(from.Int()),
    };

    private static int? Optional(int value) => value < 0 ? null : value;
}
