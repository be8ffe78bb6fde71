using System.Globalization;

namespace Klp.Guest;

/// <summary>Writes a duration as <c>dotnet test</c> does: <c>1 m 2 s</c>, <c>12 s</c>, <c>250 ms</c>.</summary>
public static class TestTime
{
    public static string Of(TimeSpan time) => string.Create(CultureInfo.InvariantCulture,
        $"{(time.TotalMinutes >= 1 ? $"{(int)time.TotalMinutes} m {time.Seconds} s" : time.TotalSeconds >= 1 ? $"{(int)time.TotalSeconds} s" : time.TotalMilliseconds >= 1 ? $"{(int)time.TotalMilliseconds} ms" : "< 1 ms")}");
}
