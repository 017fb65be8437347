using System.Text.Json;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace Bioscope.Server.Tests;

/// <summary>Random queries over random rows, compared with a recount that is independent of the engine.</summary>
public sealed class QueryModelTests
{
    private const int Queries = 250;

    private const string Spammer = "a program with a false referrer";

    private static readonly string?[] Words = [null, "", "Ärger", "ärger", "a*b", "Instagram", "insta", "日本", "😀", "\uFFFD", "x"];

    [Theory, Engines(With = [0, 1, 7, 40])]
    public async Task Every_answer_equals_a_recount_of_the_rows(EngineKind engine, int rowsInSegment)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var random = new Random(20261127 + rowsInSegment);
        var (creator, other) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        var (sessions, views) = Rows(random, creator);
        sessions = WithSpam(sessions, rowsInSegment);
        var (others, othersViews) = Rows(random, other);
        await app.Analytics.InsertAsync(SessionRow.Table, [.. sessions, .. others], TestContext.Current.CancellationToken);
        await app.Analytics.InsertAsync(PageViewRow.Table, [.. views, .. othersViews], TestContext.Current.CancellationToken);
        if (rowsInSegment > 0)
        {
            await SegmentAsync(app, creator, random, rowsInSegment);
        }

        // Some of the sealed rows that are in no segment are too many to keep. What is asked for the third time is counted from a checkpoint.
        var (history, times) = (app.Services.GetRequiredService<PageHistory>(), rowsInSegment is 7 or 40 ? 3 : 1);
        history.MaxRecentRows = rowsInSegment == 7 ? 4 : 200_000;
        history.MinCheckpointRows = 1;
        // Counted in portions: of one segment each, or of some.
        history.MaxRowsAtOnce = rowsInSegment switch { 1 => 1, 7 => 40, _ => history.MaxRowsAtOnce };
        var hidden = sessions.Where(session => session.VisitorId == Spammer).Select(session => session.Id).ToHashSet();
        Assert.Equal(rowsInSegment is 7 or 40, hidden.Count > 0);
        var model = new QueryModel(
            sessions.FindAll(session => !hidden.Contains(session.Id)),
            views.FindAll(view => !hidden.Contains(view.SessionId)),
            app.Clock.GetUtcNow(),
            Naming.None);
        Assert.Equal(hidden.Count, await HiddenAsync(app, creator));
        for (var i = 0; i < Queries; i++)
        {
            var query = RandomQuery.Of(random);
            for (var time = 0; time < times; time++)
            {
                await app.AssertAnswersAsync(creator, query, model, $"query {i} for the {time + 1}. time");
            }

            // Visits that had a click, maybe a later one.
            var clicked = query.DeepClone().AsObject();
            clicked.Remove("orderBy");
            clicked["metrics"] = new JsonArray("visits", "clicks", "clickers");
            clicked["filters"] = new JsonArray(new JsonArray("is", "link", new JsonArray($"{RandomQuery.Links[i % RandomQuery.Links.Length]}")));
            for (var time = 0; time < (i % 4 == 0 ? times : 0); time++)
            {
                await app.AssertAnswersAsync(creator, clicked, model, $"query {i} of clicks for the {time + 1}. time");
            }

            // Of other ranges too: what was counted of whole segments is used again, others are cut by both ends.
            var moved = query.DeepClone().AsObject();
            moved.Remove("compare");
            for (var range = 0; range < (rowsInSegment > 0 ? 2 : 0); range++)
            {
                moved["range"] = RandomQuery.InstantRange(random, TestApp.Start.AddDays(-50), TestApp.Start);
                await app.AssertAnswersAsync(creator, moved, model, $"query {i} of the {range + 1}. other range");
            }
        }

