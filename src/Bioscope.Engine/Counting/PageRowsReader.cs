using System.Data.Common;
using System.Runtime.InteropServices;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>Reads the rows of a page that questions need from the raw rows alone, within one snapshot.</summary>
/// <param name="dialect">The engine's.</param>
/// <param name="snapshot">In which everything is read.</param>
/// <param name="page">The page.</param>
/// <param name="memory">What rows take is taken from it.</param>
/// <param name="stored">The columns that sessions have, where another service made the table; null for all.</param>
/// <param name="cancellationToken">Ends the reading.</param>
internal sealed class PageRowsReader(
    SqlDialect dialect, DbTransaction snapshot, Guid page, MemoryLease memory, IReadOnlySet<string>? stored, CancellationToken cancellationToken)
{
    private const int VisitorBytes = 64;

    private readonly Dictionary<VisitorKey, int> _visitors = [];

    /// <summary>When the page's first row is; null when there is none.</summary>
    public async Task<DateTimeOffset?> FirstAsync()
    {
        const string Sql = """
            -- query first row
            SELECT MIN("at") FROM (
              SELECT MIN("startedAt") AS "at" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND {startedAtIsInstant}
              UNION ALL
              SELECT MIN("enteredAt") FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND {enteredAtIsInstant}
            ) AS "first"
            """;
        var first = await dialect.QueryAsync(
            snapshot, Sql, row => row.IsDBNull(0) ? (DateTimeOffset?)null : dialect.ReadInstant(row, 0), cancellationToken, ("@page", page));
        return first.Single();
    }

    /// <summary>Reads what the question needs.</summary>
    public async Task<PageRows> ReadAsync(CountQuery query)
    {
        var needs = QueryNeeds.Of(query);
        var readNeeds = new ReadNeeds(needs.PageViews || needs.VisitorKinds, needs.Visitors || needs.Clickers, needs.Outcomes);
        var reader = new RowReader(dialect, snapshot, page, needs.Sets, readNeeds, 0, cancellationToken) { Stored = stored, Take = memory.Take };
        var (from, until) = (At(query.Range.From), At(query.Range.Until));
        await reader.AddSessionsAsync(from, until);
        if (needs.PageViews)
        {
            var views = await reader.ReadViewsAsync(from, until);
            await reader.AddSessionsAsync(views.Select(view => view.Session));
            foreach (var view in views)
            {
                reader.Builder.AddPageView(view.At, reader.NumberOf(view.Session), view.Link);
            }
        }

        var block = reader.Builder.Build();
        if (readNeeds.Visitors)
        {
            block[BlockColumn.Visitor] = Visitors(reader);
        }

        if (needs.VisitorKinds)
        {
            block[BlockColumn.IsReturning] = NumberColumn.Of<byte>(await ReturningAsync(reader));
        }

        return new PageRows([block], new PageValues(), _visitors.Count) { Take = memory.Take };
    }

    private NumberColumn Visitors(RowReader reader)
    {
        var numbers = new int[reader.Builder.SessionCount];
        Array.Fill(numbers, RowBlock.Unknown); // of sessions that are not stored, which come last
        for (var i = 0; i < reader.Visitors.Length; i++)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_visitors, reader.Visitors[i], out var isKnown);
            if (!isKnown)
            {
                memory.Take(VisitorBytes);
                number = _visitors.Count - 1;
            }

            numbers[i] = number;
        }

        return NumberColumn.Of<int>(numbers);
    }

    /// <summary>By session, 1 where its visitor had one before, by time, then id.</summary>
    private async Task<byte[]> ReturningAsync(RowReader reader)
    {
        const string Sql = $$"""
            -- query first visits
            SELECT CAST("id" AS {text}), {{VisitorKey.Sql}} FROM "AnalyticsSession"
            WHERE "bioPageId" = @page AND "startedAt" <= @last AND {startedAtIsInstant} ORDER BY "startedAt", "id"
            """;
        var isReturning = new byte[reader.Builder.SessionCount];
        var last = QueryRange.Earliest;
        foreach (var at in reader.Builder.StartedAt)
        {
            last = Math.Max(last, at); // a page view may name a session that began after the range
        }

        var known = new HashSet<VisitorKey>();
        await dialect.QueryAsync(
            snapshot,
            Sql,
            row =>
            {
                if (known.Add(VisitorKey.OfStored(row.GetString(1))))
                {
                    memory.Take(VisitorBytes);
                }
                else if (reader.Numbers.TryGetValue(RowReader.IdOf(row.GetString(0)), out var session))
                {
                    isReturning[session] = 1;
                }

                return false;
            },
            cancellationToken,
            ("@page", page),
            ("@last", At(last)));
        return isReturning;
    }

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
