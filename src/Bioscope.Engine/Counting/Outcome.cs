using System.Globalization;

namespace Bioscope.Engine.Counting;

/// <summary>How sessions went, as sums. A bounce is a session with fewer than two page views; timed is one with a duration.</summary>
internal static class Outcome
{
    public const string Sessions = "sessions", Bounces = "bounces", Timed = "timed", Seconds = "seconds", PageViews = "pageViews";

    public static readonly string[] Names = [Sessions, Bounces, Timed, Seconds, PageViews];

    /// <summary>
    /// Adds sessions of one kind: <c>page views duration</c>. Either may be unknown, as in databases of another service; what is no number
    /// from 0 to 2,147,483,647 is unknown too.
    /// </summary>
    public static void Add(Counts counts, string kind, long sessions)
    {
        var space = kind.IndexOf(' ', StringComparison.Ordinal);
        counts.Add(Sessions, sessions);
        if (int.TryParse(kind.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var pageViews))
        {
            counts.Add(PageViews, (long)pageViews * sessions);
            counts.Add(Bounces, pageViews < 2 ? sessions : 0);
        }

        if (int.TryParse(kind.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
        {
            counts.Add(Timed, sessions);
            counts.Add(Seconds, (long)seconds * sessions);
        }
    }
}
