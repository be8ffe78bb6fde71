using System.IO.Pipes;
using Klp.Base;
using Xunit;

namespace Klp.Tests.Base;

/// <summary>A pipe that takes much while nobody reads.</summary>
public sealed class WidePipeTests
{
    [Fact]
    public async Task A_wide_pipe_takes_more_than_a_usual_one_before_anybody_reads()
    {
        var content = new byte[900_000];
        Random.Shared.NextBytes(content);
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        WidePipe.Widen(reader);
        using var writer = new AnonymousPipeClientStream(PipeDirection.Out, reader.ClientSafePipeHandle);

        await Task.Run(() => writer.Write(content)).WaitAsync(TimeSpan.FromSeconds(10));

        var read = new byte[content.Length];
        reader.ReadExactly(read);
        Assert.Equal(content, read);
    }

    [Fact]
    public void What_is_no_pipe_stays_as_it_is() => WidePipe.Widen(Stream.Null);
}
