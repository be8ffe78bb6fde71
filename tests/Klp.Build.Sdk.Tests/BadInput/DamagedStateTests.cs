using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>What an earlier build left is cut off, changed or emptied by somebody else: the next build mends it and says nothing.</summary>
public sealed class DamagedStateTests
{
    [Theory]
    [InlineData("cut")]
    [InlineData("flip")]
    [InlineData("empty")]
    public void Every_file_in_obj_can_be_damaged_and_the_module_comes_out_the_same(string damage)
    {
        using var project = SdkProject.Patch();
        project.Build().Succeeded();
        var module = File.ReadAllBytes(project.Module());
        var files = project.Files().Where(f => f.StartsWith("obj/", StringComparison.Ordinal) && !f.EndsWith(".files", StringComparison.Ordinal)).ToArray();
        Assert.Contains(files, f => f.EndsWith("objects/fix.o", StringComparison.Ordinal));
        Assert.Contains(files, f => f.EndsWith(".state", StringComparison.Ordinal));

        // All at once, and then the object alone, whose damage nothing else gives away.
        foreach (var file in files)
        {
            Damage(Path.Combine(project.Folder, file), damage);
        }

        Mended();
        Damage(Path.Combine(project.Folder, files.Single(f => f.EndsWith("objects/fix.o", StringComparison.Ordinal))), damage);
        Mended();
        Damage(project.Module(), damage);
        Mended();

        void Mended()
        {
            var build = project.Build().Succeeded();
            Assert.Empty(build.Warnings);
            Assert.True(module.AsSpan().SequenceEqual(File.ReadAllBytes(project.Module())), "Another module came out.");
        }
    }

    [Fact]
    public void Every_file_of_the_cache_can_be_damaged_and_the_module_comes_out_the_same()
    {
        using var project = SdkProject.Patch();
        var cache = Path.Combine(project.Root, "cache");
        project.Environment["XDG_CACHE_HOME"] = cache;
        project.Build().Succeeded();
        var module = File.ReadAllBytes(project.Module());
        foreach (var damage in new[] { "cut", "flip", "empty" })
        {
            var files = Directory.GetFiles(cache, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length > 0).ToArray();
            Assert.True(files.Length >= 2, string.Join('\n', files));
            foreach (var file in files)
            {
                Damage(file, damage);
            }

            Directory.Delete(Path.Combine(project.Folder, "obj"), recursive: true);
            var build = project.Build().Succeeded();
            Assert.Empty(build.Warnings);
            Assert.True(module.AsSpan().SequenceEqual(File.ReadAllBytes(project.Module())), $"Another module came out ({damage}).");
        }
    }

    private static void Damage(string file, string how)
    {
        var bytes = File.ReadAllBytes(file);
        if (how == "flip" && bytes.Length > 0)
        {
            bytes[bytes.Length / 2] ^= 0x10;
        }

        File.WriteAllBytes(file, how switch { "cut" => bytes[..(bytes.Length / 2)], "empty" => [], _ => bytes });
    }
}
