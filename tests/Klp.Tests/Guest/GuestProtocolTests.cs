using System.Text;
using Klp.Guest;
using Xunit;

namespace Klp.Tests.Guest;

public class GuestProtocolTests
{
    private const string Token = "0123456789abcdef";

    private static List<string> Events(IEnumerable<byte[]> chunks)
    {
        var events = new List<string>();
        var protocol = new GuestProtocol(Token)
        {
            OnMark = words => events.Add("mark " + string.Join(' ', words)),
            OnContent = (kind, name, bytes) =>
            {
                var text = Encoding.Latin1.GetString(bytes.Span);
                if (events.Count > 0 && events[^1].StartsWith($"{kind} {name}:", StringComparison.Ordinal))
                {
                    events[^1] += text;
                }
                else
                {
                    events.Add($"{kind} {name}:{text}");
                }
            },
        };
        foreach (var chunk in chunks)
        {
            protocol.Feed(chunk);
        }

        protocol.End();
        return events;
    }

    private static string Mark(string words) => $"\n@{Token} {words}\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(19)]
    [InlineData(1000)]
    public void However_the_stream_is_cut_the_sections_are_the_same(int size)
    {
        string[] outputs = ["", "\n", "\n\n", "plain\n", "no newline", "@" + Token, "\n@" + Token[..5], $"\n@{Token}x end out 0 0\n", "\n@", "\r\n\n@\n"];
        var stream = "BIOS noise\r\n" + Mark("hello 6.1") + "more noise" + string.Concat(outputs.Select((o, i) => Mark($"begin out {i}") + o + Mark($"end out {i} {i}") + "noise\n")) + Mark("bye 0");
        var events = Events(Encoding.Latin1.GetBytes(stream).Chunk(size));

        var expected = new List<string> { "mark hello 6.1" };
        for (var i = 0; i < outputs.Length; i++)
        {
            expected.Add($"mark begin out {i}");
            if (outputs[i].Length > 0)
            {
                expected.Add($"out {i}:{outputs[i]}");
            }

            expected.Add($"mark end out {i} {i}");
        }

        expected.Add("mark bye 0");
        Assert.Equal(expected, events);
    }

    [Fact]
    public void A_stream_that_breaks_off_keeps_what_it_had()
    {
        Assert.Equal(["mark begin out 0", "out 0:half a line\n@" + Token[..3]], Events([Encoding.ASCII.GetBytes(Mark("begin out 0") + "half a line\n@" + Token[..3])]));
    }

    [Fact]
    public void Any_bytes_are_taken_without_a_crash()
    {
        var random = new Random(20250101);
        var pieces = new[] { "\n@" + Token + " ", "begin", "end", "out", "log", " ", "\n", "0", "99999999999999", "boot", "@", "\r", "\u00ff\0", "hello" };
        for (var round = 0; round < 2000; round++)
        {
            var request = new GuestRequest { ImageFile = "", SearchPath = "", TemporaryDirectory = "", Steps = [new GuestStep("s", "true")], OnLine = (_, _) => { } };
            var recorder = new GuestRecorder(request, Token);
            for (var i = random.Next(60); i > 0; i--)
            {
                recorder.Feed(Encoding.Latin1.GetBytes(pieces[random.Next(pieces.Length)]));
            }

            recorder.End();
            Assert.Single(recorder.Steps());
            Assert.NotNull(recorder.KernelLog());
        }
    }
}
