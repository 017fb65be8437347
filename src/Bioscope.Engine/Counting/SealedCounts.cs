using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// What of a page is sealed, from some hour on: counts of whole hours, days and months, and what the edge before them holds with its times,
/// so that a window may start anywhere in that hour.
/// </summary>
internal sealed class SealedCounts
{
    private readonly AnalyticsDatabase _analytics;
    private readonly RollupPlan _plan;
    private readonly RollupCounts _counts;
    private readonly List<Edge> _edge = [];
    private SealedVisitors? _visitors;

    private SealedCounts(AnalyticsDatabase analytics, RollupPlan plan, SealedPage page) =>
        (_analytics, _plan, Page, _counts) = (analytics, plan, page, new RollupCounts(plan));

    /// <summary>The version of the page, and the watermark up to which it counts.</summary>
    public SealedPage Page { get; }

    /// <summary>About how much memory it takes.</summary>
    public long Bytes =>
        500 + _counts.Columns.Sum(counts => counts.ByValue.Count * 120L) + (_edge.Count * 100L) + (_visitors?.Bytes ?? 0);

    /// <summary>Reads the counts for all windows that start in the hour that <paramref name="window"/> starts with.</summary>
    /// <returns>Null when the page has changed its version in the meantime.</returns>
    public static async Task<SealedCounts?> ReadAsync(
        AnalyticsDatabase analytics, RollupPlan plan, Window window, SealedPage page, CancellationToken cancellationToken)
    {
        var counts = new SealedCounts(analytics, plan, page);
        var cut = RollupCut.Of(window.Since.AddMilliseconds(1), page.Until);
        return await counts.ReadRollupsAsync(window, cut, cancellationToken) is { } edgeEnd
            && await counts.ReadEdgeAsync(window, edgeEnd, cancellationToken) ? counts : null;
    }

    /// <summary>Adds what is sealed to what is not, for a window.</summary>
    /// <returns>Null when the page has changed its version in the meantime.</returns>
    public async Task<RollupCounts?> AddToAsync(RawTail tail, Window window, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _counts.Columns.Count; i++)
        {
            tail.Counts.Columns[i].Add(_counts.Columns[i]);
        }

        foreach (var edge in _edge)
        {
            if (edge.At >= window.Since)
            {
                tail.Counts[edge.Column].Add(edge.Value, edge.Count);
            }
        }

        if (_visitors is not null)
        {
            if (await _visitors.CountAsync(window, tail.Visitors, cancellationToken) is not { } visitors)
            {
                return null;
            }

            tail.Counts.UniqueVisitors = visitors;
        }

        return tail.Counts;
    }

    /// <returns>Where the edge of raw rows ends, or null when the version has changed.</returns>
    private async Task<DateTimeOffset?> ReadRollupsAsync(Window window, RollupCut cut, CancellationToken cancellationToken)
    {
        const int FirstColumn = 3;
        var columns = _plan.Sql.ColumnNames.Count();
        var found = new List<(Grain Grain, DateTimeOffset Bucket, string?[] Columns)>();
        var version = -1L;
        await _analytics.QueryAsync(
            _plan.Sql.Rollups,
            row =>
            {
                if (row.GetString(0) == RollupSql.Page)
                {
                    version = long.Parse(row.GetString(FirstColumn), CultureInfo.InvariantCulture);
                    return 0;
                }

                var values = Enumerable.Range(FirstColumn, columns).Select(column => row.IsDBNull(column) ? null : row.GetString(column));
                found.Add(((Grain)row.GetInt32(1), _analytics.Dialect.ReadInstant(row, 2), [.. values]));
                return 0;
            },
            cancellationToken,
            ("@page", window.BioPageId),
            ("@hours", cut.Hours),
            ("@days", cut.Days),
            ("@months", cut.Months),
            ("@returns", _plan.CountsVisitors ? Grain.Month.Floor(window.Since) : cut.Months));
        if (version != Page.Version)
        {
            return null;
        }

        // A day or a month without finer rollups has few rows, or none from here on: those are read raw.
        var edgeEnd = found.Exists(row => row.Grain == Grain.Hour) ? cut.Hours
            : found.Exists(row => row.Grain == Grain.Day) ? cut.Days
            : cut.Months;
        foreach (var (grain, bucket, values) in found)
        {
            if (grain != Grain.Month || bucket >= cut.Months)
            {
                Add(values);
            }
        }

        _visitors = _plan.CountsVisitors ? Visitors(window, cut, edgeEnd, found) : null;
        return edgeEnd;
    }

    private void Add(string?[] values)
    {
        for (var i = 0; i < _plan.Columns.Count; i++)
        {
            if (values[i] is { } json)
            {
                _counts.Columns[i].AddJson(json, _plan.Columns[i].IsValue);
            }
        }
    }

    // The last two columns are those that visitors are counted with.
    private SealedVisitors Visitors(
        Window window, RollupCut cut, DateTimeOffset edgeEnd, List<(Grain Grain, DateTimeOffset Bucket, string?[] Columns)> found)
    {
        var (sessions, returns) = (0L, new Counts());
        foreach (var (grain, bucket, values) in found)
        {
            if (grain == Grain.Month && values[^1] is { } json)
            {
                returns.AddJson(json, RollupColumn.IsReturn);
            }

            sessions += grain != Grain.Month || bucket >= cut.Months ? Counts.FromJson(values[^2]).Total : 0;
        }

        // An edge that ends inside an hour ends at the watermark: nothing that is sealed comes after it.
        var edgeEndHour = RawCounts.Number(Grain.Hour.Ceiling(edgeEnd));
        return new SealedVisitors(_analytics, window.BioPageId, Page, edgeEndHour, sessions, returns);
    }

    private async Task<bool> ReadEdgeAsync(Window window, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var version = -1L;
        await _analytics.QueryAsync(
            _plan.Sql.Edge,
            row =>
            {
                if (row.GetString(0) is var kind && kind == RollupSql.Page)
                {
                    version = long.Parse(row.GetString(2), CultureInfo.InvariantCulture);
                }
                else
                {
                    AddEdge(kind, _analytics.Dialect.ReadInstant(row, 1), row.GetString(2));
                }

                return 0;
            },
            cancellationToken,
            ("@page", window.BioPageId),
            ("@from", window.Since),
            ("@to", end));
        return version == Page.Version && (_visitors is null || await _visitors.ReadEdgeAsync(cancellationToken));
    }

    private void AddEdge(string kind, DateTimeOffset at, string value)
    {
        if (kind == RawValue.Visitors.Name)
        {
            _visitors!.AddEdge(at, value);
            return;
        }

        // Outcomes as they were sealed: what has changed since is added to every answer as it is then.
        var counts = new Counts();
        var column = kind == RollupSql.Changes ? RollupColumn.Outcomes : _plan.Column(kind);
        if (kind == RollupSql.Changes)
        {
            OutcomeChange.AddSums(value, counts, sign: -1);
        }
        else
        {
            column.Add(counts, value, 1);
        }

        _edge.AddRange(counts.ByValue.Select(count => new Edge(at, column, count.Key, count.Value)));
    }

    private readonly record struct Edge(DateTimeOffset At, RollupColumn Column, string Value, long Count);
}
