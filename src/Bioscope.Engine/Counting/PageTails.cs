using System.Data.Common;
using System.Globalization;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Reads what is not sealed of a page for several questions at once. Where each statement is planned on two machines (Citus), its text is most of its
/// cost. So it is short, and questions about a page that wait for a connection are answered by the same one: it begins after the last of them was
/// asked. Rows of one table and the page are two statements, which Citus plans once and for all; where the page has the same version after them as it
/// had before, they are of one instant. Rows of both tables are one statement.
/// </summary>
internal sealed class PageTails(AnalyticsDatabase analytics)
{
    /// <summary>Between visitors. It is in no hash; were it in another text, the pieces would be more than the sessions.</summary>
    public const char Separator = ' ';

    /// <summary>The columns that a row of sessions begins with; its visitors follow.</summary>
    public static readonly RollupColumn[] OfSessions = [RollupColumn.Sources, RollupColumn.Countries, RollupColumn.Devices];

    private const string Name = "tail of page";

    // A statement, and the first part of one.
    private const string PageSql = """
        -- page of tail
        SELECT NULL, NULL, NULL, NULL, "version", CAST("shardBits" AS {bigint}), "sealedFrom", "sealedUntil"
        FROM "RollupPage" WHERE "bioPageId" = @page AND "sealedUntil" IS NOT NULL
        """;

    // Some statements' time. While a page's statement runs, the next one gathers; one that hangs must not hold up more.
    private static readonly TimeSpan MaxGathering = TimeSpan.FromMilliseconds(20);

    private static readonly RollupColumn[] OfViews = [RollupColumn.Views, RollupColumn.Clicks, RollupColumn.Links];

