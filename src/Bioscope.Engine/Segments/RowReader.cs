using System.Data.Common;
using System.Globalization;
using System.Runtime.InteropServices;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Segments;

/// <summary>A page view as read: its time, its session, and the index of its link in the block's links.</summary>
internal readonly record struct ReadView(Guid Id, long At, Guid Session, int Link);

/// <summary>The columns read of sessions in addition to their facts.</summary>
internal readonly record struct ReadNeeds(bool Ids, bool Visitors, bool Outcomes)
{
    /// <summary>All of them.</summary>
    public static ReadNeeds All { get; } = new(true, true, true);
}

/// <summary>Reads a page's sessions and page views in one snapshot, and adds the sessions to a block that is being built.</summary>
internal sealed class RowReader(
    SqlDialect dialect, DbTransaction snapshot, Guid page, IReadOnlyList<FactSet> sets, ReadNeeds needs, int firstSession,
    CancellationToken cancellationToken)
{
    // For a session: its id, its columns, its facts. For a page view: its columns, and its session's id.
    private const int SessionBytes = 96, PageViewBytes = 64;

    private const int MaxIdsInStatement = 1_000;
    private const int FirstFact = 5;

    private readonly string?[][] _values = [.. sets.Select(set => new string?[set.Columns.Count])];
    private readonly List<VisitorKey> _visitors = [];
    private readonly Dictionary<Guid, int> _numbers = [];

    /// <summary>The columns that sessions have, if another service created the table; null for all.</summary>
    public IReadOnlySet<string>? Stored { get; init; }

    /// <summary>Receives the number of bytes that each row takes.</summary>
    public Action<long> Take { get; init; } = static _ => { };

    /// <summary>The block to which sessions are added.</summary>
    public RowBlockBuilder Builder { get; } = new(sets, firstSession);

    /// <summary>The visitor of each session, in the order of the sessions; none for sessions that are not stored.</summary>
    public ReadOnlySpan<VisitorKey> Visitors => CollectionsMarshal.AsSpan(_visitors);

    /// <summary>The number of each session by its id; empty where ids are not needed.</summary>
    public IReadOnlyDictionary<Guid, int> Numbers => _numbers;

    /// <summary>Adds the sessions that started from one instant (inclusive) to another (exclusive), by time, then id.</summary>
    public Task AddSessionsAsync(DateTimeOffset from, DateTimeOffset until) => dialect.QueryAsync(
        snapshot,
        Sql("sessions of page", """ "startedAt" >= @from AND "startedAt" < @until """, """ORDER BY "startedAt", "id" """),
        Add,
        cancellationToken,
        ("@page", page),
        ("@from", from),
        ("@until", until));

    /// <summary>Adds those of the given sessions that are stored and have not been added.</summary>
    public async Task AddSessionsAsync(IEnumerable<Guid> ids)
    {
        foreach (var missing in ids.Where(id => !_numbers.ContainsKey(id)).Distinct().ToList().Chunk(MaxIdsInStatement))
        {
            await dialect.QueryAsync(
                snapshot, SessionsByIdSql(), Add, cancellationToken,
                HasForeignIds ? RowsById.Values(page, missing) : [("@page", page), ("@ids", missing)]);
        }
    }

    /// <summary>The number of a session; assigns one even if it is not stored.</summary>
    public int NumberOf(Guid id)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, id, out var isKnown);
        return isKnown ? number : number = Builder.AddSessionNotStored();
    }

    /// <summary>Reads the page views from one instant (inclusive) to another (exclusive), by time, then id.</summary>
    public Task<List<ReadView>> ReadViewsAsync(DateTimeOffset from, DateTimeOffset until)
    {
        const string Sql = """
            -- page views of page
            SELECT CAST("id" AS {text}), "enteredAt", CAST("sessionId" AS {text}), CAST("linkClicked" AS {text}) FROM "AnalyticsPageView"
            WHERE "bioPageId" = @page AND "enteredAt" >= @from AND "enteredAt" < @until AND {enteredAtIsInstant} ORDER BY "enteredAt", "id"
            """;
        return dialect.QueryAsync(snapshot, Sql, View, cancellationToken, ("@page", page), ("@from", from), ("@until", until));
    }

    /// <summary>Reads page views by their ids.</summary>
    public async Task<List<ReadView>> ReadViewsAsync(IReadOnlyList<Guid> ids)
    {
        var sql = RowsById.Sql(
            "page views by id", """CAST("id" AS {text}), "enteredAt", CAST("sessionId" AS {text}), CAST("linkClicked" AS {text})""", "AnalyticsPageView",
            "enteredAt", "{enteredAtIsInstant}");
        var views = new List<ReadView>();
        foreach (var some in ids.Chunk(MaxIdsInStatement))
        {
            views.AddRange(await dialect.QueryAsync(snapshot, sql, View, cancellationToken, RowsById.Values(page, some)));
        }

        return views;
    }

    /// <summary>An id as stored; a malformed id in a damaged row is treated as a distinct id.</summary>
    public static Guid IdOf(string text) => Guid.TryParseExact(text, "D", out var id) ? id : Core.Uuid.Named(text);

    private ReadView View(DbDataReader row)
    {
        Take(PageViewBytes);
        var link = row.IsDBNull(3) ? 0 : Builder.CodeOfLink(row.GetString(3).ToLowerInvariant());
        return new ReadView(IdOf(row.GetString(0)), Milliseconds(row, 1), IdOf(row.GetString(2)), link);
    }

    private bool Add(DbDataReader row)
    {
        Take(SessionBytes);
        var number = Builder.AddSession(
            Milliseconds(row, 1), RowBlock.Unknown, needs.Outcomes ? Number(row, 3) : RowBlock.Unknown,
            needs.Outcomes ? Number(row, 4) : RowBlock.Unknown);
        if (needs.Visitors)
        {
            _visitors.Add(VisitorKey.OfStored(row.GetString(2)));
        }

        if (needs.Ids)
        {
            _numbers[IdOf(row.GetString(0))] = number;
        }

        var column = FirstFact;
        for (var set = 0; set < _values.Length; set++)
        {
            var values = _values[set];
            for (var i = 0; i < values.Length; i++, column++)
            {
                values[i] = row.IsDBNull(column) ? null : row.GetString(column);
            }

            Builder.AddFacts(set, values);
        }

        return false;
    }

    // Tables of another service have an index by id, and only that.
    private bool HasForeignIds => Stored?.Contains(RowsById.ForeignId) != false;

    private string SessionsByIdSql() => HasForeignIds
        ? RowsById.Sql("sessions by id", Columns, "AnalyticsSession", "startedAt", "{startedAtIsInstant}")
        : Sql("sessions of another service by id", """ "id" {isAnyOfIds} """, "");

    private string Sql(string name, string condition, string order) => $$"""
        -- {{name}}
        SELECT {{Columns}}
        FROM "AnalyticsSession" WHERE "bioPageId" = @page AND {{condition}} AND {startedAtIsInstant} {{order}}
        """;

    private string Columns => $$"""
        {{(needs.Ids ? "CAST(\"id\" AS {text})" : "NULL")}}, "startedAt", {{(needs.Visitors ? VisitorKey.Sql : "NULL")}},
          {{(needs.Outcomes ? "CAST(\"pageViews\" AS {text}), CAST(\"duration\" AS {text})" : "NULL, NULL")}}{{string.Concat(sets.SelectMany(set => set.Columns).Select(Selected))}}
        """;

    private string Selected(string column) =>
        Stored?.Contains(column) == false ? ", CAST(NULL AS {text})" : $", CAST(\"{column}\" AS {{text}})";

    private long Milliseconds(DbDataReader row, int column) => dialect.ReadInstant(row, column).ToUnixTimeMilliseconds();

    private static int Number(DbDataReader row, int column) =>
        !row.IsDBNull(column) && int.TryParse(
            row.GetString(column), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : RowBlock.Unknown;
}
