using System.Buffers;
using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>Reads the rows of a page that questions need, within one snapshot.</summary>
internal sealed class PageRowsReader
{
    // Of a session: its id, its columns, its facts. Of a page view: its columns, and its session's id.
    private const int SessionBytes = 96, VisitorBytes = 64, PageViewBytes = 24;

    private const int MaxIdsInStatement = 1_000;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private readonly SqlDialect _dialect;
    private readonly DbTransaction _snapshot;
    private readonly Guid _page;
    private readonly MemoryLease _memory;
    private readonly IReadOnlySet<string>? _stored;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<UInt128, int> _visitors = [];

    /// <param name="dialect">The engine's.</param>
    /// <param name="snapshot">In which everything is read.</param>
    /// <param name="page">The page.</param>
    /// <param name="memory">What rows take is taken from it.</param>
    /// <param name="stored">The columns that sessions have, where another service made the table; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public PageRowsReader(
        SqlDialect dialect, DbTransaction snapshot, Guid page, MemoryLease memory, IReadOnlySet<string>? stored, CancellationToken cancellationToken) =>
        (_dialect, _snapshot, _page, _memory, _stored, _cancellationToken) = (dialect, snapshot, page, memory, stored, cancellationToken);

    /// <summary>When the page's first row is; null when there is none.</summary>
    public async Task<DateTimeOffset?> FirstAsync()
    {
        const string Sql = """
            -- query first row
            SELECT MIN("at") FROM (
              SELECT MIN("startedAt") AS "at" FROM "AnalyticsSession" WHERE "bioPageId" = @page AND {startedAtIsInstant}
              UNION ALL
              SELECT MIN("enteredAt") FROM "AnalyticsPageView" WHERE "bioPageId" = @page AND {enteredAtIsInstant}
            ) AS "first"
            """;
        var first = await _dialect.QueryAsync(
            _snapshot, Sql, row => row.IsDBNull(0) ? (DateTimeOffset?)null : _dialect.ReadInstant(row, 0), _cancellationToken, ("@page", _page));
        return first.Single();
    }

    /// <summary>Reads what the question needs.</summary>
    public async Task<PageRows> ReadAsync(CountQuery query)
    {
        var needs = QueryNeeds.Of(query);
        var builder = new RowBlockBuilder(needs.Sets);
        var sessions = new Dictionary<Guid, int>();
        var (from, until) = (At(query.Range.From), At(query.Range.Until));
        var reader = new SessionReader(this, builder, sessions, needs);
        await _dialect.QueryAsync(
            _snapshot, reader.SqlOfRange, reader.Add, _cancellationToken, ("@page", _page), ("@from", from), ("@until", until));
        if (needs.PageViews)
        {
            await ReadPageViewsAsync(builder, reader, from, until);
        }

        var block = builder.Build();
        if (needs.VisitorKinds)
        {
            block[BlockColumn.IsReturning] = NumberColumn.Of<byte>(await ReturningAsync(builder, sessions));
        }

        return new PageRows([block], new PageValues(), _visitors.Count);
    }

    private async Task ReadPageViewsAsync(RowBlockBuilder builder, SessionReader sessions, DateTimeOffset from, DateTimeOffset until)
    {
        const string Sql = """
            -- query page views
            SELECT "enteredAt", CAST("sessionId" AS {text}), CAST("linkClicked" AS {text}) FROM "AnalyticsPageView"
            WHERE "bioPageId" = @page AND "enteredAt" >= @from AND "enteredAt" < @until AND {enteredAtIsInstant}
            """;
        var views = await _dialect.QueryAsync(
            _snapshot,
            Sql,
            row =>
            {
                _memory.Take(PageViewBytes);
                return (At: Milliseconds(row, 0), Session: IdOf(row, 1), Link: row.IsDBNull(2) ? 0 : builder.CodeOfLink(row.GetString(2).ToLowerInvariant()));
            },
            _cancellationToken,
            ("@page", _page),
            ("@from", from),
            ("@until", until));
        await sessions.AddMissingAsync(views.Select(view => view.Session));
        foreach (var (at, session, link) in views)
        {
            builder.AddPageView(at, sessions.NumberOf(session), link);
        }
    }

    /// <summary>By session, 1 where its visitor had one before, by time, then id.</summary>
    private async Task<byte[]> ReturningAsync(RowBlockBuilder builder, Dictionary<Guid, int> sessions)
    {
        const string Sql = $$"""
            -- query first visits
            SELECT CAST("id" AS {text}), {{Measure.VisitorSql}} FROM "AnalyticsSession"
            WHERE "bioPageId" = @page AND "startedAt" <= @last AND {startedAtIsInstant} ORDER BY "startedAt", "id"
            """;
        var isReturning = new byte[builder.SessionCount];
        var last = QueryRange.Earliest;
        foreach (var at in builder.StartedAt)
        {
            last = Math.Max(last, at); // a page view may name a session that began after the range
        }

        var known = new HashSet<UInt128>();
        await _dialect.QueryAsync(
            _snapshot,
            Sql,
            row =>
            {
                if (known.Add(VisitorKeyOf(row.GetString(1))))
                {
                    _memory.Take(VisitorBytes);
                }
                else if (sessions.TryGetValue(IdOf(row, 0), out var session))
                {
                    isReturning[session] = 1;
                }

                return false;
            },
            _cancellationToken,
            ("@page", _page),
            ("@last", At(last)));
        return isReturning;
    }

    private int VisitorOf(string visitorId)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_visitors, VisitorKeyOf(visitorId), out var isKnown);
        if (!isKnown)
        {
            _memory.Take(VisitorBytes);
            number = _visitors.Count - 1;
        }

        return number;
    }

    // 128 bits of the keyed hash, or of a hash of what another service stores: two of a million share them with a probability of 10^-27.
    private static UInt128 VisitorKeyOf(string visitorId)
    {
        if (visitorId.Length == 64 && !visitorId.AsSpan().ContainsAnyExcept(LowerHex)
            && UInt128.TryParse(visitorId.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key))
        {
            return key;
        }

        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(visitorId)));
    }

    // What is no id in a damaged row is one of its own.
    private static Guid IdOf(DbDataReader row, int column) =>
        row.GetString(column) is var text && Guid.TryParseExact(text, "D", out var id) ? id : Core.Uuid.Named(text);

    private long Milliseconds(DbDataReader row, int column) => _dialect.ReadInstant(row, column).ToUnixTimeMilliseconds();

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    /// <summary>Adds sessions with the facts that are asked for.</summary>
    private sealed class SessionReader(PageRowsReader owner, RowBlockBuilder builder, Dictionary<Guid, int> sessions, QueryNeeds needs)
    {
        private const int FirstFact = 5;

        private readonly string?[][] _values = [.. needs.Sets.Select(set => new string?[set.Columns.Count])];

        public string SqlOfRange => Sql("query sessions", """ "startedAt" >= @from AND "startedAt" < @until """);

        private bool NeedsIds => needs.PageViews || needs.VisitorKinds;

        private bool NeedsVisitors => needs.Visitors || needs.Clickers;

        /// <summary>Adds the session of a row.</summary>
        public bool Add(DbDataReader row)
        {
            owner._memory.Take(SessionBytes);
            var number = builder.AddSession(
                owner.Milliseconds(row, 1),
                NeedsVisitors ? owner.VisitorOf(row.GetString(2)) : 0,
                needs.Outcomes ? Number(row, 3) : RowBlock.Unknown,
                needs.Outcomes ? Number(row, 4) : RowBlock.Unknown);
            if (NeedsIds)
            {
                sessions[IdOf(row, 0)] = number;
            }

            var column = FirstFact;
            for (var set = 0; set < _values.Length; set++)
            {
                var values = _values[set];
                for (var i = 0; i < values.Length; i++, column++)
                {
                    values[i] = row.IsDBNull(column) ? null : row.GetString(column);
                }

                builder.AddFacts(set, values);
            }

            return false;
        }

        /// <summary>Adds those sessions that are not there yet.</summary>
        public async Task AddMissingAsync(IEnumerable<Guid> ids)
        {
            foreach (var missing in ids.Where(id => !sessions.ContainsKey(id)).Distinct().ToList().Chunk(MaxIdsInStatement))
            {
                await owner._dialect.QueryAsync(
                    owner._snapshot, Sql("query earlier sessions", """ "id" {isAnyOfIds} """), Add, owner._cancellationToken, ("@page", owner._page), ("@ids", missing));
            }
        }

        /// <summary>The number of a session; one that is not stored gets one too.</summary>
        public int NumberOf(Guid id)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(sessions, id, out var isKnown);
            if (!isKnown)
            {
                number = builder.AddSessionNotStored();
            }

            return number;
        }

        private string Sql(string name, string condition) => $$"""
            -- {{name}}
            SELECT {{(NeedsIds ? "CAST(\"id\" AS {text})" : "NULL")}}, "startedAt", {{(NeedsVisitors ? Measure.VisitorSql : "NULL")}},
              {{(needs.Outcomes ? "CAST(\"pageViews\" AS {text}), CAST(\"duration\" AS {text})" : "NULL, NULL")}}{{string.Concat(needs.Sets.SelectMany(set => set.Columns).Select(Selected))}}
            FROM "AnalyticsSession" WHERE "bioPageId" = @page AND {{condition}} AND {startedAtIsInstant}
            """;

        private string Selected(string column) => owner._stored?.Contains(column) == false ? ", CAST(NULL AS {text})" : $", CAST(\"{column}\" AS {{text}})";

        private static int Number(DbDataReader row, int column) =>
            !row.IsDBNull(column) && int.TryParse(row.GetString(column), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : RowBlock.Unknown;
    }
}
