using System.Data.Common;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Sealing;

/// <summary>A segment to be written, derived from the raw rows and the segments before it.</summary>
internal sealed class SegmentStep
{
    private readonly PageState _state;

    private SegmentStep(PageState state, Segment segment, IReadOnlyList<SegmentColumn> columns) =>
        (_state, Segment, Columns) = (state, segment, columns);

    /// <summary>The segment.</summary>
    public Segment Segment { get; }

    /// <summary>All its parts.</summary>
    public IReadOnlyList<SegmentColumn> Columns { get; }

    /// <summary>Reads the rows of a segment in a snapshot.</summary>
    /// <param name="dialect">The engine's.</param>
    /// <param name="snapshot">The transaction in which everything is read.</param>
    /// <param name="state">The page's.</param>
    /// <param name="before">The segments before it.</param>
    /// <param name="from">Its rows are at or after this instant; the first segment begins with its first row.</param>
    /// <param name="until">Its rows are before this instant.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public static async Task<SegmentStep> ReadAsync(
        SqlDialect dialect,
        DbTransaction snapshot,
        PageState state,
        IReadOnlyList<Segment> before,
        DateTimeOffset from,
        DateTimeOffset until,
        CancellationToken cancellationToken)
    {
        var page = state.BioPageId;
        var (firstSession, firstVisitor) = before is [.., var last] ? (last.NextSession, last.NextVisitor) : (0, 0);
        var reader = new RowReader(dialect, snapshot, page, FactSet.All, ReadNeeds.All, firstSession, cancellationToken);
        var parts = new SegmentReader(dialect, snapshot, cache: null, _ => { }, cancellationToken);
        var locator = new SessionLocator(dialect, snapshot, page, parts, before, cancellationToken);
        var rows = await RecentRows.ReadAsync(reader, null, locator, before, (from, until), looseViews: null);
        var visitors = await rows.VisitorsAsync(async wanted => await VisitorLookup.FindAsync(parts, before, wanted), firstVisitor);

        var block = rows.Block.With(firstVisitor, visitors.Column);
        var segment = new Segment(
            page,
            before.Count,
            state.Version + 1,
            before.Count > 0 ? from : First(block, until),
            until,
            firstSession,
            block.SessionCount,
            block.ViewCount,
            firstVisitor,
            visitors.Next - firstVisitor,
            rows.LooseViews.Count);
        var columns = Parts(block, visitors.Own, rows.LooseViews).Select(
            part => new SegmentColumn(page, part.Name, segment.Number, part.Bytes));
        return new SegmentStep(state, segment, [.. columns]);
    }

    /// <summary>Writes it in place of the segment with the same number, unless the page's version has changed in the meantime.</summary>
    public async Task<bool> WriteAsync(SqlDialect dialect, DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (!await (_state with { SegmentedUntil = Segment.Until }).ReplaceAsync(dialect, transaction, cancellationToken))
        {
            return false;
        }

        await Segment.DeleteAsync(dialect, transaction, _state.BioPageId, Segment.Number, cancellationToken);
        await dialect.InsertAsync(transaction, Segment.Table, [Segment], cancellationToken);
        await dialect.InsertAsync(transaction, SegmentColumn.Table, Columns, cancellationToken);
        return true;
    }

    /// <summary>The parts of a segment with these rows, by name.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Parts(
        RowBlock block, IEnumerable<VisitorKey> visitors, IReadOnlyList<Guid> looseViews)
    {
        foreach (var column in SegmentPart.Columns)
        {
            yield return (SegmentPart.Of(column), block[column].Bytes);
        }

        foreach (var (set, entries) in block.Facts)
        {
            yield return (SegmentPart.Of(set), SegmentTexts.Write(entries));
        }

        yield return (SegmentPart.Links, SegmentTexts.Write([.. block.Links.Select(link => new[] { link })]));
        yield return (SegmentPart.Visitors, VisitorLookup.Write([.. visitors]));
        if (looseViews.Count > 0)
        {
            yield return (SegmentPart.LooseViews, [.. looseViews.SelectMany(id => id.ToByteArray(bigEndian: true))]);
        }
    }

    private static DateTimeOffset First(RowBlock block, DateTimeOffset until)
    {
        var first = until.ToUnixTimeMilliseconds() - 1;
        first = block.SessionCount > 0 ? Math.Min(first, block[BlockColumn.StartedAt].Min) : first;
        first = block.ViewCount > 0 ? Math.Min(first, block[BlockColumn.EnteredAt].Min) : first;
        return DateTimeOffset.FromUnixTimeMilliseconds(first);
    }
}
