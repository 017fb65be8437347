using System.Globalization;
using System.Text.Json.Serialization;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;
using NodaTime;

namespace Bioscope.Server.Api.Pages;

/// <summary>
/// <c>GET /api/v1/creators/pages</c>: all pages that the caller may see, with the visits, views and clicks of a running period in each
/// page's own days. The figures are those of the page's dashboard; each page costs one query.
/// </summary>
/// <param name="Pages">The part of the list that was asked for.</param>
/// <param name="PageCount">How many pages the search finds.</param>
/// <param name="Totals">The sums of all of them.</param>
internal sealed record PageList(IReadOnlyList<ListedPage> Pages, int PageCount, PageTotals Totals)
{
    // As many as fill the batches of QueryBatcher; SQLite has fewer connections than that.
    private const int AtOnce = 64;

    private const string Sql = """
        -- pages of user
        SELECT page."id", page."handle", page."title", page."timeZone", page."showsReferrerSpam",
          CASE WHEN page."sourceRules" IS NULL THEN 0 ELSE 1 END, 'owner' AS "role"
        FROM "CreatorProfile" creator JOIN "BioPage" page ON page."creatorId" = creator."id" WHERE creator."userId" = @user
        UNION ALL
        SELECT page."id", page."handle", page."title", page."timeZone", page."showsReferrerSpam",
          CASE WHEN page."sourceRules" IS NULL THEN 0 ELSE 1 END, member."role"
        FROM "PageMember" member JOIN "BioPage" page ON page."id" = member."bioPageId" WHERE member."userId" = @user
        """;

    private const string OfAllSql = """
        -- pages of all
        SELECT page."id", page."handle", page."title", page."timeZone", page."showsReferrerSpam",
          CASE WHEN page."sourceRules" IS NULL THEN 0 ELSE 1 END, 'viewer' AS "role"
        FROM "BioPage" page
        """;

    private const string OfKeySql = """
        -- page of key
        SELECT page."id", page."handle", page."title", page."timeZone", page."showsReferrerSpam",
          CASE WHEN page."sourceRules" IS NULL THEN 0 ELSE 1 END, 'viewer' AS "role"
        FROM "BioPage" page WHERE page."id" = @page
        """;

    public static void Map(IEndpointRouteBuilder creators, Settings settings) =>
        creators.MapGet("pages", AnswerAsync).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("pages", settings.ReportsPerMinute, TimeSpan.FromMinutes(1)), KeyAccess.Read);

    /// <summary>Reads the list of a user.</summary>
    public static Task<PageList> ReadAsync(HttpContext http, Guid user, PageListQuery query) =>
        ReadAsync(http, Sql, [("@user", user)], query);

    /// <summary>Reads the list of a key: its page, or all pages.</summary>
    private static Task<PageList> ReadAsync(HttpContext http, ApiKey key, PageListQuery query) =>
        key.BioPageId is { } page ? ReadAsync(http, OfKeySql, [("@page", page)], query, key) : ReadAsync(http, OfAllSql, [], query, key);

    private static async Task<PageList> ReadAsync(
        HttpContext http, string sql, (string, object?)[] whose, PageListQuery query, ApiKey? key = null)
    {
        var services = http.RequestServices;
        var (main, engine, naming) = (
            services.GetRequiredService<MainDatabase>(), services.GetRequiredService<QueryEngine>(), services.GetRequiredService<PageNaming>());
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
        var found = await main.QueryAsync(
            sql,
            row => new Row(
                main.Dialect.ReadGuid(row, 0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2),
                row.IsDBNull(3) ? null : row.GetString(3), !row.IsDBNull(4) && row.GetBoolean(4), row.GetInt32(5) == 1, row.GetString(6)),
            http.RequestAborted, whose);
        // An owner may have been invited to her own page before it was hers.
        List<Row> rows = [];
        foreach (var row in found.DistinctBy(row => row.Id).Where(row => row.Matches(query.Search)))
        {
            if (key is null || await services.GetRequiredService<ApiKeys>().OpensAsync(key, row.Id, http.RequestAborted))
            {
                rows.Add(row);
            }
        }

        var listed = new ListedPage[rows.Count];
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = http.RequestAborted };
        await Parallel.ForAsync(0, rows.Count, atOnce, async (i, cancellationToken) =>
        {
            var row = rows[i];
            var zone = (row.Zone is null ? null : TimeZoneName.Find(row.Zone)) ?? DateTimeZone.Utc;
            var said = row.HasRules
                ? await naming.ReadAsync(row.Id, cancellationToken)
                : Naming.None with { HidesSpam = !row.ShowsSpam };
            var range = QueryRange.Of(new RangeRequest.Named(query.Range), zone, now, null).Instants;
            listed[i] = ListedPage.Of(
                row.Id, row.Handle, row.Title, row.Role, await engine.TotalsAsync(row.Id, range, zone, said, cancellationToken));
        });
        return new PageList(
            [.. query.Order(listed).Skip(query.Offset).Take(query.Limit)],
            listed.Length,
            new PageTotals(listed.Sum(page => page.Visits), listed.Sum(page => page.Views), listed.Sum(page => page.Clicks)));
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        var (query, problems) = PageListQuery.Read(name => ReportScope.FirstOf(http.Request.QueryString, name));
        if (problems.Count > 0)
        {
            await Errors.WriteAsync(http, ApiError.Invalid(problems));
            return;
        }

        // A token of another service may name no user of ours: nobody has shown it a page.
        var list = ApiKey.Of(http) is { } key ? await ReadAsync(http, key, query)
            : Sessions.UserOf(http) is { } user ? await ReadAsync(http, user, query) : new PageList([], 0, new PageTotals(0, 0, 0));
        await ApiResponse.OkAsync(http, list, PageListJson.Default.SuccessPageList);
    }

    private sealed record Row(Guid Id, string? Handle, string? Title, string? Zone, bool ShowsSpam, bool HasRules, string Role)
    {
        public bool Matches(string search) => search.Length == 0
            || Title?.Contains(search, StringComparison.OrdinalIgnoreCase) == true
            || Handle?.Contains(search.TrimStart('@'), StringComparison.OrdinalIgnoreCase) == true;
    }
}

