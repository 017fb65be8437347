using Bioscope.Core;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Dashboard;

/// <summary>The visits of the last half hour: how many per minute, oldest first, and the newest ones.</summary>
internal sealed record LiveVisits(DateTimeOffset At, IReadOnlyList<long> Minutes, IReadOnlyList<LiveVisit> Newest)
{
    public const int Length = 30;
    private const int MaxNewest = 6;

    // Of the newest ones some may be hidden.
    private const int MaxRead = 30;

    private static readonly Dimension Source = Dimension.Named("source")!;

    // What the source is read from, as in every query; what rules may look at besides comes after them.
    private static readonly IReadOnlyList<string> Facts = FactSet.Origin.Columns;

    private static readonly string[] FactsAndReferrer = [.. Facts, "referrer"];

    private static readonly string[] Spam = ["referrerDomain"];

    public long Visits => Minutes.Sum();

    /// <summary>The activity on the page in the minutes up to <paramref name="now"/>; the last minute is incomplete.</summary>
    public static async Task<LiveVisits> ReadAsync(
        AnalyticsDatabase analytics, Guid page, Naming naming, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var last = now.ToUnixTimeSeconds() / 60;
        var (minutes, newest) = (new long[Length], new List<LiveVisit>());
        var looked = LookedAt(naming);
        await analytics.QueryAsync(
            Sql(looked),
            row =>
            {
                var kept = Kept(Text);
                if (Dimension.Hidden.ValueOf(kept, naming) is not null)
                {
                    return 0;
                }

                if (row.GetInt64(0) is >= 0 and var minute)
                {
                    // A row left in the future by a clock that was then set back counts as now.
                    minutes[Math.Clamp(Length - 1 - (last - minute), 0, Length - 1)] += row.GetInt64(1);
                }
                else
                {
                    newest.Add(new LiveVisit(analytics.Dialect.ReadInstant(row, 2), Source.ValueOf(kept, naming)!, Text(3), Text(4)));
                }

                return 0;

                string? Text(int column) => row.IsDBNull(column) || row.GetString(column).Length == 0 ? null : row.GetString(column);
            },
            cancellationToken,
            ("@page", page),
            ("@since", DateTimeOffset.FromUnixTimeSeconds((last - Length + 1) * 60)));
        newest.Sort((one, other) => other.At.CompareTo(one.At));
        return new LiveVisits(now.TruncateToMillisecond(), minutes, [.. newest.Take(MaxNewest)]);
    }

    // Minutes are counted by what decides whether a visit is hidden.
    private static string[] LookedAt(Naming naming) =>
        naming.Rules.Count == 0 ? naming.HidesSpam ? Spam : []
        : naming.LooksAtReferrers ? FactsAndReferrer
        : [.. Facts];

    private static string Sql(string[] looked) => $$"""
        -- live
        SELECT * FROM (
          SELECT -1 AS "minute", 1 AS "visits", "startedAt" AS "at", "country", "device", {{List(fact => $"\"{fact}\"")}}
          FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @since ORDER BY "startedAt" DESC, "id" DESC LIMIT {{MaxRead}}) AS "newest"
        UNION ALL
        SELECT {minuteOfStartedAt}, COUNT(*), NULL, NULL, NULL, {{List(fact => looked.Contains(fact) ? $"\"{fact}\"" : "NULL")}}
        FROM "AnalyticsSession" WHERE "bioPageId" = @page AND "startedAt" >= @since
        GROUP BY {{string.Join(", ", looked.Select(fact => $"\"{fact}\"").Prepend("1"))}}
        """;

    private static string List(Func<string, string> column) => string.Join(", ", FactsAndReferrer.Select(column));

    private static string?[] Kept(Func<int, string?> text)
    {
        const int First = 5;
        string?[] facts = [.. Facts.Select((_, i) => text(First + i))];
        var referrer = text(First + Facts.Count);
        return [.. facts, .. FactSet.Referrer.Keep!([referrer, FactSet.Origin.Value(facts, "referrerDomain")])];
    }
}

/// <summary>A visit that has just begun.</summary>
internal sealed record LiveVisit(DateTimeOffset At, string Source, string? Country, string? Device);
