using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;

namespace Bioscope.Server.Tests.Support;

/// <summary>A page's stored rows, and answers compared with a recount of them.</summary>
internal static class RawRows
{
    /// <summary>All of a page's rows, for a recount at the app's current time.</summary>
    public static async Task<QueryModel> ModelAsync(this TestApp app, Creator creator)
    {
        var (dialect, cancellationToken) = (app.Analytics.Dialect, TestContext.Current.CancellationToken);
        var sessions = await app.Analytics.QueryAsync(
            """
            -- test sessions
            SELECT "id", "visitorId", "referrer", "referrerDomain", "country", "countryCode", "region", "city", "language", "device", "browser", "os",
              "utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent", "clickIdKind", "inAppBrowser", "startedAt", "duration", "pageViews",
              "ref", "requestedWith", "placement", "page"
            FROM "AnalyticsSession" WHERE "bioPageId" = @page
            """,
            row =>
            {
                string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
                return new SessionRow
                {
                    BioPageId = creator.BioPageId,
                    Id = dialect.ReadGuid(row, 0),
                    VisitorId = row.GetString(1),
                    Referrer = Text(2),
                    ReferrerDomain = Text(3),
                    Country = Text(4),
                    CountryCode = Text(5),
                    Region = Text(6),
                    City = Text(7),
                    Language = Text(8),
                    Device = Text(9),
                    Browser = Text(10),
                    Os = Text(11),
                    Attribution = new Attribution(Text(12), Text(13), Text(14), Text(15), Text(16), Text(17)) { Ref = Text(22) },
                    InAppBrowser = Text(18),
                    StartedAt = dialect.ReadInstant(row, 19),
                    Duration = row.GetInt32(20),
                    PageViews = row.GetInt32(21),
                    RequestedWith = Text(23),
                    Placement = Text(24),
                    Page = Text(25),
                };
            },
            cancellationToken,
            ("@page", creator.BioPageId));
        var views = await app.Analytics.QueryAsync(
            """
            -- test page views
            SELECT "id", "sessionId", "enteredAt", "linkClicked" FROM "AnalyticsPageView" WHERE "bioPageId" = @page
            """,
            row => new PageViewRow
            {
                BioPageId = creator.BioPageId,
                Id = dialect.ReadGuid(row, 0),
                SessionId = dialect.ReadGuid(row, 1),
                EnteredAt = dialect.ReadInstant(row, 2),
                LinkClicked = row.IsDBNull(3) ? null : dialect.ReadGuid(row, 3),
            },
            cancellationToken,
            ("@page", creator.BioPageId));
        return new QueryModel(sessions, views, app.Clock.GetUtcNow(), Naming.None);
    }

    /// <summary>Asserts that the engine answers a query like the model.</summary>
    public static async Task AssertAnswersAsync(this TestApp app, Creator creator, JsonObject query, QueryModel model, string when)
    {
        var expected = model.Answer(query).ToJsonString();
        using var answer = await app.QueryAsync(query.ToJsonString(), app.Token(creator));
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(expected), body["data"]),
            $"{when}: {query.ToJsonString()}\nexpected {expected}\nanswered {body.ToJsonString()}");
    }
}
