using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// What of a page is sealed, from some hour on: counts of whole hours, days and months, and what the edge before them holds with its times,
/// so that a window may start anywhere in that hour.
/// </summary>
internal sealed class SealedPart
{
    private readonly AnalyticsDatabase _analytics;
    private readonly SealedPage _page;
    private readonly Measure[] _measures;
    private readonly Counts[] _counts;
    private readonly List<Edge> _edge = [];
    private SealedVisitors? _visitors;

    private SealedPart(AnalyticsDatabase analytics, SealedPage page, Measure[] measures) =>
        (_analytics, _page, _measures, _counts) = (analytics, page, measures, [.. measures.Select(_ => new Counts())]);

    /// <summary>About how much memory it takes.</summary>
    public long Bytes => 500 + _counts.Sum(counts => counts.ByValue.Count * 120L) + (_edge.Count * 100L) + (_visitors?.Bytes ?? 0);

    /// <summary>Reads the part for all windows that start in the hour that <paramref name="window"/> starts with.</summary>
    /// <returns>Null when the page has another version meanwhile.</returns>
    public static async Task<SealedPart?> ReadAsync(
        AnalyticsDatabase analytics, string report, Window window, SealedPage page, Measure[] measures, CancellationToken cancellationToken)
    {
        var part = new SealedPart(analytics, page, measures);
        var cut = new Boundaries(WindowCut.Cut(window.Since.AddMilliseconds(1), page.Until), page.Until);
        return await part.ReadRollupsAsync(report, window, cut, cancellationToken) is { } edgeEnd
            && await part.ReadEdgeAsync(report, window, edgeEnd, cancellationToken) ? part : null;
    }

    /// <summary>Adds what is sealed to what is not, for a window.</summary>
    /// <returns>Null when the page has another version meanwhile.</returns>
    public async Task<WindowCounts?> AddToAsync(WindowTail tail, Window window, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            tail.Counts[_measures[i]].Add(_counts[i]);
        }

        foreach (var edge in _edge)
        {
            if (edge.At >= window.Since)
            {
                tail.Counts[_measures[edge.Measure]].Add(edge.Value, edge.Count);
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

    /// <returns>Where the edge of raw rows ends, or null when the version is another one.</returns>
    private async Task<DateTimeOffset?> ReadRollupsAsync(string report, Window window, Boundaries cut, CancellationToken cancellationToken)
    {
        var countsVisitors = _measures.Contains(Measure.Visitors);
        // Sessions are the sum of their devices.
        string[] columns = [.. _measures.Select(measure => measure.Column), .. countsVisitors ? [Measure.Devices.Column] : (string[])[]];
        var found = new List<(Grain Grain, DateTimeOffset Bucket, string?[] Columns)>();
        var version = -1L;
        await _analytics.QueryAsync(
            WindowSql.Rollups(report, columns),
            row =>
            {
                if (row.GetInt32(0) < 0)
                {
                    version = long.Parse(row.GetString(2), CultureInfo.InvariantCulture);
                }
                else
                {
                    found.Add(((Grain)row.GetInt32(0), _analytics.Dialect.ReadInstant(row, 1), [.. columns.Select((_, i) => row.IsDBNull(i + 2) ? null : row.GetString(i + 2))]));
                }

                return 0;
            },
            cancellationToken,
            ("@page", window.BioPageId),
            ("@hours", cut.Hours),
            ("@days", cut.Days),
            ("@months", cut.Months),
            ("@returns", countsVisitors ? Grain.Month.Floor(window.Since) : cut.Months));
        if (version != _page.Version)
        {
            return null;
        }

        // A day or a month without finer rollups has few rows, or none from here on: those are read raw.
        var edgeEnd = found.Exists(row => row.Grain == Grain.Hour) ? cut.Hours : found.Exists(row => row.Grain == Grain.Day) ? cut.Days : cut.Months;
        var (sessions, returns) = (0L, new Counts());
        foreach (var (grain, bucket, values) in found)
        {
            if (grain == Grain.Month && countsVisitors && values[Array.IndexOf(_measures, Measure.Visitors)] is { } json)
            {
                returns.AddJson(json, Measure.Visitors.IsValue);
            }

            if (grain != Grain.Month || bucket >= cut.Months)
            {
                sessions += countsVisitors ? Counts.FromJson(values[^1]).Total : 0;
                AddRollup(values);
            }
        }

        // An edge that ends inside an hour ends at the watermark: nothing that is sealed comes after it.
        var edgeEndHour = RawCounts.Number(Grain.Hour.Ceiling(edgeEnd));
        _visitors = countsVisitors ? new SealedVisitors(_analytics, window.BioPageId, _page, edgeEndHour, sessions, returns) : null;
        return edgeEnd;
    }

    private void AddRollup(string?[] values)
    {
        for (var i = 0; i < _measures.Length; i++)
        {
            if (values[i] is { } json && _measures[i] != Measure.Visitors)
            {
                _counts[i].AddJson(json, _measures[i].IsValue);
            }
        }
    }

    private async Task<bool> ReadEdgeAsync(string report, Window window, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var version = -1L;
        await _analytics.QueryAsync(
            WindowSql.Edge(report, _measures),
            row =>
            {
                if (row.GetInt32(0) is >= 0 and var part)
                {
                    AddEdge(part, _analytics.Dialect.ReadInstant(row, 1), row.GetString(2));
                }
                else
                {
                    version = long.Parse(row.GetString(2), CultureInfo.InvariantCulture);
                }

                return 0;
            },
            cancellationToken,
            ("@page", window.BioPageId),
            ("@from", window.Since),
            ("@to", end));
        return version == _page.Version && (_visitors is null || await _visitors.ReadEdgeAsync(cancellationToken));
    }

    private void AddEdge(int part, DateTimeOffset at, string value)
    {
        if (part < _measures.Length && _measures[part] == Measure.Visitors)
        {
            _visitors!.AddEdge(at, value);
            return;
        }

        // Outcomes as they were sealed: what has changed since is added to every report as it is then.
        var counts = new Counts();
        if (part == WindowTail.ChangesPart)
        {
            OutcomeChange.AddSums(value, counts, sign: -1);
            part = Array.IndexOf(_measures, Measure.Outcomes);
        }
        else
        {
            _measures[part].Add(counts, value, 1);
        }

        _edge.AddRange(counts.ByValue.Select(count => new Edge(at, part, count.Key, count.Value)));
    }

    private readonly record struct Edge(DateTimeOffset At, int Measure, string Value, long Count);

    /// <summary>Where hours, days and months of rollups begin.</summary>
    private readonly record struct Boundaries(DateTimeOffset Hours, DateTimeOffset Days, DateTimeOffset Months)
    {
        public Boundaries(IReadOnlyList<WindowPart> parts, DateTimeOffset until)
            : this(StartOf(parts, Grain.Hour, until), StartOf(parts, Grain.Day, until), StartOf(parts, Grain.Month, until))
        {
        }

        // A part that is left out is empty, and begins where the next one does.
        private static DateTimeOffset StartOf(IReadOnlyList<WindowPart> parts, Grain grain, DateTimeOffset until) =>
            parts.Where(part => part.Grain >= grain).Select(part => (DateTimeOffset?)part.From).FirstOrDefault() ?? until;
    }
}
