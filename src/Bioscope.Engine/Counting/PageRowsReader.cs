using System.Buffers;
using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
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
        var needs = Needs.Of(query);
        var rows = new PageRows(needs.Facts);
        var sessions = new Dictionary<Guid, int>();
        var (from, until) = (At(query.Range.From), At(query.Range.Until));
        var reader = new SessionReader(this, rows, sessions, needs);
        await _dialect.QueryAsync(
            _snapshot, reader.SqlOfRange, reader.Add, _cancellationToken, ("@page", _page), ("@from", from), ("@until", until));
        if (needs.PageViews)
        {
            await ReadPageViewsAsync(rows, reader, from, until);
        }

        if (needs.VisitorKinds)
        {
            rows.SetReturning(await ReturningAsync(rows, sessions));
        }

        return rows;
    }

    private async Task ReadPageViewsAsync(PageRows rows, SessionReader sessions, DateTimeOffset from, DateTimeOffset until)
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
                return (At: Milliseconds(row, 0), Session: IdOf(row, 1), Link: row.IsDBNull(2) ? 0 : rows.Links.CodeOf(row.GetString(2).ToLowerInvariant()));
            },
            _cancellationToken,
            ("@page", _page),
            ("@from", from),
            ("@until", until));
        await sessions.AddMissingAsync(views.Select(view => view.Session));
        foreach (var (at, session, link) in views)
        {
            rows.AddPageView(at, sessions.NumberOf(session), link);
        }
    }

    /// <summary>By session, 1 where its visitor had one before, by time, then id.</summary>
    private async Task<byte[]> ReturningAsync(PageRows rows, Dictionary<Guid, int> sessions)
    {
        const string Sql = $$"""
            -- query first visits
            SELECT CAST("id" AS {text}), {{Measure.VisitorSql}} FROM "AnalyticsSession"
            WHERE "bioPageId" = @page AND "startedAt" <= @last AND {startedAtIsInstant} ORDER BY "startedAt", "id"
            """;
        var isReturning = new byte[rows.StartedAt.Length];
        var last = QueryRange.Earliest;
        foreach (var at in rows.StartedAt)
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

    /// <summary>What a question looks at: the rest is not read.</summary>
    private sealed record Needs(List<Dimension> Facts, bool PageViews, bool VisitorKinds, bool Visitors, bool Outcomes)
    {
        public bool Ids => PageViews || VisitorKinds;

        public static Needs Of(CountQuery query)
        {
            var used = query.Dimensions.Concat(query.Filters.Select(filter => filter.Dimension)).Distinct().ToLookup(dimension => dimension.Kind);
            return new Needs(
                [.. used[DimensionKind.Session]],
                query.Metrics.Any(metric => metric is Metric.Views or Metric.Clicks or Metric.Clickers or Metric.ClickRate) || used.Contains(DimensionKind.Link),
                used.Contains(DimensionKind.VisitorKind),
                query.Metrics.Any(metric => metric is Metric.Visitors or Metric.Clickers),
                query.Metrics.Any(metric => metric is Metric.BounceRate or Metric.VisitDuration or Metric.ViewsPerVisit));
        }
    }

    /// <summary>Adds sessions with the facts that are asked for.</summary>
    private sealed class SessionReader(PageRowsReader owner, PageRows rows, Dictionary<Guid, int> sessions, Needs needs)
    {
        private const int FirstFact = 5;

        private readonly List<string> _columns = [.. needs.Facts.SelectMany(fact => fact.Selected).Distinct()];
        private readonly List<FactReader> _facts = [];

        public string SqlOfRange => Sql("query sessions", """ "startedAt" >= @from AND "startedAt" < @until """);

        /// <summary>Adds the session of a row.</summary>
        public bool Add(DbDataReader row)
        {
            if (_facts.Count < needs.Facts.Count)
            {
                Prepare();
            }

            owner._memory.Take(SessionBytes);
            var number = rows.AddSession(
                owner.Milliseconds(row, 1),
                needs.Visitors ? owner.VisitorOf(row.GetString(2)) : 0,
                needs.Outcomes ? Number(row, 3) : PageRows.Unknown,
                needs.Outcomes ? Number(row, 4) : PageRows.Unknown);
            if (needs.Ids)
            {
                sessions[IdOf(row, 0)] = number;
            }

            foreach (var fact in _facts)
            {
                fact.Add(row);
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
                number = rows.AddSessionNotStored();
            }

            return number;
        }

        private string Sql(string name, string condition) => $$"""
            -- {{name}}
            SELECT {{(needs.Ids ? "CAST(\"id\" AS {text})" : "NULL")}}, "startedAt", {{(needs.Visitors ? Measure.VisitorSql : "NULL")}},
              {{(needs.Outcomes ? "CAST(\"pageViews\" AS {text}), CAST(\"duration\" AS {text})" : "NULL, NULL")}}{{string.Concat(_columns.Select(column => owner._stored?.Contains(column) == false ? ", CAST(NULL AS {text})" : $", CAST(\"{column}\" AS {{text}})"))}}
            FROM "AnalyticsSession" WHERE "bioPageId" = @page AND {{condition}} AND {startedAtIsInstant}
            """;

        private void Prepare()
        {
            foreach (var fact in needs.Facts)
            {
                _facts.Add(new FactReader(fact, rows.Fact(fact), [.. fact.Columns.Select(column => FirstFact + _columns.IndexOf(column))]));
            }
        }

        private static int Number(DbDataReader row, int column) =>
            !row.IsDBNull(column) && int.TryParse(row.GetString(column), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : PageRows.Unknown;
    }

    /// <summary>Reads one fact. What follows from one column is worked out once for each of its values.</summary>
    private sealed class FactReader(Dimension fact, CodedColumn column, int[] places)
    {
        private readonly string?[] _values = new string?[places.Length];
        private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);

        public void Add(DbDataReader row)
        {
            for (var i = 0; i < places.Length; i++)
            {
                _values[i] = row.IsDBNull(places[i]) ? null : row.GetString(places[i]);
            }

            if (_values is not [var only])
            {
                column.Add(fact.Read(_values));
                return;
            }

            ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(_codes, only ?? "", out var isKnown);
            if (!isKnown)
            {
                code = column.CodeOf(fact.Read(_values));
            }

            column.Add(code);
        }
    }
}
