using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Blocks;

/// <summary>
/// One line that says what was not counted, and unfolds to what each reason means and what can be done about it. Visits and events (a
/// view, a click, a heartbeat, or a visit) are counted separately: for a dropped event it is unknown whether its visit was counted.
/// </summary>
internal static class NotCounted
{
    private static readonly Reason[] Visits =
    [
        new(
            "consent",
            "refused",
            "The visitor said no, or the browser did so for all pages (Global Privacy Control, Do Not Track). No action is needed."),
        new(
            "unanswered",
            "did not answer",
            "The page asked whether the visit may be counted, and the visitor left without an answer. The operator of this server can " +
            "count without asking."),
        new("bot", "by bots", "Search engines, link previews and other programs that say so in their user agent. No action is needed."),
        new(
            "token",
            "without a valid token",
            "The page’s tracking token was missing, wrong, or too old: a cache kept the page for too long, or someone else sent it. A " +
            "page on a server of your own needs a new token for each visitor."),
    ];

    private static readonly Reason[] Events =
    [
        new(
            "session",
            "of no open visit",
            "Views, clicks or heartbeats of a visit that is unknown, or that began more than a day earlier."),
        new(
            "link",
            "on no link of the page",
            "A click named a link that the page does not have: it was removed in the meantime, or made up."),
        new(
            "throttle",
            "over a limit",
            "One address sent more than it may: a program, or many visitors behind one address. The operator of this server can raise " +
            "the limits."),
        new(
            "overload",
            "when too many came at once",
            "More events arrived than the database could take. Tell the operator of this server."),
        new("storage", "that could not be stored", "The database was unavailable, full or damaged. Tell the operator of this server."),
    ];

    /// <summary>The reasons described here, by their names in the API.</summary>
    internal static IEnumerable<string> Reasons => Visits.Concat(Events).Select(reason => reason.Key);

    /// <summary>Empty when nothing was dropped.</summary>
    public static Html Render(View view)
    {
        var counts = view.Drops.Reasons.ToDictionary(reason => reason.Reason, reason => reason.Count);
        var (visits, events) = (Of(Visits, counts), Of(Events, counts));
        if (visits.Count + events.Count == 0)
        {
            return Html.Nothing;
        }

        var sentences = new[] { Sentence(view, visits, "visit"), Sentence(view, events, "event") }.OfType<string>();
        return Html.Of($"""
            <details class="uncounted" id="not-counted"><summary>{string.Join(" ", sentences)}</summary>
            <dl>{visits.Concat(events).Select(row => Html.Of($"""<div data-drop="{row.Reason.Key}"><dt>{view.Number(row.Count)} {row.Reason.Words}</dt><dd>{row.Reason.Meaning}</dd></div>"""))}</dl>
            <p>Counted by whole UTC days, and by nothing else: nobody can tell who it was.</p></details>

            """);
    }

    private static List<(Reason Reason, long Count)> Of(Reason[] reasons, Dictionary<string, long> counts) =>
        [.. reasons.Select(reason => (reason, counts.GetValueOrDefault(reason.Key))).Where(row => row.Item2 > 0).OrderByDescending(row => row.Item2)];

    private static string? Sentence(View view, List<(Reason Reason, long Count)> rows, string what)
    {
        var total = rows.Sum(row => row.Count);
        var parts = string.Join(", ", rows.Select(row => $"{view.Number(row.Count)} {row.Reason.Words}"));
        return total == 0 ? null : $"{view.Number(total)} {what}{(total == 1 ? " was" : "s were")} not counted: {parts}.";
    }

    /// <summary>A reason: its name in the API, the words that follow a number, and its meaning with what to do.</summary>
    private sealed record Reason(string Key, string Words, string Meaning);
}
