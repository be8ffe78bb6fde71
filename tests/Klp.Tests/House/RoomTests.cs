using System.Text.RegularExpressions;
using System.Xml.Linq;
using Klp.TestKit;
using Xunit;

namespace Klp.Tests.House;

/// <summary>The rooms of the house and the doors between them, read from the project files.</summary>
public sealed class RoomTests
{
    private static readonly Dictionary<string, string[]> Edges = new()
    {
        ["Klp.Base"] = [],
        ["Klp.Elf"] = ["Klp.Base"],
        ["Klp.Kernel"] = ["Klp.Base", "Klp.Elf"],
        ["Klp.Symbols"] = ["Klp.Kernel"],
        ["Klp.Modpost"] = ["Klp.Symbols"],
        ["Klp.Convert"] = ["Klp.Symbols"],
        ["Klp.Verify"] = ["Klp.Symbols"],
        ["Klp.Toolchain"] = ["Klp.Kernel"],
        ["Klp.Guest"] = ["Klp.Kernel"],
        ["Klp.Store"] = ["Klp.Kernel"],
    };

    // Adapters reach every room and hold no logic of their own.
    private static readonly string[] Adapters = ["Klp.Build.Tasks", "Klp.Cli"];

    [Fact]
    public void Every_room_opens_only_the_doors_of_the_plan()
    {
        var found = Projects().Where(p => !Adapters.Contains(p.Name)).ToDictionary(p => p.Name, p => p.References);
        Assert.Equal(Edges.Keys.Order(), found.Keys.Order());
        foreach (var (room, references) in found)
        {
            Assert.Equal((room, string.Join(' ', Edges[room].Order())), (room, string.Join(' ', references.Order())));
        }
    }

    [Fact]
    public void Libraries_need_no_package()
    {
        var packages = Projects().Where(p => !Adapters.Contains(p.Name)).SelectMany(p => p.Packages.Select(x => $"{p.Name}: {x}"));
        Assert.Empty(packages);
    }

    [Theory]
    [InlineData(@"\bConsole\.")]
    [InlineData(@"\bEnvironment\.(CurrentDirectory|GetEnvironmentVariable|SetEnvironmentVariable)\b")]
    [InlineData(@"\bDirectory\.(Get|Set)CurrentDirectory\b")]
    [InlineData(@"\bPath\.GetFullPath\([^,()]*\)")]
    public void Libraries_and_tasks_never_ask_the_process(string forbidden)
    {
        var hits = Directory.EnumerateFiles(Repository.Combine("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/Klp.Cli/", StringComparison.Ordinal))
            .SelectMany(f => File.ReadLines(f).Index().Where(l => Regex.IsMatch(l.Item, forbidden) && !l.Item.TrimStart().StartsWith("//", StringComparison.Ordinal))
                .Select(l => $"{Path.GetRelativePath(Repository.Root, f)}:{l.Index + 1}: {l.Item.Trim()}"));
        Assert.Empty(hits);
    }

    private static IEnumerable<(string Name, string[] References, string[] Packages)> Projects() =>
        Directory.EnumerateFiles(Repository.Combine("src"), "*.csproj", SearchOption.AllDirectories).Select(file =>
        {
            var xml = XDocument.Load(file);
            return (Path.GetFileNameWithoutExtension(file),
                xml.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value)).ToArray(),
                xml.Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value).ToArray());
        });
}
