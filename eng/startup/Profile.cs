using System.Reflection;
using System.Reflection.Emit;

namespace Klp.Startup;

/// <summary>
/// A profile in crossgen2's form: an assembly whose global method AssemblyDictionary names groups, each a method that does nothing but name methods.
/// </summary>
/// <remarks>Source: dotnet/runtime, src/coreclr/tools/aot/ILCompiler.ReadyToRun/IBC/MIbcProfileParser.cs, .NET 10.</remarks>
internal sealed class Profile
{
    private readonly PersistedAssemblyBuilder _assembly = new(new AssemblyName("startup"), typeof(object).Assembly);
    private readonly ModuleBuilder _module;
    private readonly MethodBuilder _group;
    private readonly ILGenerator _methods;
    private readonly string _home;

    /// <param name="home">Simple name of the assembly that is to hold the code: only where it is compiled is the group read.</param>
    public Profile(string home)
    {
        _home = home;
        _module = _assembly.DefineDynamicModule("startup");
        _group = Global("Group");
        _methods = _group.GetILGenerator();
    }

    /// <summary>All methods of a type: which of them run is the framework's affair.</summary>
    public void Add(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var method in type.GetMethods(All).Where(m => m is { IsAbstract: false, IsGenericMethodDefinition: false }))
        {
            Add(_module.GetMethodMetadataToken(method));
        }

        foreach (var constructor in type.GetConstructors(All))
        {
            Add(_module.GetMethodMetadataToken(constructor));
        }
    }

    public void Save(string path)
    {
        _methods.Emit(OpCodes.Ret);
        var dictionary = Global("AssemblyDictionary").GetILGenerator();
        dictionary.Emit(OpCodes.Ldstr, _home);
        dictionary.Emit(OpCodes.Ldtoken, _group);
        dictionary.Emit(OpCodes.Pop);
        dictionary.Emit(OpCodes.Ret);
        _module.CreateGlobalFunctions();
        _assembly.Save(path);
    }

    private void Add(int token)
    {
        _methods.Emit(OpCodes.Ldtoken, token);
        _methods.Emit(OpCodes.Pop);
    }

    private MethodBuilder Global(string name) => _module.DefineGlobalMethod(name, MethodAttributes.Public | MethodAttributes.Static, typeof(void), Type.EmptyTypes);
}
