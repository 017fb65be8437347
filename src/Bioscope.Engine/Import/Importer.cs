using System.Data.Common;
using System.Runtime.CompilerServices;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Import;

/// <summary>The result of an import: lines read (of an export of another tool: rows), rows added, rows that existed already, lines
/// rejected.</summary>
internal sealed record ImportCounts(long Lines, long Added, long Known, long Bad);

/// <summary>
/// Imports NDJSON, optionally compressed with gzip: one object per line, of a type that <see cref="ImportLine"/> reads. Rows with an
/// existing id are left unchanged, so importing the same file twice changes nothing.
/// </summary>
internal sealed class Importer(
    MainDatabase main, AnalyticsDatabase analytics, byte[] visitorSecret, PasswordRule passwords, TimeProvider clock)
{
    private const int RowsPerTransaction = 5_000, MaxInStatement = 1_000;

    // A visit that an earlier import saw only the beginning of. Its id was made from the export's, so it is foreign.
    private const string GrowSql = $"""
        -- grow imported session
        UPDATE "AnalyticsSession"
        SET "pageViews" = @pageViews, "bounced" = @bounced, "duration" = @duration, "lastActivityAt" = @lastActivityAt, "lastPageViewId" = @lastPageViewId
        WHERE {RowsById.IsForeign} AND "pageViews" < @pageViews
        """;

    private readonly ImportLine _line = new(visitorSecret, passwords, clock);
    private readonly List<(long Line, NewCreator Row)> _creators = [];
    private readonly List<BioLinkRow> _links = [];
    private readonly List<PlacementRow> _placements = [];
    private readonly List<SiteRow> _sites = [];
    private readonly List<PageDrop> _drops = [];
    private readonly List<ImportedDay> _days = [];
    private readonly List<SessionRow> _sessions = [];
    private readonly List<PageViewRow> _pageViews = [];
    private readonly ImportDoubts _doubts = new(main, analytics);
    private ImportCounts _counts = new(0, 0, 0, 0);

    /// <summary>All or nothing: the first bad line ends the import and nothing is stored.</summary>
    public bool Strict { get; init; }

    /// <summary>
    /// Whether a session that exists already, with fewer page views, gets those that the import has. Only for exports of other tools, whose
    /// later ones have more of the last visits.
    /// </summary>
    public bool GrowsSessions { get; init; }

    /// <summary>Since when visits are kept; null where all are.</summary>
    public DateTimeOffset? KeptSince { get; init; }

    /// <summary>How many sessions, page views and days were from before <see cref="KeptSince"/>, and the earliest.</summary>
    public (long Rows, DateTimeOffset Earliest) NotKept { get; private set; } = (0, DateTimeOffset.MaxValue);

    /// <summary>Called for each bad line with its number, from 1, and the reason.</summary>
    public required Action<long, string> BadLine { get; init; }

    /// <summary>Called from time to time with the progress.</summary>
    public required Action<ImportCounts> Progress { get; init; }

    /// <summary>What was stored, but will hardly be seen.</summary>
    public Task<IReadOnlyList<string>> DoubtsAsync(CancellationToken cancellationToken) => _doubts.FindAsync(cancellationToken);

    /// <summary>Imports the whole stream of NDJSON. In strict mode with a bad line, the counts say that nothing was added.</summary>
    /// <exception cref="InvalidDataException">Compressed data is damaged or truncated. Lines before that point are stored, unless the
    /// import is strict.</exception>
    public Task<ImportCounts> RunAsync(Stream input, CancellationToken cancellationToken) =>
        RunAsync(ItemsAsync(input, cancellationToken), cancellationToken);

    /// <summary>Like the other overload, with what was read elsewhere.</summary>
    public async Task<ImportCounts> RunAsync(IAsyncEnumerable<ImportItem> input, CancellationToken cancellationToken)
    {
        await using var mainWriter = new Writer(main);
        // When both databases are the same, two transactions would deadlock.
        await using var analyticsWriter = analytics.IsSameAs(main) ? mainWriter : new Writer(analytics);
        await using var items = input.GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(items, mainWriter, analyticsWriter, cancellationToken))
        {
            _counts = _counts with { Lines = _counts.Lines + 1 };
            Take(items.Current);
            if (Waiting < RowsPerTransaction && !(Strict && _counts.Bad > 0))
            {
                continue;
            }

            if (!await FlushAsync(mainWriter, analyticsWriter, commit: !Strict, cancellationToken))
            {
                return _counts with { Added = 0, Known = 0 };
            }

            Progress(_counts);
        }

        return await FlushAsync(
            mainWriter, analyticsWriter, commit: true, cancellationToken) ? _counts : _counts with { Added = 0, Known = 0 };
    }

    private async IAsyncEnumerable<ImportItem> ItemsAsync(Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (number, line) in NdjsonLines.ReadAsync(input, cancellationToken))
        {
            var (row, problem) = line is null ? (null, "the line is longer than 1 MiB") : _line.Read(line.Value);
            yield return new ImportItem(number, row, problem);
        }
    }

    private int Waiting =>
        _creators.Count + _links.Count + _placements.Count + _sites.Count + _drops.Count + _days.Count + _sessions.Count + _pageViews.Count;

    private async Task<bool> MoveNextAsync(
        IAsyncEnumerator<ImportItem> items, Writer mainWriter, Writer analyticsWriter, CancellationToken cancellationToken)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (InvalidDataException) when (!Strict)
        {
            await FlushAsync(mainWriter, analyticsWriter, commit: true, cancellationToken);
            throw;
        }
    }

    private void Take(ImportItem item)
    {
        switch (item.Row)
        {
            case NewCreator creator:
                _creators.Add((item.Line, creator));
                break;
            case BioLinkRow link:
                _links.Add(link);
                break;
            case PlacementRow placement:
                _placements.Add(placement);
                break;
            case SiteRow site:
                _sites.Add(site);
                break;
            case PageDrop drop:
                _drops.Add(drop);
                break;
            case ImportedDay day:
                _days.Add(day);
                Note(day.Day);
                break;
            case SessionRow session:
                _sessions.Add(session);
                Note(session.StartedAt, SessionRow.Life); // kept as long as its page views
                break;
            case PageViewRow pageView:
                _pageViews.Add(pageView);
                Note(pageView.EnteredAt);
                break;
            default:
                Refuse(item.Line, item.Problem!);
                break;
        }
    }

    private void Note(DateTimeOffset at, TimeSpan grace = default)
    {
        if (at + grace < KeptSince)
        {
            NotKept = (NotKept.Rows + 1, at < NotKept.Earliest ? at : NotKept.Earliest);
        }
    }

    private void Refuse(long line, string problem)
    {
        _counts = _counts with { Bad = _counts.Bad + 1 };
        BadLine(line, problem);
    }

    /// <returns>False when a bad line ends a strict import.</returns>
    private async Task<bool> FlushAsync(Writer mainWriter, Writer analyticsWriter, bool commit, CancellationToken cancellationToken)
    {
        await AddCreatorsAsync(mainWriter, cancellationToken);
        if (Strict && _counts.Bad > 0)
        {
            return false;
        }

        await AddAsync(mainWriter, BioLinkRow.Table, _links, cancellationToken);
        await AddAsync(mainWriter, PlacementRow.Table, _placements, cancellationToken);
        await AddAsync(mainWriter, SiteRow.Table, _sites, cancellationToken);
        await AddAsync(analyticsWriter, PageDrop.Table, _drops, cancellationToken);
        await ReplaceDaysAsync(analyticsWriter, cancellationToken);
        await AddTrafficAsync(analyticsWriter, cancellationToken);
        if (commit)
        {
            await mainWriter.CommitAsync(cancellationToken);
            await analyticsWriter.CommitAsync(cancellationToken);
        }

        return true;
    }

    private async Task AddCreatorsAsync(Writer writer, CancellationToken cancellationToken)
    {
        foreach (var (line, creator) in _creators)
        {
            try
            {
                var transaction = await writer.TransactionAsync(cancellationToken);
                var (_, added) = await CreatorStore.AddAsync(main.Dialect, transaction, creator, clock.GetUtcNow(), cancellationToken);
                Count(rows: 1, added ? 1 : 0);
            }
            catch (CreatorConflictException e)
            {
                Refuse(line, e.Message);
            }
        }

        _creators.Clear();
    }

    private async Task ReplaceDaysAsync(Writer writer, CancellationToken cancellationToken)
    {
        if (_days.Count > 0)
        {
            Count(_days.Count, await ImportedDay.ReplaceAsync(
                writer.Dialect, await writer.TransactionAsync(cancellationToken), _days, cancellationToken));
        }

        _doubts.Add(_days.Select(day => day.BioPageId));
        _days.Clear();
    }

    private async Task AddTrafficAsync(Writer writer, CancellationToken cancellationToken)
    {
        var pages = _sessions.Select(row => (row.BioPageId, At: row.StartedAt)).Concat(
            _pageViews.Select(row => (row.BioPageId, At: row.EnteredAt)))
            .GroupBy(row => row.BioPageId, (page, rows) => (page, Earliest: rows.Min(row => row.At))).ToList();
        if (pages.Count == 0)
        {
            return;
        }

        _doubts.Add(pages.Select(page => page.page));
        var viewed = _pageViews.Select(view => view.SessionId).Distinct().ToArray();
        await BackfillGuard.WriteAsync(
            writer.Dialect,
            await writer.TransactionAsync(cancellationToken),
            pages,
            async () => await AddSessionsAsync(writer, cancellationToken) + await AddOnceAsync(
                writer, PageViewRow.Table, "enteredAt", _pageViews, row => (row.BioPageId, row.Id), cancellationToken),
            cancellationToken);
        await _doubts.AddAsync(await writer.TransactionAsync(cancellationToken), viewed, cancellationToken);
    }

    private async Task<int> AddSessionsAsync(Writer writer, CancellationToken cancellationToken)
    {
        var sessions = _sessions.ToList();
        var changed = await AddOnceAsync(
            writer, SessionRow.Table, "startedAt", _sessions, row => (row.BioPageId, row.Id), cancellationToken);
        if (!GrowsSessions || changed == sessions.Count)
        {
            return changed;
        }

        return changed + await writer.Dialect.ExecuteEachAsync(
            await writer.TransactionAsync(cancellationToken), GrowSql,
            StatementValues.Of(sessions, row =>
            [
                ("@page", row.BioPageId), ("@id", row.Id), ("@pageViews", row.PageViews), ("@bounced", row.PageViews < 2),
                ("@duration", row.Duration), ("@lastActivityAt", row.LastActivityAt), ("@lastPageViewId", row.LastPageViewId),
            ]),
            cancellationToken);
    }

    private async Task<int> AddAsync<T>(Writer writer, Table<T> table, List<T> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        var added = await writer.Dialect.InsertAsync(await writer.TransactionAsync(cancellationToken), table, rows, cancellationToken);
        Count(rows.Count, added);
        rows.Clear();
        return added;
    }

    // The index keeps only foreign ids unique. The page is locked, so what is found here cannot change before the rows are added.
    private async Task<int> AddOnceAsync<T>(
        Writer writer, Table<T> table, string time, List<T> rows, Func<T, (Guid Page, Guid Id)> keyOf, CancellationToken cancellationToken)
    {
        var transaction = await writer.TransactionAsync(cancellationToken);
        var sql = RowsById.Sql("rows of import", "\"id\"", table.Name, time, "TRUE");
        var known = new HashSet<(Guid Page, Guid Id)>();
        var ofPages = rows.Select(keyOf).Where(key => PagedId.IsOf(key.Id, key.Page)).Distinct();
        foreach (var page in ofPages.GroupBy(key => key.Page, key => key.Id))
        {
            foreach (var ids in page.Chunk(MaxInStatement))
            {
                known.UnionWith(await writer.Dialect.QueryAsync(
                    transaction, sql, row => (page.Key, writer.Dialect.ReadGuid(row, 0)), cancellationToken, RowsById.Values(page.Key, ids)));
            }
        }

        var added = await writer.Dialect.InsertAsync(transaction, table, rows.FindAll(row => known.Add(keyOf(row))), cancellationToken);
        Count(rows.Count, added);
        rows.Clear();
        return added;
    }

    private void Count(int rows, int added) =>
        _counts = _counts with { Added = _counts.Added + added, Known = _counts.Known + rows - added };

    /// <summary>A connection to one database, with a transaction from the first write to the next commit.</summary>
    private sealed class Writer(Database database) : IAsyncDisposable
    {
        private DbConnection? _connection;
        private DbTransaction? _transaction;

        public SqlDialect Dialect => database.Dialect;

        public async Task<DbTransaction> TransactionAsync(CancellationToken cancellationToken)
        {
            _connection ??= await database.OpenAsync(cancellationToken);
            return _transaction ??= await _connection.BeginTransactionAsync(cancellationToken);
        }

        public async Task CommitAsync(CancellationToken cancellationToken)
        {
            if (_transaction is not null)
            {
                await _transaction.CommitAsync(cancellationToken);
            }

            await EndAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            if (_connection is not null)
            {
                await _connection.DisposeAsync();
            }
        }

        private async Task EndAsync()
        {
            if (_transaction is not null)
            {
                await _transaction.DisposeAsync();
            }

            _transaction = null;
        }
    }
}