    // By what is needed.
    private static readonly string[][] Texts = [.. Enumerable.Range(0, 1 << 5).Select(needs => TextsOf((TailNeeds)needs))];

    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid Page, DateTimeOffset From), Gathering> _gathering = [], _running = [];

    /// <summary>Of each kind of row what a question counts; the first ones in the order of <see cref="OfSessions"/>.</summary>
    [Flags]
    private enum TailNeeds
    {
        None = 0,
        Visitors = 8,
        Views = 16,
    }

    /// <summary>Whether the plan counts nothing but what is read here.</summary>
    public static bool Has(RollupPlan plan) => plan.Columns.All(column => OfSessions.Contains(column) || OfViews.Contains(column));

    /// <summary>Reads what the plan counts of a page's rows from an instant on.</summary>
    /// <returns>It may have more, for others.</returns>
    public async Task<PageTail> ReadAsync(RollupPlan plan, Guid page, DateTimeOffset from, CancellationToken cancellationToken)
    {
        Gathering? gathering;
        lock (_lock)
        {
            if (!_gathering.TryGetValue((page, from), out gathering))
            {
                _gathering.Add((page, from), gathering = new Gathering());
                _ = RunAsync(page, from, gathering, _running.GetValueOrDefault((page, from)));
            }

            gathering.Needs |= NeedsOf(plan);
        }

        return await gathering.Read.Task.WaitAsync(cancellationToken);
    }

    private async Task RunAsync(Guid page, DateTimeOffset from, Gathering gathering, Gathering? before)
    {
        try
        {
            await Task.Yield(); // so that questions which came to this server together can join
            if (before is not null)
            {
                await ((Task)before.Read.Task.WaitAsync(MaxGathering)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            var rows = await analytics.QueryWhenSentAsync(
                Name,
                () => Close(page, from, gathering),
                row => new TailRow(
                    [TextOrNull(row, 0), TextOrNull(row, 1), TextOrNull(row, 2), TextOrNull(row, 3)], row.GetInt64(4), row.IsDBNull(5) ? null : row.GetInt64(5),
                    row.IsDBNull(6) ? null : analytics.Dialect.ReadInstant(row, 6), row.IsDBNull(7) ? null : analytics.Dialect.ReadInstant(row, 7)),
                CancellationToken.None, // one that gives up must not cancel the others
                ("@page", page),
                ("@from", from));
            gathering.Read.SetResult(new PageTail(page, rows));
        }
        catch (Exception e)
        {
            Close(page, from, gathering);
            gathering.Read.SetException(e);
        }

        lock (_lock)
        {
            if (_running.TryGetValue((page, from), out var last) && last == gathering)
            {
                _running.Remove((page, from));
            }
        }
    }

    /// <summary>The texts for what is gathered; later questions are for others.</summary>
    private string[] Close(Guid page, DateTimeOffset from, Gathering gathering)
    {
        lock (_lock)
        {
            if (_gathering.TryGetValue((page, from), out var open) && open == gathering)
            {
                _gathering.Remove((page, from));
                _running[(page, from)] = gathering;
            }

            return Texts[(int)gathering.Needs];
        }
    }

    private static string? TextOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static TailNeeds NeedsOf(RollupPlan plan)
    {
        var needs = plan.CountsVisitors ? TailNeeds.Visitors : TailNeeds.None;
        foreach (var column in plan.Columns)
        {
            needs |= OfViews.Contains(column) ? TailNeeds.Views : (TailNeeds)(1 << Array.IndexOf(OfSessions, column));
        }

        return needs;
    }

    private static string[] TextsOf(TailNeeds needs)
    {
        var rows = new List<string>();
        if ((needs & ~TailNeeds.Views) != 0)
        {
            rows.Add(SessionsSql([.. OfSessions.Select((_, i) => ((int)needs & (1 << i)) != 0)], needs.HasFlag(TailNeeds.Visitors)));
        }

        if (needs.HasFlag(TailNeeds.Views))
        {
            rows.Add(RollupColumn.Views.Raw.Select(
                $"{RollupColumn.Links.Raw.Value}, NULL, NULL, NULL, COUNT(*), {{dayOfEnteredAt}}, NULL, NULL", "{time} >= @from") + " GROUP BY 1, 6");
        }

        return rows.Count == 1
            ? [$"-- tail of page\n{rows[0]}", PageSql]
            : [string.Join("\nUNION ALL\n", [PageSql, .. rows])];
    }

    private static string SessionsSql(bool[] isNeeded, bool withVisitors)
    {
        var values = OfSessions.Select((column, i) => isNeeded[i] ? $"\"{column.Raw.Column}\"" : "NULL");
        var visitors = withVisitors ? $"string_agg(\"visitorId\", '{Separator}')" : "NULL";
        var groups = Enumerable.Range(0, isNeeded.Length).Where(i => isNeeded[i]).Select(i => i + 1).ToList();
        return RawValue.Visitors.Select($"{string.Join(", ", values)}, {visitors}, COUNT(*), NULL, NULL, NULL", "{time} >= @from")
            + (groups.Count > 0 ? $" GROUP BY {string.Join(", ", groups)}" : "");
    }

    /// <summary>A statement that other questions may still join, until it is sent.</summary>
    private sealed class Gathering
    {
        public TailNeeds Needs { get; set; }

        public TaskCompletionSource<PageTail> Read { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>
/// A row of what <see cref="PageTails"/> reads. Of sessions: the values of columns, and visitors. Of page views: their link and <paramref name="Number"/>,
/// their day since 1970. Of the page: its version, the bits of its shards and its watermarks.
/// </summary>
internal sealed record TailRow(string?[] Values, long Rows, long? Number, DateTimeOffset? SealedFrom, DateTimeOffset? SealedUntil)
{
    public bool IsOfPage => SealedFrom is not null;

    public bool IsOfSessions => Number is null;
}

/// <summary>What is not sealed of a page, as several questions need it.</summary>
internal sealed class PageTail
{
    private readonly List<TailRow> _sessions;
    private readonly List<(TailRow Row, string Day)> _views;

    /// <exception cref="FormatException">The page's state is invalid.</exception>
    public PageTail(Guid page, List<TailRow> rows)
    {
        _sessions = rows.FindAll(row => row.IsOfSessions && row.Rows > 0);
        _views = rows.FindAll(row => !row.IsOfSessions && !row.IsOfPage).ConvertAll(row => (row, row.Number!.Value.ToString(CultureInfo.InvariantCulture)));
        Page = rows.Find(row => row.IsOfPage) is { } state
            ? RawTail.StateOf(page, checked((int)state.Number!.Value), state.Rows, state.SealedFrom!.Value, state.SealedUntil!.Value)
            : null;
    }

    /// <summary>The page's state; null where nothing is sealed.</summary>
    public PageState? Page { get; }

    /// <summary>Adds what a plan counts.</summary>
    /// <returns>False where visitors cannot be told apart.</returns>
    public bool AddTo(RawTail tail, RollupPlan plan)
    {
        foreach (var column in plan.Columns)
        {
            if (Array.IndexOf(PageTails.OfSessions, column) is >= 0 and var place)
            {
                foreach (var row in _sessions)
                {
                    tail.Add(column.Name, column.Raw.ValueOf(row.Values[place]), row.Rows);
                }

                continue;
            }

            foreach (var (row, day) in _views)
            {
                if (row.Values[0] is { } link)
                {
                    tail.Add(column.Name, column == RollupColumn.Links ? link : day, row.Rows);
                }
                else if (column == RollupColumn.Views)
                {
                    tail.Add(column.Name, day, row.Rows);
                }
            }
        }

        return !plan.CountsVisitors || AddVisitors(tail);
    }

    private bool AddVisitors(RawTail tail)
    {
        foreach (var row in _sessions)
        {
            var visitors = row.Values[PageTails.OfSessions.Length]?.Split(PageTails.Separator) ?? [];
            if (visitors.Length != row.Rows)
            {
                return false;
            }

            foreach (var visitor in visitors)
            {
                tail.Add(RawValue.Visitors.Name, visitor, 1);
            }
        }

        return true;
    }
}
