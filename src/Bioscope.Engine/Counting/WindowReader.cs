using System.Globalization;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>What a report is about: a page, and the window from <paramref name="Since"/> (included) without an upper end.</summary>
internal readonly record struct Window(Guid BioPageId, DateTimeOffset Since);

/// <summary>The counts of a window, by measure.</summary>
internal sealed class WindowCounts(Measure[] measures)
{
    private readonly Counts[] _counts = [.. measures.Select(_ => new Counts())];

    /// <summary>Distinct visitors, when <see cref="Measure.Visitors"/> was among the measures.</summary>
    public long UniqueVisitors { get; set; }

    public Counts this[Measure measure]
    {
        get
        {
            for (var i = 0; i < _counts.Length; i++)
            {
                if (measures[i] == measure)
                {
                    return _counts[i];
                }
            }

            throw new ArgumentOutOfRangeException(nameof(measure), measure.Column, null);
        }
    }
}

/// <summary>
/// Counts windows, exactly as of one instant: what is sealed from rollups, the rest from raw rows. Damaged rollups count as not there. One statement reads the page's watermark
/// and what came after it; what is before it cannot change while the page has that version, and is kept.
/// </summary>
internal sealed class WindowReader(AnalyticsDatabase analytics, SealedParts? parts = null, DamagedPages? damaged = null, LongTails? longTails = null)
{
    private const int MaxAttempts = 4;

    /// <summary>Where the rows are.</summary>
    public AnalyticsDatabase Analytics => analytics;

    /// <summary>Counts the measures; the statements are named after the report.</summary>
    public async Task<WindowCounts> ReadAsync(string report, Window window, Measure[] measures, CancellationToken cancellationToken)
    {
        for (var attempt = 0; parts is not null && attempt < MaxAttempts; attempt++)
        {
            WindowTail? tail = null;
            try
            {
                tail = await ReadTailAsync(WindowSql.Tail(report, measures), window, measures, cancellationToken);
                longTails?.Note(window.BioPageId, tail.Rows);
                if (tail.Page is not { } page)
                {
                    return tail.Counted();
                }

                if (await parts.ReadAsync(report, window, page, measures, cancellationToken) is { } part && await part.AddToAsync(tail, window, cancellationToken) is { } counts)
                {
                    return counts;
                }
            }
            catch (Exception e) when (DamagedPages.IsDamage(e, analytics.Dialect))
            {
                damaged?.Add(window.BioPageId, tail?.Page?.Version ?? -1, e);
                break;
            }
        }

        // Nothing is sealed here, or it changes all the time, or it is damaged.
        return (await ReadTailAsync(WindowSql.Raw(report, measures), window, measures, cancellationToken)).Counted();
    }

    private async Task<WindowTail> ReadTailAsync(string sql, Window window, Measure[] measures, CancellationToken cancellationToken)
    {
        var tail = new WindowTail(measures);
        var dialect = analytics.Dialect;
        await analytics.QueryAsync(
            sql,
            row =>
            {
                if (row.GetInt32(0) is >= 0 and var part)
                {
                    tail.Add(part, row.GetString(1), row.GetInt64(2));
                }
                else
                {
                    var page = new PageState(
                        window.BioPageId, row.GetInt64(2), dialect.ReadInstant(row, 3), dialect.ReadInstant(row, 4), 0, int.Parse(row.GetString(1), CultureInfo.InvariantCulture)).Checked();
                    if (page.SealedFrom <= window.Since && page.SealedUntil is { } until && until > window.Since)
                    {
                        tail.Page = new SealedPage(page.Version, until, page.ShardBits);
                    }
                }

                return 0;
            },
            cancellationToken,
            ("@page", window.BioPageId),
            ("@since", window.Since));
        return tail;
    }
}

/// <summary>The version of a page's rollups, its watermark, and how many bits name its shards of visitors.</summary>
internal sealed record SealedPage(long Version, DateTimeOffset Until, int ShardBits);

/// <summary>What is read afresh for every report: the rows that are not sealed.</summary>
internal sealed class WindowTail(Measure[] measures)
{
    /// <summary>The part of a row that holds changes of outcomes.</summary>
    public const int ChangesPart = 100;

    /// <summary>What else is to be counted; null when the tail is all.</summary>
    public SealedPage? Page { get; set; }

    public WindowCounts Counts { get; } = new(measures);

    /// <summary>How many rows were read for it; one that several measures count is read several times.</summary>
    public long Rows { get; private set; }

    /// <summary>The sessions by visitor.</summary>
    public Counts Visitors { get; } = new();

    public void Add(int part, string value, long rows)
    {
        Rows += rows;
        if (part == ChangesPart)
        {
            OutcomeChange.AddSums(value, Counts[Measure.Outcomes], sign: 1);
        }
        else if (measures[part] == Measure.Visitors)
        {
            Visitors.Add(value, rows);
        }
        else
        {
            measures[part].Add(Counts[measures[part]], value, rows);
        }
    }

    public WindowCounts Counted()
    {
        Counts.UniqueVisitors = Visitors.ByValue.Count;
        return Counts;
    }
}
