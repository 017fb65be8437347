using System.Data.Common;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Segments;

/// <summary>The key of a segment among those that its page has and had.</summary>
/// <param name="Number">See <see cref="Segment"/>.</param>
/// <param name="Version">See <see cref="Segment"/>.</param>
internal sealed record SegmentKey(int Number, long Version);

/// <summary>
/// One row of <c>"Segment"</c>: a part of a page's sealed history stored as columns, from one instant (inclusive) to another (exclusive).
/// Segments follow each other without gaps and are immutable: one that grows is replaced by a new version.
/// </summary>
/// <param name="BioPageId">The page.</param>
/// <param name="Number">From 0, in time order.</param>
/// <param name="Version">The page's version when it was written; distinguishes it from others with the same number.</param>
/// <param name="From">Its rows are at or after this instant.</param>
/// <param name="Until">Its rows are before this instant.</param>
/// <param name="FirstSession">How many sessions the segments before it have.</param>
/// <param name="Sessions">How many sessions it has.</param>
/// <param name="Views">How many page views it has.</param>
/// <param name="FirstVisitor">How many visitors the segments before it have.</param>
/// <param name="Visitors">How many visitors occur in it for the first time.</param>
/// <param name="LooseViews">How many page views of its time are in none of its columns, because their session is not in this or an
/// earlier segment.</param>
internal sealed record Segment(
    Guid BioPageId,
    int Number,
    long Version,
    DateTimeOffset From,
    DateTimeOffset Until,
    int FirstSession,
    int Sessions,
    int Views,
    int FirstVisitor,
    int Visitors,
    int LooseViews)
{
    public static Table<Segment> Table { get; } = new(
        "Segment",
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("number", ColumnType.Integer, row => row.Number),
        new("version", ColumnType.BigInteger, row => row.Version),
        new("from", ColumnType.Instant, row => row.From),
        new("until", ColumnType.Instant, row => row.Until),
        new("firstSession", ColumnType.Integer, row => row.FirstSession),
        new("sessions", ColumnType.Integer, row => row.Sessions),
        new("views", ColumnType.Integer, row => row.Views),
        new("firstVisitor", ColumnType.Integer, row => row.FirstVisitor),
        new("visitors", ColumnType.Integer, row => row.Visitors),
        new("looseViews", ColumnType.Integer, row => row.LooseViews));

    private const string DeleteSql = """
        -- remove segments
        DELETE FROM "Segment" WHERE "bioPageId" = @page AND "number" >= @number
        """;

    private const string DeleteColumnsSql = """
        -- remove segment columns
        DELETE FROM "SegmentColumn" WHERE "bioPageId" = @page AND "number" >= @number
        """;

    /// <summary>How many raw rows it represents.</summary>
    public int Rows => Sessions + Views + LooseViews;

    /// <summary>The next number of a session.</summary>
    public int NextSession => FirstSession + Sessions;

    /// <summary>The next number of a visitor.</summary>
    public int NextVisitor => FirstVisitor + Visitors;

    /// <summary>Tells it from others of the page, also from others with the same number before and after.</summary>
    public SegmentKey Key => new(Number, Version);

    /// <summary>A block of its rows, without columns.</summary>
    public RowBlock ToBlock() => new()
    {
        Key = Key,
        IsLasting = true,
        From = From.ToUnixTimeMilliseconds(),
        Until = Until.ToUnixTimeMilliseconds(),
        FirstSession = FirstSession,
        SessionCount = Sessions,
        ViewCount = Views,
        FirstVisitor = FirstVisitor,
    };

    /// <summary>All of a page's segments, in order.</summary>
    /// <exception cref="FormatException">The segments are not consecutive.</exception>
    public static async Task<List<Segment>> ReadAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken)
    {
        var segments = await dialect.QueryAsync(
            transaction,
            """
            -- segments of page
            SELECT "number", "version", "from", "until", "firstSession", "sessions", "views", "firstVisitor", "visitors", "looseViews"
            FROM "Segment" WHERE "bioPageId" = @page ORDER BY "number"
            """,
            row => new Segment(
                page,
                row.GetInt32(0),
                row.GetInt64(1),
                dialect.ReadInstant(row, 2),
                dialect.ReadInstant(row, 3),
                row.GetInt32(4),
                row.GetInt32(5),
                row.GetInt32(6),
                row.GetInt32(7),
                row.GetInt32(8),
                row.GetInt32(9)),
            cancellationToken,
            ("@page", page));
        for (var i = 0; i < segments.Count; i++)
        {
            if (!segments[i].Follows(i == 0 ? null : segments[i - 1]))
            {
                throw new FormatException($"segment {segments[i].Number} does not follow the one before it");
            }
        }

        return segments;
    }

    /// <summary>Removes a page's segments starting from this number.</summary>
    public static async Task DeleteAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, int number, CancellationToken cancellationToken)
    {
        await dialect.ExecuteAsync(transaction, DeleteSql, cancellationToken, ("@page", page), ("@number", number));
        await dialect.ExecuteAsync(transaction, DeleteColumnsSql, cancellationToken, ("@page", page), ("@number", number));
    }

    private bool Follows(Segment? before) =>
        Number == (before?.Number + 1 ?? 0) && (before is null || From == before.Until) && From < Until
        && FirstSession == (before?.NextSession ?? 0) && FirstVisitor == (before?.NextVisitor ?? 0)
        && Sessions >= 0 && Views >= 0 && Visitors >= 0 && LooseViews >= 0;
}

/// <summary>One row of <c>"SegmentColumn"</c>: a part of a segment as bytes, see <see cref="SegmentPart"/>.</summary>
internal sealed record SegmentColumn(Guid BioPageId, string Part, int Number, byte[] Bytes)
{
    public static Table<SegmentColumn> Table { get; } = new(
        "SegmentColumn",
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("part", ColumnType.Text, row => row.Part),
        new("number", ColumnType.Integer, row => row.Number),
        new("bytes", ColumnType.Bytes, row => row.Bytes));
}

/// <summary>The parts of a segment by their names in the database.</summary>
internal static class SegmentPart
{
    /// <summary>The visitors that occur for the first time in the segment, 12 bytes each, in the order of their numbers.</summary>
    public const string Visitors = "visitors";

    /// <summary>The ids of page views that are in no column, 16 bytes each.</summary>
    public const string LooseViews = "looseViews";

    /// <summary>The links that the numbers of page views refer to.</summary>
    public const string Links = "links";

    /// <summary>The columns of a segment.</summary>
    public static IReadOnlyList<BlockColumn> Columns { get; } =
        [.. Enum.GetValues<BlockColumn>().Where(column => column != BlockColumn.IsReturning)];

    /// <summary>The part with a column's numbers.</summary>
    public static string Of(BlockColumn column) => Names[(int)column];

    /// <summary>The part with the values that a column's numbers refer to.</summary>
    public static string Of(FactSet set) => FactNames[set];

    /// <summary>Whether a column belongs to page views.</summary>
    public static bool IsOfViews(BlockColumn column) => column is BlockColumn.EnteredAt or BlockColumn.Session or BlockColumn.Link;

    private static readonly string[] Names = [.. Enum.GetNames<BlockColumn>().Select(NameOf)];
    private static readonly Dictionary<FactSet, string> FactNames = FactSet.All.ToDictionary(
        set => set, set => NameOf(set.Column.ToString()) + "Facts");

    private static string NameOf(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
