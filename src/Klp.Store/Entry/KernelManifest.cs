using System.Text;
using System.Text.Json;

namespace Klp.Store;

/// <summary>What is known of an entry: where it came from and what building with it takes. Lies in it as <c>kernel.json</c>.</summary>
public sealed record KernelManifest
{
    public const string FileName = "kernel.json";

    private const int Format = 1;

    public required string Release { get; init; }

    /// <summary>As <c>uname -m</c> says it on that kernel.</summary>
    public required string Architecture { get; init; }

    /// <summary><c>debian</c>, <c>deb</c>, <c>rpm</c>, <c>tree</c> or <c>running</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>Debian's suite, or the folder that was copied; empty where there is none.</summary>
    public string From { get; init; } = "";

    /// <summary>Main number of the Debian release, such as <c>12</c>; empty for others.</summary>
    public string DebianRelease { get; init; } = "";

    public IReadOnlyList<Package> Packages { get; init; } = [];

    /// <summary>Packages of the compilers that the kernel names.</summary>
    public IReadOnlyList<string> Compilers { get; init; } = [];

    /// <summary>Packages that its build tools need beside the C library; none where they bring their own libraries.</summary>
    public IReadOnlyList<string> BuildPackages { get; init; } = [];

    /// <summary>Architecture of the machines whose build tools are in the entry, by Debian's name; empty where nothing is known.</summary>
    public string ToolsArchitecture { get; init; } = "";

    /// <summary>Whether the build tools run with libraries of the entry.</summary>
    public bool HasToolLibraries { get; init; }

    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", Format);
            WriteFacts(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <summary>Its members, into an object that is open.</summary>
    public void WriteFacts(Utf8JsonWriter writer)
    {
        writer.WriteString("release", Release);
        writer.WriteString("architecture", Architecture);
        writer.WriteString("origin", Origin);
        writer.WriteString("from", From);
        writer.WriteString("debianRelease", DebianRelease);
        writer.WriteString("toolsArchitecture", ToolsArchitecture);
        writer.WriteBoolean("toolLibraries", HasToolLibraries);
        Write(writer, "compilers", Compilers);
        Write(writer, "buildPackages", BuildPackages);
        writer.WriteStartArray("packages");
        foreach (var package in Packages)
        {
            writer.WriteStartObject();
            writer.WriteString("name", package.Name);
            writer.WriteString("version", package.Version);
            writer.WriteString("architecture", package.Architecture);
            writer.WriteString("sha256", package.Sha256);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Null where the text is no manifest, or one of a newer form.</summary>
    public static KernelManifest? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return root.GetProperty("format").GetInt32() > Format ? null : new KernelManifest
            {
                Release = Text(root, "release"),
                Architecture = Text(root, "architecture"),
                Origin = Text(root, "origin"),
                From = Text(root, "from"),
                DebianRelease = Text(root, "debianRelease"),
                ToolsArchitecture = Text(root, "toolsArchitecture"),
                HasToolLibraries = root.GetProperty("toolLibraries").GetBoolean(),
                Compilers = Texts(root, "compilers"),
                BuildPackages = Texts(root, "buildPackages"),
                Packages = [.. root.GetProperty("packages").EnumerateArray().Select(p => new Package(Text(p, "name"), Text(p, "version"), Text(p, "architecture"), [], 0, Text(p, "sha256")))],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<string> words)
    {
        writer.WriteStartArray(name);
        foreach (var word in words)
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static string[] Texts(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetString() ?? "")];
}