/// <summary>A page in the list.</summary>
internal sealed record ListedPage(
    Guid Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Handle,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Title,
    string Role, long Visits, long Views, long Clicks)
{
    /// <summary>The name by which it is listed.</summary>
    public string DisplayName() => Title ?? (Handle is null ? Id.ToString("D") : "@" + Handle);

    public static ListedPage Of(Guid id, string? handle, string? title, string role, PageTotals totals) =>
        new(id, handle, title, role, totals.Visits, totals.Views, totals.Clicks);
}

/// <summary>What of the list is asked for.</summary>
/// <param name="Range">A period that includes today.</param>
/// <param name="Sort">One of <see cref="Sorts"/>.</param>
/// <param name="Search">A part of title or handle; empty for all.</param>
/// <param name="Limit">How many pages, from 1.</param>
/// <param name="Offset">How many before them.</param>
internal sealed record PageListQuery(NamedRange Range, string Sort, string Search, int Limit, int Offset)
{
    public const int DefaultLimit = 50, MaxLimit = 1000;

    // More than anybody types; a longer text finds nothing anyway.
    private const int MaxSearch = 100;

    /// <summary>The periods: those that are still running.</summary>
    public static IReadOnlyList<string> Ranges { get; } = ["7d", "30d", "90d", "month", "today", "week", "year", "365d"];

    /// <summary>The columns: figures largest first, names from A.</summary>
    public static IReadOnlyList<string> Sorts { get; } = ["visits", "views", "clicks", "name"];

    /// <summary>Reads the query; what is invalid has its default and is named.</summary>
    public static (PageListQuery Query, IReadOnlyList<string> Problems) Read(Func<string, string?> valueOf)
    {
        List<string> problems = [];
        var range = Choice("range", Ranges, "30d");
        var sort = Choice("sort", Sorts, Sorts[0]);
        var search = (valueOf("search") ?? "").Trim();
        if (search.Length > MaxSearch)
        {
            problems.Add($"search must have at most {MaxSearch} characters");
            search = search[..MaxSearch];
        }

        return (new PageListQuery(RangeName.Read(range)!.Value, sort, search, Number("limit", 1, MaxLimit, DefaultLimit), Number("offset", 0, 1_000_000, 0)), problems);

        string Choice(string name, IReadOnlyList<string> allowed, string usual)
        {
            if (valueOf(name) is not { Length: > 0 } text || allowed.Contains(text))
            {
                return valueOf(name) is { Length: > 0 } chosen ? chosen : usual;
            }

            problems.Add($"{name} must be one of {string.Join(", ", allowed)}");
            return usual;
        }

        int Number(string name, int min, int max, int usual)
        {
            if (valueOf(name) is not { Length: > 0 } text)
            {
                return usual;
            }

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= min && number <= max)
            {
                return number;
            }

            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {min} to {max}"));
            return usual;
        }
    }

    /// <summary>The pages in the order asked for; equal ones by name.</summary>
    public IEnumerable<ListedPage> Order(IEnumerable<ListedPage> pages)
    {
        var ordered = Sort switch
        {
            "visits" => pages.OrderByDescending(page => page.Visits),
            "views" => pages.OrderByDescending(page => page.Views),
            "clicks" => pages.OrderByDescending(page => page.Clicks),
            _ => pages.OrderBy(_ => 0),
        };
        return ordered.ThenBy(page => page.DisplayName(), StringComparer.OrdinalIgnoreCase).ThenBy(page => page.Id);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<PageList>))]
internal sealed partial class PageListJson : JsonSerializerContext;
