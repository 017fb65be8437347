using System.Data.Common;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Creators;

/// <summary>
/// Who is suspended, and their pages: few, so all are kept in memory and read again after <see cref="FreshFor"/>, when somebody asks. So a
/// suspension acts on every running instance within that time.
/// </summary>
internal sealed class SuspendedCreators(MainDatabase main, TimeProvider clock) : IDisposable
{
    /// <summary>How long an instance may not know of a suspension.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(3);

    private const string Sql = """
        -- suspended creators
        SELECT account."id", page."id" FROM "User" account
        LEFT JOIN "CreatorProfile" creator ON creator."userId" = account."id" LEFT JOIN "BioPage" page ON page."creatorId" = creator."id"
        WHERE account."suspendedAt" IS NOT NULL
        """;

    private readonly SemaphoreSlim _reading = new(1);
    private volatile Known? _known;

    public async ValueTask<bool> HasUserAsync(Guid user, CancellationToken cancellationToken) =>
        (await KnownAsync(cancellationToken)).Users.Contains(user);

    public async ValueTask<bool> HasPageAsync(Guid page, CancellationToken cancellationToken) =>
        (await KnownAsync(cancellationToken)).Pages.Contains(page);

    /// <summary>Reads them again, because one has changed here.</summary>
    public void Forget() => _known = null;

    public void Dispose() => _reading.Dispose();

    private ValueTask<Known> KnownAsync(CancellationToken cancellationToken) =>
        _known is { } known && clock.GetElapsedTime(known.ReadAt) < FreshFor ? new(known) : new(ReadAsync(cancellationToken));

    private async Task<Known> ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_known is { } other && clock.GetElapsedTime(other.ReadAt) < FreshFor)
            {
                return other;
            }

            var readAt = clock.GetTimestamp();
            try
            {
                var rows = await main.QueryAsync(
                    Sql, row => (User: main.Dialect.ReadGuid(row, 0), Page: row.IsDBNull(1) ? (Guid?)null : main.Dialect.ReadGuid(row, 1)),
                    CancellationToken.None);
                return _known = new Known(readAt, [.. rows.Select(row => row.User)], [.. rows.Select(row => row.Page).OfType<Guid>()]);
            }
            catch (DbException e) when (main.Dialect.IsUnavailable(e))
            {
                // What was known last is true as long as nobody can change it.
                return _known = (_known ?? new Known(readAt, [], [])) with { ReadAt = readAt };
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    private sealed record Known(long ReadAt, HashSet<Guid> Users, HashSet<Guid> Pages);
}
