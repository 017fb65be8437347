using System.Net;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

public sealed class ExportTests
{
    [Theory, Engines]
    public async Task Exports_have_the_reports_numbers_as_csv(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var link = await app.AddLinkAsync(creator, "Shop, \"new\"\r\nand good", "https://shop.example/");
        await app.AddSessionsAsync(creator, "instagram.com", 2);
        await app.AddSessionsAsync(creator, null);
        await app.AddPageViewsAsync(creator, 3);
        await app.AddPageViewsAsync(creator, 1, link.Id);

        Assert.Equal("totalViews,uniqueVisitors,totalClicks,ctr,days\r\n4,1,1,25,7\r\n", await CsvAsync(app, creator, "overview&days=7"));
        Assert.Equal("source,visits,percentage\r\ninstagram.com,2,67\r\ndirect,1,33\r\n", await CsvAsync(app, creator, "traffic"));
        Assert.Equal(
            $"id,title,url,clicks,ctr\r\n{link.Id},\"Shop, \"\"new\"\"\r\nand good\",https://shop.example/,1,25\r\n",
            await CsvAsync(app, creator, "links"));
    }

    [Fact]
    public async Task A_csv_cell_like_a_formula_gets_an_apostrophe()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync();
        var clicks = 7;
        foreach (var title in (string[])["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "1=1"])
        {
            await app.AddPageViewsAsync(creator, clicks--, (await app.AddLinkAsync(creator, title, "=cmd,\"x\"")).Id);
        }

        var rows = (await CsvAsync(app, creator, "links")).Split("\r\n")[1..^1];

        const string Url = "\"'=cmd,\"\"x\"\"\"";
        Assert.Equal(
            [$"'=1+1,{Url},7", $"'+1,{Url},6", $"'-1,{Url},5", $"'@SUM(A1),{Url},4", $"'\t=1,{Url},3", $"\"'\r=1\",{Url},2",
                $"1=1,{Url},1"],
            rows.Select(row => row[37..row.LastIndexOf(',')])); // without the id before and the rate behind
    }

    [Theory]
    [InlineData("")]
    [InlineData("?type=")]
    [InlineData("?type=geo")]
    [InlineData("?type=Traffic")]
    public async Task An_unknown_export_type_is_400(string query)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var response = await app.GetAsync("/api/v1/creators/analytics/export" + query, app.Token(await app.AddCreatorAsync()));

        var error = await response.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation");
        Assert.Equal(["type must be overview, traffic or links"], error.Details());
    }

    private static async Task<string> CsvAsync(TestApp app, Creator creator, string type)
    {
        using var response = await app.GetAsync("/api/v1/creators/analytics/export?type=" + type, app.Token(creator));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/csv; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            $"attachment; filename=\"bioscope-analytics-{type.Split('&')[0]}-2026-04-15.csv\"",
            response.Content.Headers.GetValues("Content-Disposition").Single());
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
