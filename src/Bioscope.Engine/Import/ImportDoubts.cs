using System.Data.Common;
using System.Globalization;
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

    private const string SessionsSql = """
        -- sessions of import
        SELECT "id" FROM "AnalyticsSession" WHERE "id" {isAnyOfIds}
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
        foreach (var ids in sessions.Chunk(MaxInStatement))
        {
            await using var command = analytics.Dialect.Command(transaction.Connection!, transaction, SessionsSql, ("@ids", ids));
            var found = await SqlDialect.ReadAsync(command, row => analytics.Dialect.ReadGuid(row, 0), cancellationToken);
            foreach (var missing in ids.Except(found).Where(_ => _sessions.Count < MaxRemembered))
            {
                _sessions.Add(missing);
            }
        }
    }

    /// <returns>A sentence for each kind; none when nothing is missing.</returns>
    public async Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken)
    {
        var (pages, sessions) = (
            await MissingAsync(main, PagesSql, _pages, cancellationToken), await MissingAsync(analytics, SessionsSql, _sessions, cancellationToken));
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

    private static async Task<List<Guid>> MissingAsync(
        Database database, string sql, HashSet<Guid> ids, CancellationToken cancellationToken)
    {
        var missing = new List<Guid>();
        foreach (var some in ids.Where(id => id != default).Chunk(MaxInStatement))
        {
            missing.AddRange(some.Except(await database.QueryAloneAsync(
                sql, row => database.Dialect.ReadGuid(row, 0), cancellationToken, ("@ids", some))));
        }

        return missing;
    }

    private static string Named(List<Guid> ids, string one, string several) => ids.Count == 1
        ? $"{one} {ids[0]}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{ids.Count:N0} {several} ({string.Join(", ", ids.Take(MaxNamed))}{(ids.Count > MaxNamed ? ", …" : "")})");
}
