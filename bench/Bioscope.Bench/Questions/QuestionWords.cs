using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bioscope.Bench.Data;
using Bioscope.Core;

namespace Bioscope.Bench.Questions;

/// <summary>Where a question is asked: the words in braces of <see cref="Question"/> stand for these.</summary>
internal sealed partial class QuestionWords
{
    private readonly Dictionary<string, string> _words;
    private readonly Func<DateTimeOffset, string> _instant;

    private QuestionWords(
        BenchPage page, bool hasOtherPages, Func<DateTimeOffset, string> instant, IEnumerable<(string Word, string Text)> others)
    {
        _instant = instant;
        var (ofSession, ofView) = hasOtherPages ? ($"s.\"bioPageId\" = '{page.Id:D}'", $"v.\"bioPageId\" = '{page.Id:D}'") : ("TRUE", "TRUE");
        _words = new Dictionary<string, string>
        {
            ["pageOfSession"] = ofSession,
            ["pageOfView"] = ofView,
            ["visits"] = $$"""
                "AnalyticsSession" AS s WHERE {{ofSession}} AND s."startedAt" >= {from} AND s."startedAt" < {until}
                """,
            ["views"] = $$"""
                "AnalyticsPageView" AS v JOIN "AnalyticsSession" AS s ON s."id" = v."sessionId" AND {{ofSession}}
                WHERE {{ofView}} AND v."enteredAt" >= {from} AND v."enteredAt" < {until}
                """,
            ["source"] = SourceSql,
            ["isInstagram"] = IsSource("Instagram"),
            ["isTikTok"] = IsSource("TikTok"),
            ["link"] = page.LinkIds[0].ToString("D"),
        };
        foreach (var (word, text) in others)
        {
            _words.Add(word, text);
        }
    }

    /// <summary>Days, hours and weekdays are those of Asia/Kolkata, which is 5:30 before UTC all year.</summary>
    public static QuestionWords Sqlite(BenchPage page) => new(page, true, Milliseconds, NumbersOfInstants("/", "TEXT"));

    /// <summary>As above, but of a table that has this page's rows only.</summary>
    public static QuestionWords DuckDb(BenchPage page) => new(page, false, Milliseconds, NumbersOfInstants("//", "VARCHAR"));

    public static QuestionWords Postgres(BenchPage page)
    {
        const string Local = "(({0}.\"{1}\" AT TIME ZONE 'UTC') AT TIME ZONE 'Asia/Kolkata')";
        var started = Local.Replace("{0}", "s", StringComparison.Ordinal).Replace("{1}", "startedAt", StringComparison.Ordinal);
        var entered = Local.Replace("{0}", "v", StringComparison.Ordinal).Replace("{1}", "enteredAt", StringComparison.Ordinal);
        return new(page, true, instant => $"TIMESTAMP '{instant.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}'",
        [
            ("text", "text"),
            ("dayOfStartedAt", $"({started}::date - DATE '1970-01-01')"),
            ("dayOfEnteredAt", $"({entered}::date - DATE '1970-01-01')"),
            ("hourOfStartedAt", $"EXTRACT(HOUR FROM {started})::int"),
            ("weekdayOfStartedAt", $"EXTRACT(ISODOW FROM {started})::int"),
        ]);
    }

    /// <summary>The JSON of the question; <c>{day-14}</c> is the date a fortnight ago.</summary>
    /// <param name="question">The question.</param>
    /// <param name="link">A link of the page that is asked about.</param>
    /// <param name="today">The day.</param>
    public static string Query(Question question, Guid link, DateOnly today) => DaysAgo()
        .Replace(question.Query, day => DaysBefore(today, int.Parse(day.Groups[1].ValueSpan, CultureInfo.InvariantCulture)))
        .Replace("{link}", link.ToString("D"), StringComparison.Ordinal);

    /// <summary>The same about a range that was not asked about before: both ends are some minutes later, and inside days.</summary>
    /// <param name="query">What <see cref="Query"/> returned.</param>
    /// <param name="today">The day.</param>
    /// <param name="minutes">How many minutes later.</param>
    public static string OfOtherRange(string query, DateOnly today, int minutes)
    {
        var asked = JsonNode.Parse(query)!;
        var (first, last) = asked["range"] is JsonArray ends ? (DayOf(ends[0]), DayOf(ends[1])) : (today.AddDays(-364), today);
        asked["range"] = new JsonArray(InstantOf(first), InstantOf(last.AddDays(1)));
        return asked.ToJsonString();

        static DateOnly DayOf(JsonNode? day) => DateOnly.ParseExact(day!.GetValue<string>(), "yyyy-MM-dd", CultureInfo.InvariantCulture);

        string InstantOf(DateOnly day) =>
            day.ToDateTime(TimeOnly.MinValue).AddMinutes(minutes).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
    }

    /// <summary>The statement of the question for a range.</summary>
    public string Sql(Question question, AnswerRange range)
    {
        var words = _words.Append(new("from", _instant(range.From))).Append(new("until", _instant(range.Until)));
        return words.Aggregate(question.Sql, (sql, word) => sql.Replace('{' + word.Key + '}', word.Value, StringComparison.Ordinal));
    }

    private static string DaysBefore(DateOnly today, int days) => today.AddDays(-days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Milliseconds(DateTimeOffset instant) => instant.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static (string Word, string Text)[] NumbersOfInstants(string divide, string text) =>
    [
        ("text", text),
        ("dayOfStartedAt", $"(s.\"startedAt\" + 19800000) {divide} 86400000"),
        ("dayOfEnteredAt", $"(v.\"enteredAt\" + 19800000) {divide} 86400000"),
        ("hourOfStartedAt", $"((s.\"startedAt\" + 19800000) {divide} 3600000) % 24"),
        ("weekdayOfStartedAt", $"((s.\"startedAt\" + 19800000) {divide} 86400000 + 3) % 7 + 1"), // 1970 began on a Thursday
    ];

    /// <summary>The name of a session's source: of the domains that the data set has.</summary>
    private static string SourceSql { get; } = $"""
        CASE {string.Join(' ', Origins.Domains
            .Select(domain => (Domain: domain, Source: SourceName.Of(domain)?.Name))
            .Where(origin => origin.Source is not null)
            .Select(origin => $"WHEN s.\"referrerDomain\" = '{origin.Domain}' THEN '{origin.Source}'"))}
        WHEN s."referrerDomain" IS NULL THEN '{AttributionLadder.NoSource}' ELSE s."referrerDomain" END
        """;

    private static string IsSource(string name)
    {
        var domains = Origins.Domains.Where(domain => SourceName.Of(domain)?.Name == name).Select(domain => $"'{domain}'");
        return $"s.\"referrerDomain\" IN ({string.Join(", ", domains)})";
    }

    [GeneratedRegex(@"\{day-(\d+)\}")]
    private static partial Regex DaysAgo();
}
