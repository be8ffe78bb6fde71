using Klp.Base;
using Klp.Elf;

namespace Klp.TestKit;

/// <summary>Compiles and links small C texts with the machine's real tools; a tool that is missing fails the test.</summary>
public static class CCompiler
{
    /// <summary>Compiles one C text to a relocatable object's bytes. The source is called <c>input.c</c> and compiled by its absolute path from another folder, as the kernel's modules are.</summary>
    /// <param name="compiler">A program on the path: <c>gcc</c>, <c>clang</c>, <c>s390x-linux-gnu-gcc</c>…</param>
    public static byte[] Compile(string source, string compiler = "gcc", params string[] options)
    {
        using var folder = new TemporaryFolder();
        var input = folder.Write("input.c", source);
        var output = folder.Write("build/output.o", "");
        Run(compiler, Path.GetDirectoryName(output)!, [.. options, "-c", input, "-o", output]);
        return File.ReadAllBytes(output);
    }

    /// <summary>As <see cref="Compile"/>, read.</summary>
    public static ElfFile CompileElf(string source, string compiler = "gcc", params string[] options) => Read(Compile(source, compiler, options));

    public static ElfFile Read(byte[] bytes)
    {
        var diagnostics = new DiagnosticBag();
        return ElfFile.Read(bytes, "test.o", diagnostics) ?? throw new InvalidOperationException(diagnostics.ToString());
    }

    /// <summary>Runs a tool to success and returns what it printed on both streams.</summary>
    public static string Run(string tool, string folder, params string[] arguments)
    {
        var result = TryRun(tool, folder, arguments);
        return result.ExitCode == 0 ? result.StandardOutput + result.StandardError
            : throw new InvalidOperationException($"{tool} {string.Join(' ', arguments)} ended with {result.ExitCode}:\n{result.StandardError}{result.StandardOutput}");
    }

    /// <summary>Runs a tool; only one that is not installed is an error.</summary>
    public static ProcessResult TryRun(string tool, string folder, params string[] arguments)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        var program = ProcessRunner.FindOnPath(tool, path, folder) ?? throw new InvalidOperationException($"{tool} is not installed; eng/test.sh installs it.");
        var diagnostics = new DiagnosticBag();
        var request = new ProcessRequest(program, arguments, folder, new Dictionary<string, string> { ["PATH"] = path, ["LC_ALL"] = "C" });
        return ProcessRunner.RunAsync(request, diagnostics, CancellationToken.None).GetAwaiter().GetResult()
            ?? throw new InvalidOperationException(diagnostics.ToString());
    }
}
