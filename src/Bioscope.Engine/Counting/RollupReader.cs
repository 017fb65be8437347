using System.Globalization;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>The rows of a page from <paramref name="Since"/> (inclusive) without an upper end.</summary>
internal readonly record struct Window(Guid BioPageId, DateTimeOffset Since);

/// <summary>What was counted for a <see cref="RollupPlan"/>.</summary>
internal sealed class RollupCounts(RollupPlan plan)
{
    /// <summary>By column of the plan.</summary>
    public IReadOnlyList<Counts> Columns { get; } = [.. plan.Columns.Select(_ => new Counts())];

    /// <summary>Distinct visitors, where the plan counts them.</summary>
    public long UniqueVisitors { get; set; }

    /// <summary>The counts of one column.</summary>
    public Counts this[RollupColumn column]
    {
        get
        {
            for (var i = 0; i < Columns.Count; i++)
            {
                if (ReferenceEquals(plan.Columns[i], column))
                {
                    return Columns[i];
                }
            }

            throw new ArgumentOutOfRangeException(nameof(column), column.Name, null);
        }
    }
}

/// <summary>
/// Answers questions from rollups, exactly as of one instant: what is sealed from them, the rest from raw rows. Damaged rollups count as not there.
/// One statement reads the page's watermark and what came after it; what is before it cannot change while the page has that version, and is cached.
/// </summary>
internal sealed class RollupReader(
    AnalyticsDatabase analytics, SealedCountsCache? cache = null, DamagedPages? damaged = null, LongTails? longTails = null)
{
    private const int MaxAttempts = 4;

    private readonly PageTails _tails = new(analytics);

    /// <summary>Whether the rows after the watermark are read for several questions at once.</summary>
    public bool SharesTails { get; set; }

    /// <summary>Counts what the plan counts.</summary>
    public async Task<RollupCounts> ReadAsync(RollupPlan plan, Window window, CancellationToken cancellationToken)
    {
        for (var attempt = 0; cache is not null && attempt < MaxAttempts; attempt++)
        {
            RawTail? tail = null;
            try
            {
                tail = await ReadSharedTailAsync(plan, window, cancellationToken) ?? await ReadTailAsync(plan, plan.Sql.Tail, window, cancellationToken);
                longTails?.Note(window.BioPageId, tail.Rows);
                if (tail.Page is not { } page)
                {
                    return tail.Counted();
                }

                if (await cache.ReadAsync(plan, window, page, cancellationToken) is { } counts
                    && await counts.AddToAsync(tail, window, cancellationToken) is { } all)
                {
                    return all;
                }
            }
            catch (Exception e) when (DamagedPages.IsDamage(e, analytics.Dialect))
            {
                damaged?.Add(window.BioPageId, tail?.Page?.Version ?? -1, e);
                break;
            }
        }

        // Nothing is sealed here, or it changes all the time, or it is damaged.
        return (await ReadTailAsync(plan, plan.Sql.Raw, window, cancellationToken)).Counted();
    }

    /// <summary>Reads the tail by a statement that others share, where it is known from which instant on.</summary>
    /// <returns>Null where it is not, or where the page has another version.</returns>
    private async Task<RawTail?> ReadSharedTailAsync(RollupPlan plan, Window window, CancellationToken cancellationToken)
    {
        if (!(SharesTails || analytics.Dialect.IsDistributed) || !PageTails.Has(plan)
            || cache!.Find(plan, window) is not { Page: var known } || known.Until <= window.Since)
        {
            return null;
        }

        var read = await _tails.ReadAsync(plan, window.BioPageId, known.Until, cancellationToken);
        var tail = new RawTail(plan);
        tail.TakePage(window, read.Page);
        return tail.Page == known && read.AddTo(tail, plan) ? tail : null;
    }

    private async Task<RawTail> ReadTailAsync(RollupPlan plan, string sql, Window window, CancellationToken cancellationToken)
    {
        var tail = new RawTail(plan);
        var dialect = analytics.Dialect;
        await analytics.QueryAsync(
            sql,
            row =>
            {
                var (kind, value, rows) = (row.GetString(0), row.GetString(1), row.GetInt64(2));
                if (kind != RollupSql.Page)
                {
                    tail.Add(kind, value, rows);
                    return 0;
                }

                tail.TakePage(window, RawTail.StateOf(window.BioPageId, int.Parse(value, CultureInfo.InvariantCulture), rows, dialect.ReadInstant(row, 3), dialect.ReadInstant(row, 4)));
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

/// <summary>What is read anew for every question: the rows that are not sealed.</summary>
internal sealed class RawTail(RollupPlan plan)
{
    /// <summary>What else is to be counted; null when the tail is all.</summary>
    public SealedPage? Page { get; private set; }

    public RollupCounts Counts { get; } = new(plan);

    /// <summary>How many rows were read for it; one that several columns count is read several times.</summary>
    public long Rows { get; private set; }

    /// <summary>The sessions by visitor.</summary>
    public Counts Visitors { get; } = new();

    /// <summary>A page's state as statements have it, if it is valid.</summary>
    /// <exception cref="FormatException">It is invalid.</exception>
    public static PageState StateOf(Guid page, int shardBits, long version, DateTimeOffset sealedFrom, DateTimeOffset sealedUntil) =>
        new PageState(page, version, sealedFrom, sealedUntil, 0, shardBits).Checked();

    /// <summary>What is sealed counts if the window starts in it.</summary>
    public void TakePage(Window window, PageState? page) => Page = page?.SealedFrom <= window.Since && page.SealedUntil is { } until && until > window.Since
        ? new SealedPage(page.Version, until, page.ShardBits)
        : null;

    public void Add(string kind, string value, long rows)
    {
        Rows += rows;
        if (kind == RollupSql.Changes)
        {
            OutcomeChange.AddSums(value, Counts[RollupColumn.Outcomes], sign: 1);
        }
        else if (kind == RawValue.Visitors.Name)
        {
            Visitors.Add(value, rows);
        }
        else
        {
            var column = plan.Column(kind);
            column.Add(Counts[column], value, rows);
        }
    }

    public RollupCounts Counted()
    {
        Counts.UniqueVisitors = Visitors.ByValue.Count;
        return Counts;
    }
}
