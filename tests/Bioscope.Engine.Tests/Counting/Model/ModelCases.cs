using Bioscope.Core;
using Bioscope.Engine.Counting;
using CsCheck;
using NodaTime;

namespace Bioscope.Engine.Tests.Counting.Model;

/// <summary>A page, where its blocks are cut, and a question about it.</summary>
internal sealed record ModelCase(PageModel Page, long[] Cuts, CountQuery Query)
{
    /// <summary>All of it, for the message of a test that fails.</summary>
    public override string ToString() => string.Join('\n', [
        "",
        $"metrics: {string.Join(", ", Query.Metrics)}; by {string.Join(", ", Query.Dimensions)} in {Query.Zone.Id}",
        $"range: {LocalTime.Text(Query.Range.From)} – {LocalTime.Text(Query.Range.Until)}; cuts: "
            + string.Join(", ", Cuts.Select(LocalTime.Text)),
        .. Query.Filters.Select(filter => $"filter: {filter.Operator} {filter.Dimension} [{string.Join(", ", filter.Values)}]"),
        .. Page.Sessions.Select((session, i) =>
            $"session {i}: {LocalTime.Text(session.StartedAt)} visitor {session.Visitor}, {session.PageViews} page views, {session.Seconds} s, "
            + Shown(session.Facts)),
        .. Page.Views.Select(view => $"view: {LocalTime.Text(view.EnteredAt)} session {view.Session}, link {view.Link ?? "none"}"),
    ]);

    private static string Shown(IReadOnlyDictionary<string, string?> facts) =>
        string.Join(", ", facts.Where(fact => fact.Value is not null).Select(fact => $"{fact.Key}: '{fact.Value}'"));
}

/// <summary>Random pages and questions: four days around a change of the clock, and few values, so that rows meet in groups.</summary>
internal static class ModelCases
{
    private const int Minute = 60_000, Days = 4;

    private static readonly long Start = LocalTime.Ms("2026-03-27T00:00:00Z");

    private static readonly string?[] Domains = [null, "", "direct", "instagram.com", "blog.example", "buy.semalt.com"];

    private static readonly string?[] Words = [null, "", "Spring", "spring sale", "b*c", "other"];

    private static readonly string?[] Links = [null, null, "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222",
        "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"];

    private static readonly string[] Texts =
    [
        "Instagram", "Direct / None", "direct", "instagram.com", "blog.example", "blog.example/path", "Spring", "spring sale", "b*c",
        "new", "returning", "SPRING", "e",
        "*", "in*", "*e", "b*c*", .. Links.OfType<string>(), "1*",
    ];

    private static readonly Dimension[] Dimensions = [.. Dimension.All];

    private static readonly Naming[] Namings =
    [
        Naming.None,
        new([new("Spring", "TikTok", "Spring"), new("b*c", "My shop", "b*c")]),
        new([new("Spring", "Instagram", "spring sale")]) { Rules = [Rule("referrerDomain", "instagram.com", "TikTok"), Rule("utmSource", "Spring", null)] },
        new([]) { HidesSpam = true },
        new([])
        {
            HidesSpam = true,
            Rules = [Rule("referrerDomain", "buy.semalt.com", "My shop"), Rule("utmSource", "Spring", "TikTok"), Rule("utmSource", "b*c", null)],
        },
        new([])
        {
            Rules =
            [
                Rule("referrer", "blog.example/path", "My blog", Channel.Email), Rule("placement", "Spring", null), Rule("referrer", "instagram.com", null),
            ],
        },
    ];

    // One without a name hides.
    private static NamingRule Rule(string dimension, string value, string? name, string? channel = null) =>
        new(new Filter(FilterOperator.Is, Dimension.Named(dimension)!, [value]), name, channel, Hide: name is null);

    /// <summary>When something happens: mostly anywhere, sometimes at a quarter of an hour, where blocks are cut and ranges end.</summary>
    private static readonly Gen<long> Instants = Gen.Frequency(
        (3, Gen.Long[0, Days * 1440L * Minute]), (1, Gen.Long[0, Days * 96L].Select(quarter => quarter * 15 * Minute)))
            .Select(offset => Start + offset);

    private static readonly Gen<ModelSession> Session = Gen.Select(
        Instants,
        Gen.Int[0, 8],
        Gen.Int[-1, 4],
        Gen.Frequency((1, Gen.Int[-1, 0]), (2, Gen.Int[1, 900])),
        Gen.Int[0, 5].Array[PageModel.Columns.Count],
        (startedAt, visitor, pageViews, seconds, picks) => new ModelSession(startedAt, visitor, pageViews, seconds, Facts(picks)));

    private static readonly Gen<(long Delay, int Session, int Link)> View =
        Gen.Select(Gen.Frequency((1, Gen.Long[-600L * Minute, 0]), (9, Gen.Long[0, 1_000L * Minute])), Gen.Int[0, 40], Gen.Int[0, 4]);

