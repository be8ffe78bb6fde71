using Klp.Base;
using Klp.TestKit;
using Xunit;

namespace Klp.Build.Sdk.Tests.BadInput;

/// <summary>A patch that has been built, for tests that then spoil something: the module must survive that.</summary>
public sealed class BuiltPatch : IDisposable
{
    public BuiltPatch()
    {
        Project = SdkProject.Patch(Kernel);
        Project.Build().Succeeded();
        Module = File.ReadAllBytes(Project.Module(Kernel));
    }

    public static TestKernel Kernel => Kernels.BySeries("6.1");

    public SdkProject Project { get; }

    /// <summary>The bytes of the good module.</summary>
    public byte[] Module { get; }

    /// <summary>A file beside the project.</summary>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(Project.Root, name);
        Assert.True(SafeFile.Write(path, content, new DiagnosticBag()));
        return path;
    }

    /// <summary>A script beside the project.</summary>
    public string Script(string name, string content)
    {
        var path = Write(name, System.Text.Encoding.UTF8.GetBytes("#!/bin/sh\n" + content + "\n"));
        CCompiler.Run("chmod", "/", "+x", path);
        return path;
    }

    public void AssertUntouched() => Assert.True(Module.AsSpan().SequenceEqual(File.ReadAllBytes(Project.Module(Kernel))), "The old module was touched.");

    public void Dispose() => Project.Dispose();
}
