using Klp.Base;
using Klp.TestKit;
using Klp.Toolchain;
using Xunit;

namespace Klp.Tests.Toolchain;

/// <summary>A stage runs when something it depends on has other content, and only then.</summary>
public sealed class StageRecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _input;
    private readonly string _output;
    private IReadOnlyList<string> _words = ["one", "two"];
    private int _runs;

    public StageRecordTests()
    {
        _input = Old(_folder.Write("input", "content"));
        _output = Path.Combine(_folder.Path, "output");
    }

    private string State => Path.Combine(_folder.Path, "stage.state");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_stage_runs_once_for_the_same_inputs()
    {
        Assert.Equal("there is no record of an earlier run", Run());
        Assert.Null(Run());
        Assert.Null(Run());
        Assert.Equal(1, _runs);
    }

    [Fact]
    public void A_touch_runs_nothing_and_is_looked_at_once()
    {
        Run();
        File.SetLastWriteTimeUtc(_input, DateTime.UtcNow.AddDays(2));
        Assert.Null(Run());
        var state = File.ReadAllBytes(State);
        Assert.Null(Run());
        Assert.Equal(state, File.ReadAllBytes(State));
    }

    [Fact]
    public void Another_content_runs_the_stage_even_with_an_older_time_and_the_same_size()
    {
        Run();
        File.WriteAllText(_input, "CONTENT");
        File.SetLastWriteTimeUtc(_input, DateTime.UtcNow.AddYears(-1));
        Assert.Equal(_input + " changed", Run());
        Assert.Null(Run());
    }

    [Fact]
    public void A_run_takes_what_the_last_one_recorded_of_the_inputs_that_did_not_change()
    {
        var large = Old(_folder.Write("large", "image"));
        Run(more: large);
        var time = File.GetLastWriteTimeUtc(large);
        File.WriteAllText(large, "other");
        File.SetLastWriteTimeUtc(large, time);
        File.WriteAllText(_input, "CONTENT");
        Assert.Equal(_input + " changed", Run(more: large));

        // Same time, same size: it was not read, so the record still tells the first content.
        File.SetLastWriteTimeUtc(large, time.AddSeconds(1));
        Assert.Equal(large + " changed", Run(more: large));
    }

    [Fact]
    public void Other_words_or_their_order_run_the_stage()
    {
        Run();
        _words = ["two", "one"];
        Assert.Equal("its parameters changed", Run());
        _words = ["two", "one", ""];
        Assert.Equal("its parameters changed", Run());
        Assert.Null(Run());
    }

    [Fact]
    public void A_file_that_came_or_went_runs_the_stage()
    {
        var optional = Path.Combine(_folder.Path, "optional");
        Run(optional);
        Assert.Null(Run(optional));
        Old(_folder.Write("optional", "now here"));
        Assert.Equal(optional + " changed", Run(optional));
        File.Delete(optional);
        Assert.Equal(optional + " is gone", Run(optional));
        Assert.Equal("its list of files changed", Run());
    }

    [Fact]
    public void A_discovered_file_counts_like_a_declared_one()
    {
        var discovered = Old(_folder.Write("discovered", "1"));
        Run(discover: discovered);
        Assert.Null(Run(discover: discovered));
        File.WriteAllText(discovered, "2");
        Assert.Equal(discovered + " changed", Run(discover: discovered));
    }

    [Fact]
    public void A_missing_or_changed_output_runs_the_stage()
    {
        Run();
        File.Delete(_output);
        Assert.Equal(_output + " is gone", Run());
        File.AppendAllText(_output, "x");
        Assert.Equal(_output + " changed", Run());
        File.SetLastWriteTimeUtc(_output, DateTime.UtcNow.AddDays(-1));
        Assert.Null(Run());
    }

    [Fact]
    public void A_run_that_was_killed_before_it_saved_runs_again()
    {
        Run();
        File.WriteAllText(_input, "edited");
        var stage = StageRecord.Begin("Test", State, _words, [_input]);
        Assert.False(stage.IsUpToDate([_output]));
        File.WriteAllText(_output, "half");
        Assert.Equal(_input + " changed", Run());
    }

    [Fact]
    public void An_input_that_changes_while_the_stage_runs_is_not_recorded()
    {
        var stage = StageRecord.Begin("Test", State, _words, [_input]);
        File.WriteAllText(_output, "made of the old content");
        File.WriteAllText(_input, "the new content, written meanwhile");
        Assert.True(stage.Save([_output], [], new DiagnosticBag()));
        Assert.NotNull(Run());
    }

    [Fact]
    public void An_input_written_just_before_is_looked_at_again_until_its_time_proves_something()
    {
        File.WriteAllText(_input, "written in this very moment");
        Run();
        Assert.Null(Run());

        // The same size and, on a coarse clock, the same time: only the content tells.
        var time = File.GetLastWriteTimeUtc(_input);
        File.WriteAllText(_input, "WRITTEN in this very moment");
        File.SetLastWriteTimeUtc(_input, time);
        Assert.Equal(_input + " changed", Run());
    }

    [Fact]
    public void A_link_counts_as_the_file_behind_it()
    {
        var target = Old(_folder.Write("target", "one"));
        var link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, target);
        Run(link);
        Assert.Null(Run(link));
        File.WriteAllText(target, "two");
        Assert.Equal(link + " changed", Run(link));
    }

    [Fact]
    public void Warnings_and_results_of_the_recorded_run_come_back()
    {
        var warning = new Diagnostic("KLP0100", Severity.Warning, new SourcePlace("f.c", 3, 4), "said", "cure", ["note"]);
        var stage = StageRecord.Begin("Test", State, _words, [_input]);
        File.WriteAllText(_output, "x");
        Assert.True(stage.Save([_output], [warning], new DiagnosticBag(), ["result"]));
        stage = StageRecord.Begin("Test", State, _words, [_input]);
        Assert.True(stage.IsUpToDate([_output]));
        Assert.Equal(["result"], stage.Results);
        var again = Assert.Single(stage.Diagnostics);
        Assert.Equal(warning.ToString(), again.ToString());
        Assert.Equal(warning.Place, again.Place);
    }

    [Fact]
    public void A_damaged_or_foreign_state_is_no_state()
    {
        Run();
        var good = File.ReadAllBytes(State);
        for (var i = 0; i < good.Length; i++)
        {
            var bad = (byte[])good.Clone();
            bad[i] ^= 0x20;
            File.WriteAllBytes(State, bad);
            Assert.False(StageRecord.Begin("Test", State, _words, [_input]).IsUpToDate([_output]), $"byte {i} flipped");
            File.WriteAllBytes(State, good[..i]);
            Assert.False(StageRecord.Begin("Test", State, _words, [_input]).IsUpToDate([_output]), $"cut at {i}");
        }

        File.WriteAllBytes(State, good);
        Assert.False(StageRecord.Begin("Another", State, _words, [_input]).IsUpToDate([_output]));
        Assert.True(StageRecord.Begin("Test", State, _words, [_input]).IsUpToDate([_output]));
        File.Delete(State);
        Directory.CreateDirectory(State);
        Assert.False(StageRecord.Begin("Test", State, _words, [_input]).IsUpToDate([_output]));
    }

    [Fact]
    public void A_state_that_cannot_be_written_is_said()
    {
        var diagnostics = new DiagnosticBag();
        var stage = StageRecord.Begin("Test", Path.Combine(_input, "stage.state"), _words, [_input]);
        File.WriteAllText(_output, "x");
        Assert.False(stage.Save([_output], [], diagnostics));
        Assert.Equal("KLP0010", Assert.Single(diagnostics).Id);
    }

    /// <summary>Makes a file look older than the run, so that its time proves something.</summary>
    private static string Old(string path)
    {
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
        return path;
    }

    /// <summary>Runs a stage that copies its input; returns the reason, or null where it was up to date.</summary>
    private string? Run(string? more = null, string? discover = null)
    {
        string[] inputs = more is null ? [_input] : [_input, more];
        var stage = StageRecord.Begin("Test", State, _words, inputs);
        if (stage.IsUpToDate([_output]))
        {
            return null;
        }

        _runs++;
        if (discover is not null)
        {
            stage.Discover(discover);
        }

        var diagnostics = new DiagnosticBag();
        SafeFile.WriteText(_output, File.ReadAllText(_input) + _runs, diagnostics);
        Assert.True(stage.Save([_output], [], diagnostics), diagnostics.ToString());
        return stage.Reason;
    }
}
