namespace Klp.Kernel;

/// <summary>Which number a pair of the template object's facts section holds. Bytes, all of them.</summary>
public enum TemplateFact
{
    ModuleSize = 1,
    ModuleAlignment,
    ModuleName,
    ModuleNameLength,
    ModuleInit,
    ModuleExit,
    ModversionSize,
    ModversionCrcSize,
    FuncSize,
    FuncOldName,
    FuncNewFunc,
    FuncOldSympos,
    ObjectSize,
    ObjectName,
    ObjectFuncs,
    ObjectPrePatch,
    ObjectPostPatch,
    ObjectPreUnpatch,
    ObjectPostUnpatch,
    PatchSize,
    PatchModule,
    PatchObjects,
    PatchStates,
    PatchReplace,
}
