using Bioscope.Server.Translations;
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
        new("consent", (texts, count) => texts.Consent(count), texts => texts.ConsentMeaning),
        new("unanswered", (texts, count) => texts.Unanswered(count), texts => texts.UnansweredMeaning),
        new("bot", (texts, count) => texts.Bot(count), texts => texts.BotMeaning),
        new("token", (texts, count) => texts.Token(count), texts => texts.TokenMeaning),
    ];

    private static readonly Reason[] Events =
    [
        new("session", (texts, count) => texts.Session(count), texts => texts.SessionMeaning),
        new("link", (texts, count) => texts.Link(count), texts => texts.LinkMeaning),
        new("throttle", (texts, count) => texts.Throttle(count), texts => texts.ThrottleMeaning),
        new("overload", (texts, count) => texts.Overload(count), texts => texts.OverloadMeaning),
        new("storage", (texts, count) => texts.Storage(count), texts => texts.StorageMeaning),
    ];

    /// <summary>The reasons described here, by their names in the API.</summary>
    internal static IEnumerable<string> Reasons => Visits.Concat(Events).Select(reason => reason.Key);

    /// <summary>A reason with a number of what was dropped for it.</summary>
    public static string Said(Words words, string reason, long count) =>
        Visits.Concat(Events).First(known => known.Key == reason).Words(new NotCountedWords(words), words.Language.Number(count));

    /// <summary>Empty when nothing was dropped.</summary>
    public static Html Render(View view)
    {
        var texts = new NotCountedWords(view.Words);
        var counts = view.Drops.Reasons.ToDictionary(reason => reason.Reason, reason => reason.Count);
        var (visits, events) = (Of(Visits, counts), Of(Events, counts));
        if (visits.Count + events.Count == 0)
        {
            return Html.Nothing;
        }

        var sentences = new[] { Sentence(view, visits, texts.Visits), Sentence(view, events, texts.Events) }.OfType<string>();
        return Html.Of($"""
            <details class="uncounted" id="not-counted"><summary>{string.Join(" ", sentences)}</summary>
            <dl>{visits.Concat(events).Select(row => Html.Of($"""<div data-drop="{row.Reason.Key}"><dt>{row.Reason.Words(texts, view.Number(row.Count))}</dt><dd>{row.Reason.Meaning(texts)}</dd></div>"""))}</dl>
            <p>{texts.How}</p></details>

            """);
    }

    private static List<(Reason Reason, long Count)> Of(Reason[] reasons, Dictionary<string, long> counts) =>
        [.. reasons.Select(reason => (reason, counts.GetValueOrDefault(reason.Key))).Where(row => row.Item2 > 0).OrderByDescending(row => row.Item2)];

    private static string? Sentence(View view, List<(Reason Reason, long Count)> rows, Func<long, string, string> words)
    {
        var texts = new NotCountedWords(view.Words);
        return rows.Count == 0 ? null : words(
            rows.Sum(row => row.Count),
            new DashboardWords(view.Words).ListOf(rows.Select(row => row.Reason.Words(texts, view.Number(row.Count)))));
    }

    /// <summary>A reason: its name in the API, the words with a number, and its meaning with what to do.</summary>
    private sealed record Reason(string Key, Func<NotCountedWords, string, string> Words, Func<NotCountedWords, string> Meaning);
}
