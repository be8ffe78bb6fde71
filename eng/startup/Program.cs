// Writes the list of generic types that a program's start needs (startup.types) as a profile that crossgen2 takes (--mibc).
// Arguments: the list, the profile to write, the assembly whose image is to hold the code, and the program's assemblies.
using Klp.Startup;

var types = new TypeNames(args[3..]);
var profile = new Profile(args[2]);
foreach (var line in File.ReadLines(args[0]).Where(l => l.Length > 0 && !l.StartsWith('#')))
{
    // Names of the framework's insides come and go with its versions: one that is not there is compiled at the start, as it was before.
    if (types.Find(line) is { } type)
    {
        profile.Add(type);
    }
}

profile.Save(args[1]);
