using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>A file that several stages read is read for its digest once, and again when its time or size is another.</summary>
public sealed class KnownDigestsTests : IDisposable
{
    private static readonly DateTime Earlier = DateTime.UtcNow.AddHours(-1);
    private readonly TemporaryFolder _folder = new();
    private readonly KnownDigests _known = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_with_the_same_stamp_is_not_read_again()
    {
        var file = Write("one", Earlier);
        _known.Prepare(file);
        Write("two", Earlier);
        Assert.Equal(Digest.OfText("one"), Take(file)?.Digest);
    }

    [Fact]
    public void A_file_with_another_time_or_size_is()
    {
        var file = Write("one", Earlier);
        _known.Prepare(file);
        Write("two", Earlier.AddSeconds(1));
        Assert.Equal(Digest.OfText("two"), Take(file)?.Digest);
        Write("three", Earlier.AddSeconds(1));
        Assert.Equal(Digest.OfText("three"), Take(file)?.Digest);
    }

    [Fact]
    public void A_time_that_proves_nothing_is_not_believed_later()
    {
        var now = DateTime.UtcNow.AddMinutes(1);
        var file = Write("one", now);
        _known.Prepare(file);
        Write("two", now);
        Assert.Equal(Digest.OfText("two"), Take(file)?.Digest);
    }

    [Fact]
    public void A_file_that_changed_since_it_was_seen_has_no_record()
    {
        var file = Write("one", Earlier);
        var seen = FileStamp.Of(file);
        _known.Prepare(file);
        Write("two", Earlier.AddSeconds(1));
        Assert.Null(_known.Take(file, seen, DateTime.UtcNow.Ticks));
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_fact_too()
    {
        var file = Path.Combine(_folder.Path, "nothing");
        _known.Prepare(file);
        Assert.Equal("", Take(file)?.Digest);
        Write("one", Earlier, "nothing");
        Assert.Equal(Digest.OfText("one"), Take(file)?.Digest);
    }

    private FileRecord? Take(string file) => _known.Take(file, FileStamp.Of(file), DateTime.UtcNow.Ticks);

    private string Write(string content, DateTime time, string name = "file")
    {
        var file = _folder.Write(name, content);
        File.SetLastWriteTimeUtc(file, time);
        return file;
    }
}
