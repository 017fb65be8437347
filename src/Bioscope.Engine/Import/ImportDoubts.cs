using System.Data.Common;
using System.Globalization;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Import;

/// <summary>
/// What an import stored although something is missing for it: rows of pages that no creator has, and page views of sessions that are not
/// there. It may be in another file, so it is no error; the operator is told.
/// </summary>
internal sealed class ImportDoubts(MainDatabase main, AnalyticsDatabase analytics)
{
    private const int MaxRemembered = 100_000, MaxNamed = 3, MaxInStatement = 1_000;

    private const string PagesSql = """
        -- pages of import
        SELECT "id" FROM "BioPage" WHERE "id" {isAnyOfIds}
        """;

    private const string ForeignSessionsSql = """
        -- sessions of import
        SELECT "id" FROM "AnalyticsSession" WHERE "id" {isAnyOfIds} AND "foreignId"
        """;

    private const string SessionSql = $"""
        -- session of import
        SELECT "id" FROM "AnalyticsSession" WHERE {RowsById.IsSession}
        """;
    private readonly HashSet<Guid> _pages = [];
    private readonly HashSet<Guid> _sessions = [];

    public void Add(IEnumerable<Guid> pages)
    {
        foreach (var page in pages.Where(_ => _pages.Count < MaxRemembered))
        {
            _pages.Add(page);
        }
    }

    /// <summary>Remembers which sessions of page views were not there so far: they may come later in the file.</summary>
    public async Task AddAsync(DbTransaction transaction, Guid[] sessions, CancellationToken cancellationToken)
    {
        foreach (var missing in await MissingAsync(transaction, sessions, cancellationToken))
        {
            if (_sessions.Count < MaxRemembered)
            {
                _sessions.Add(missing);
            }
        }
    }

    /// <returns>A sentence for each kind; none when nothing is missing.</returns>
    public async Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken)
    {
        var pages = new List<Guid>();
        foreach (var some in _pages.Where(id => id != default).Chunk(MaxInStatement))
        {
            pages.AddRange(some.Except(await main.QueryAloneAsync(
                PagesSql, row => main.Dialect.ReadGuid(row, 0), cancellationToken, ("@ids", some))));
        }

        await using var connection = await analytics.OpenAsync(cancellationToken);
        await using var snapshot = await analytics.Dialect.BeginSnapshotAsync(connection, cancellationToken);
        var sessions = await MissingAsync(snapshot, [.. _sessions.Where(id => id != default)], cancellationToken);
        var doubts = new List<string>();
        if (pages.Count > 0)
        {
            doubts.Add(
                $"No creator has {Named(pages, "the page", "pages")}: rows of it are stored, but nobody can see them until a creator with this " +
                "bioPageId is imported.");
        }

        if (sessions.Count > 0)
        {
            doubts.Add(
                $"There is no session for {Named(sessions, "the sessionId", "sessionIds")} of page views: they count as views and clicks, but belong to " +
                "no visit until it is imported.");
        }

        return doubts;
    }

    /// <summary>Those of the sessions that are not there, on whichever page.</summary>
    private async Task<List<Guid>> MissingAsync(DbTransaction transaction, Guid[] sessions, CancellationToken cancellationToken)
    {
        using var numbers = new NumberedPages(main, TimeProvider.System);
        var dialect = analytics.Dialect;
        var missing = new List<Guid>();
        foreach (var ids in sessions.Chunk(MaxInStatement))
        {
            var foreign = await dialect.QueryAsync(transaction, ForeignSessionsSql, Id, cancellationToken, ("@ids", ids));
            var others = ids.Except(foreign).ToList();
            var pages = await numbers.FindAsync(others, [], cancellationToken);
            var found = await dialect.QueryEachAsync(
                transaction, SessionSql, StatementValues.Of(RowKey.Of(others, pages), key => key.Values), Id, cancellationToken);
            missing.AddRange(others.Except(found));
        }

        return missing;

        Guid Id(DbDataReader row) => dialect.ReadGuid(row, 0);
    }

    private static string Named(List<Guid> ids, string one, string several) => ids.Count == 1
        ? $"{one} {ids[0]}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{ids.Count:N0} {several} ({string.Join(", ", ids.Take(MaxNamed))}{(ids.Count > MaxNamed ? ", …" : "")})");
}