    private static readonly Gen<PageModel> Pages = Gen.Select(Session.Array[0, 30], View.Array[0, 50], (sessions, views) =>
    {
        ModelSession[] ordered = [.. sessions.OrderBy(session => session.StartedAt)];
        return new PageModel(ordered, [.. views.Select(view => PageView(view.Delay, view.Session, Links[view.Link]))]);

        ModelView PageView(long delay, int session, string? link)
        {
            // More sessions than are stored: those of the last few numbers are not.
            var number = ordered.Length == 0 ? session % 3 : session % (ordered.Length + 2);
            return new ModelView((number < ordered.Length ? ordered[number].StartedAt : Start + (Days * 700L * Minute)) + delay, number,
                link);
        }
    });

    private static readonly Gen<CountQuery> Queries = Gen.Select(
        Gen.Select(Instants, Instants),
        Gen.OneOf("UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York"),
        Gen.OneOf(Dimensions).Array[0, 2],
        Filter().Array[0, 2],
        Gen.Shuffle(Enum.GetValues<Metric>()),
        Gen.Select(Gen.Int[1, 10], Gen.OneOf(Namings)),
        (range, zone, dimensions, filters, metrics, asked) =>
        {
            var (count, naming) = asked;
            var known = dimensions.Any(dimension => dimension.Kind == DimensionKind.Link)
                ? metrics.Where(metric => metric is Metric.Visits or Metric.Clicks or Metric.Clickers or Metric.Share)
                : metrics;
            return CountQuery.Canonical(
                Guid.Empty,
                new InstantRange(Math.Min(range.Item1, range.Item2), Math.Max(range.Item1, range.Item2)),
                DateTimeZoneProviders.Tzdb[zone],
                [.. dimensions.Distinct()],
                filters,
                [.. known.Take(count)],
                naming);
        });

    /// <summary>Pages in up to five blocks, and a question about each.</summary>
    public static Gen<ModelCase> All { get; } = Gen.Select(
        Pages, Instants.Array[0, 4], Queries, (page, cuts, query) => new ModelCase(page, [.. cuts.Distinct().Order()], query));

    /// <summary>Pages with several questions about each.</summary>
    public static Gen<ModelCase[]> Several { get; } = Gen.Select(
        Pages, Instants.Array[0, 4], Queries.Array[2, 5], (page, cuts, queries) =>
            queries.Select(query => new ModelCase(page, [.. cuts.Distinct().Order()], query)).ToArray());

    /// <summary>
    /// A page with more visitors and combinations of values than fit in one word or table: 3,000 sessions of 1,999 visitors in 130 days, and
    /// 4,000 page views, in seven blocks.
    /// </summary>
    public static ModelCase Large(CountQuery query)
    {
        const long Step = 130L * 1440 * Minute / 3_000;
        ModelSession[] sessions = [.. Enumerable.Range(0, 3_000).Select(i => new ModelSession(
            Start + (i * Step), i * 7_919 % 1_999, i % 4, i % 50, new Dictionary<string,
                string?> { ["city"] = $"city {i * 31 % 211}", ["os"] = $"os {i % 5}" }))];
        ModelView[] views = [.. Enumerable.Range(0, 4_000).Select(i =>
            new ModelView(sessions[i * 3 / 4].StartedAt + (i % 9 * 300L * Minute), i * 3 / 4, i % 3 == 0 ? null : $"link {i % 307}"))];
        return new ModelCase(new PageModel(sessions, views), [.. Enumerable.Range(1, 6).Select(i => Start + (i * 20L * 1440 * Minute))],
            query);
    }

    private static Gen<Filter> Filter() => Gen.Select(
        Gen.OneOf(Dimensions), Gen.OneOf(Enum.GetValues<FilterOperator>()), Gen.OneOf(Texts).Array[1, 3], Instants,
            (dimension, compares, texts, at) =>
        {
            var values = dimension.Kind == DimensionKind.Time
                ? (string[])[Recount.Local(dimension.Name, at, DateTimeZone.Utc), "1*", "*2*"] : texts;
            return new Filter(compares, dimension, compares is FilterOperator.IsNull or FilterOperator.IsNotNull ? []
                : new EquatableList<string>(values));
        });

    private static Dictionary<string, string?> Facts(int[] picks)
    {
        var facts = new Dictionary<string, string?>();
        foreach (var (column, pick) in PageModel.Columns.Zip(picks))
        {
            facts[column] = column == "referrerDomain" ? Domains[pick] : Words[pick];
        }

        // A referrer goes with its domain.
        var domain = facts["referrerDomain"];
        facts["referrer"] = domain is null or "" or "direct" || facts["city"] is null ? null
            : $"https://www.{domain}/path?id={facts["city"]}";
        return facts;
    }
}