        Assert.False(app.Services.GetRequiredService<DamagedPages>().TryTake(out _), "What is kept seemed damaged, so the raw rows were read.");
    }

    /// <summary>By one portion, or by many; the engine without segments knows nothing of them, and is compared with the recount above.</summary>
    [Theory, Engines(With = [10_000, 50, 1])]
    public async Task With_rules_that_look_at_paths_segments_answer_as_raw_rows_do(EngineKind engine, int rowsAtOnce)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (random, creator) = (new Random(20261128 + rowsAtOnce), await app.AddCreatorAsync());
        var (sessions, views) = Rows(random, creator);
        await app.Analytics.InsertAsync(SessionRow.Table, sessions, TestContext.Current.CancellationToken);
        await app.Analytics.InsertAsync(PageViewRow.Table, views, TestContext.Current.CancellationToken);
        await SegmentAsync(app, creator, random, rowsInSegment: 20);
        app.Services.GetRequiredService<PageHistory>().MaxRowsAtOnce = rowsAtOnce;
        var (fromSegments, memory) = (app.Services.GetRequiredService<QueryEngine>(), app.Services.GetRequiredService<MemoryBudget>());
        var fromRows = new QueryEngine(app.Analytics, app.Services.GetRequiredService<RollupReader>(), null, memory, app.Clock);
        var naming = Naming.None with
        {
            Rules =
            [
                new(new Filter(FilterOperator.Contains, Dimension.Named("referrer")!, ["/a/B"]), "Elsewhere", null, Hide: false),
                new(new Filter(FilterOperator.Is, Dimension.Named("referrerDomain")!, ["news.example"]), null, null, Hide: true),
            ],
        };
        for (var i = 0; i < Queries; i++)
        {
            var query = RandomQuery.Of(random);
            Assert.True(await AnswerAsync(fromRows) == await AnswerAsync(fromSegments), $"query {i}: {query.ToJsonString()}");

            async Task<string> AnswerAsync(QueryEngine from)
            {
                var request = QueryReader.Read(JsonSerializer.SerializeToElement(query)).Request!;
                var answers = await from.AnswerAsync(creator.BioPageId, [request], DateTimeZone.Utc, naming, TestContext.Current.CancellationToken);
                return JsonSerializer.Serialize(answers[0].Answer);
            }
        }

        Assert.False(app.Services.GetRequiredService<DamagedPages>().TryTake(out _), "What is kept seemed damaged, so the raw rows were read.");
    }

    // Some rows stay unsealed, some sealed ones are in no segment.
    private static async Task SegmentAsync(TestApp app, Creator creator, Random random, int rowsInSegment)
    {
        var fence = Fence.Floor(app.Clock.GetUtcNow().AddHours(-random.NextDouble() * 60));
        await Fence.MoveAsync(app.Analytics, fence, TestContext.Current.CancellationToken);
        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, fence, TestContext.Current.CancellationToken, minRows: 0);
        Assert.NotEqual(
            0,
            await new Segmenter(app.Analytics) { MinRows = 1, MaxRows = rowsInSegment }.AdvanceAsync(
                creator.BioPageId, fence, TestContext.Current.CancellationToken));
    }

    /// <summary>How many visits are hidden, as the dashboard asks.</summary>
    private static async Task<double> HiddenAsync(TestApp app, Creator creator)
    {
        EquatableList<Metric> metrics = [Metric.Visits];
        var request = new QueryRequest(
            new RangeRequest.Named(NamedRange.All), null, metrics, [Dimension.Rule], [new Filter(FilterOperator.IsNotNull, Dimension.Hidden, [])], null,
            SortKey.DefaultOf(metrics, [Dimension.Rule]), 10, 0, false);
        var answers = await app.Services.GetRequiredService<QueryEngine>().AnswerAsync(
            creator.BioPageId, [request], DateTimeZone.Utc, Naming.None with { HidesSpam = true }, TestContext.Current.CancellationToken);
        return answers[0].Answer.Totals[0];
    }

    /// <summary>Referrer spam, which is in no answer: among all sessions, among the newest ones, or none.</summary>
    private static List<SessionRow> WithSpam(List<SessionRow> sessions, int rowsInSegment)
    {
        var order = sessions.OrderByDescending(session => rowsInSegment == 40 ? session.StartedAt.UtcTicks : session.Id.GetHashCode());
        var spam = rowsInSegment is 7 or 40 ? order.Take(4).Select(session => session.Id).ToHashSet() : [];
        return sessions.ConvertAll(session =>
            spam.Contains(session.Id) ? session with { VisitorId = Spammer, ReferrerDomain = "www.semalt.com", Referrer = null } : session);
    }

    private static (List<SessionRow> Sessions, List<PageViewRow> Views) Rows(Random random, Creator creator)
    {
        // March and the first half of April 2026: clocks change in three of the zones.
        var from = TestApp.Start.AddDays(-50);
        string? Word() => Words[random.Next(Words.Length)];
        string?[] domains = [null, "", "l.instagram.com", "instagram.com", "news.example", "xn--bcher-kva.example"];
        var sessions = Enumerable.Range(0, 120).Select(_ =>
        {
            var domain = domains[random.Next(domains.Length)];
            return new SessionRow
            {
                BioPageId = creator.BioPageId,
                Id = Guid.NewGuid(),
                VisitorId = $"visitor {random.Next(40)}",
                ReferrerDomain = domain,
                Referrer = string.IsNullOrEmpty(domain)
                    || random.Next(3) == 0 ? null : $"https://www.{domain}{(random.Next(2) == 0 ? "/" : "/a/B?q=1")}",
                Country = random.Next(2) == 0 ? null : "Germany",
                CountryCode = random.Next(2) == 0 ? "DE" : Word(),
                Region = Word(),
                City = Word(),
                Language = random.Next(2) == 0 ? "de" : null,
                Device = random.Next(2) == 0 ? "mobile" : null,
                Browser = Word(),
                Os = Word(),
                Attribution = new Attribution(Word(), Word(), Word(), Word(), Word(), random.Next(2) == 0 ? "fbclid" : Word()) { Ref = Word() },
                InAppBrowser = random.Next(2) == 0 ? "Instagram" : Word(),
                RequestedWith = random.Next(3) == 0 ? "com.zhiliaoapp.musically" : Word(),
                Placement = Word(),
                Page = Word(),
                // Some at the same instant: then the id decides which one is the first.
                StartedAt = from.AddMilliseconds(random.Next(5) == 0 ? 86_400_000 : random.NextInt64(50 * 86_400_000L)),
                Duration = random.Next(3) * 30,
                PageViews = random.Next(4),
            };
        }).ToList();
        var views = Enumerable.Range(0, 300).Select(_ => new PageViewRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            SessionId = random.Next(10) == 0 ? new Guid(
                $"bbbbbbbb-0000-4000-8000-00000000000{random.Next(5)}") : sessions[random.Next(sessions.Count)].Id,
            EnteredAt = from.AddMilliseconds(random.NextInt64(50 * 86_400_000L)),
            LinkClicked = random.Next(2) == 0 ? null : RandomQuery.Links[random.Next(RandomQuery.Links.Length)],
        }).ToList();
        return (sessions, views);
    }
}
