using System.Reflection;

namespace Klp.Startup;

/// <summary>
/// Finds types by the names the runtime's own logs give them: no assembly in them, <c>Outer+Inner`2[Argument,Argument]</c>, and <c>System.__Canon</c> for every class.
/// </summary>
internal sealed class TypeNames
{
    private readonly List<Assembly> _assemblies;

    public TypeNames(IEnumerable<string> assemblies)
    {
        string[] framework = ["System.Private.CoreLib", "System.Linq", "System.Collections", "System.Collections.Concurrent"];
        _assemblies = [.. framework.Select(Assembly.Load), .. assemblies.Select(Assembly.LoadFrom)];
    }

    /// <summary>Null where a name in it is unknown, or where it has no code of its own.</summary>
    public Type? Find(string name)
    {
        var at = 0;
        var type = Parse(name, ref at);
        return at == name.Length && type is { ContainsGenericParameters: false } ? type : null;
    }

    private Type? Parse(string text, ref int at)
    {
        var end = text.AsSpan(at).IndexOfAny('[', ']', ',');
        end = end < 0 ? text.Length : at + end;
        var type = Named(text[at..end]);
        at = end;
        if (at + 1 < text.Length && text[at] == '[' && text[at + 1] != ']')
        {
            type = Instantiate(type, Arguments(text, ref at));
        }

        for (; text.AsSpan(at).StartsWith("[]"); at += 2)
        {
            type = type?.MakeArrayType();
        }

        return type;
    }

    private List<Type?> Arguments(string text, ref int at)
    {
        var arguments = new List<Type?>();
        do
        {
            at++;
            arguments.Add(Parse(text, ref at));
        }
        while (at < text.Length && text[at] == ',');

        at = Math.Min(at + 1, text.Length);
        return arguments;
    }

    private static Type? Instantiate(Type? type, List<Type?> arguments)
    {
        try
        {
            return arguments.Contains(null) ? null : type?.MakeGenericType([.. arguments.OfType<Type>()]);
        }
        catch (ArgumentException)
        {
            return null; // another number of parameters, or a constraint that string does not meet
        }
    }

    /// <summary>All classes share one code; any of them stands for it.</summary>
    private Type? Named(string name) => name == "System.__Canon" ? typeof(string) : _assemblies.Select(a => a.GetType(name)).FirstOrDefault(t => t is not null);
}
