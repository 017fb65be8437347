using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Erasing;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Data;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Bioscope.Server.Tests;

/// <summary>A creator is forgotten: in every table, in the bytes of the files, and when something goes wrong in the middle.</summary>
public sealed class ErasureTests
{
    private const string Email = "mark-7f3a@example.com", Mark = "mark-7f3a";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task Every_table_is_known(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);

        var tables = (await FilledTables.SchemaAsync(app.Main)).Select(table => table.Key);

        Assert.Equal(
            ErasedRows.Conditions.Select(table => table.Table).Concat(ErasedRows.Others).Order(StringComparer.Ordinal),
            tables.Order(StringComparer.Ordinal));
    }

    [Theory, Engines]
    public async Task Nothing_of_a_creator_is_left_and_nobody_else_loses_anything(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var app = await TestApp.StartAsync(databases, ("Throttle:Enabled", "false"));
        var (anna, ben) = (await app.AddCreatorAsync(Email, DashboardVisit.Password), await app.AddCreatorAsync("ben@example.com", "a password of ben"));
        await FillAsync(app, anna, Email, Mark);
        await FillAsync(app, ben, "ben@example.com", "mark-ben");
        await FilledTables.SealAsync(app, anna);
        var before = (await FilledTables.FindAsync(app.Main, "mark-ben"), await FilledTables.FindAsync(app.Analytics, "mark-ben"));
        Assert.True(await FilledTables.FindAsync(app.Main, Mark) > 15);

        using var erased = await EraseAsync(app, anna, new { password = DashboardVisit.Password });

        Assert.Equal(HttpStatusCode.OK, erased.StatusCode);
        var data = await erased.DataAsync();
        Assert.Equal((600, 600), (data.GetProperty("sessions").GetInt32(), data.GetProperty("pageViews").GetInt32()));
        foreach (var text in (string[])[Mark, anna.BioPageId.ToString("D"), anna.UserId.ToString("D"), anna.CreatorId.ToString("D")])
        {
            // Only the row that says what was erased has the ids, and the user's is in the audit.
            Assert.Equal(text == Mark || text == anna.CreatorId.ToString("D") ? 0 : text == anna.UserId.ToString("D") ? 2 : 1, await FilledTables.FindAsync(app.Main, text));
            Assert.Equal(0, await FilledTables.FindAsync(app.Analytics, text));
        }

        Assert.Equal(before, (await FilledTables.FindAsync(app.Main, "mark-ben"), await FilledTables.FindAsync(app.Analytics, "mark-ben")));
        using var gone = await app.GetAsync("/api/v1/creators/analytics/overview", app.Token(anna));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var refused = await app.LoginAsync(Email, DashboardVisit.Password);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("\"totalViews\":600", await app.ReportAsync(ben, "overview"), StringComparison.Ordinal);
        await AssertOverwrittenAsync(app, databases);
    }

    [Fact]
    public async Task Bytes_are_there_until_they_are_overwritten()
    {
        // Otherwise the search above would prove nothing.
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(databases);
        await FillAsync(app, await app.AddCreatorAsync(Email, DashboardVisit.Password), Email, Mark);
        // A checkpoint leaves in the log what is newer than what somebody is just reading.
        await Patience.UntilAsync(async () =>
        {
            await app.Main.CheckpointAsync(Cancelled);
            await app.Analytics.CheckpointAsync(Cancelled);
            return FilesOf(databases).All(file => FilledTables.IsIn(file, Mark));
        });
    }

    [Theory, Engines]
    public async Task Only_who_knows_the_password_erases(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync(Email, DashboardVisit.Password);
        var ben = await app.AddCreatorAsync(); // of another service
        object[] wrong = [new { password = "not the password" }, new { }, new { confirm = anna.UserId }, new { password = 7 }];

        foreach (var body in wrong)
        {
            using var refused = await EraseAsync(app, anna, body);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        using var other = await EraseAsync(app, ben, new { confirm = anna.UserId });
        using var stranger = await app.Http.PostAsJsonAsync("/api/v1/creators/data/erase", new { password = DashboardVisit.Password }, Cancelled);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized), (other.StatusCode, stranger.StatusCode));
        Assert.Empty(await app.Services.GetRequiredService<Erasure>().ReadAsync(10, Cancelled));

        using var own = await EraseAsync(app, ben, new { confirm = ben.UserId });
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Contains("\"totalViews\":0", await app.ReportAsync(anna, "overview"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task She_downloads_everything_and_deletes_her_account_by_forms(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await app.AddCreatorAsync(Email, DashboardVisit.Password);
        using var visit = new DashboardVisit(app);
        using var before = await visit.GetAsync("/dashboard/account/data");
        Assert.Equal("/dashboard/sign-in", before.Headers.Location?.ToString());
        using var signedIn = await visit.SignInAsync(Email, DashboardVisit.Password);
        var account = await visit.ReadAsync("/dashboard/account");
        using var archive = await visit.GetAsync("/dashboard/account/data");
        Assert.Equal("application/zip", archive.Content.Headers.ContentType?.MediaType);

        using var forged = await visit.PostAsync("/dashboard/account/delete", ("form", "forged"), ("password", DashboardVisit.Password));
        using var wrong = await visit.PostAsync("/dashboard/account/delete", ("form", DashboardVisit.FormField(account)), ("password", "wrong"));
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (forged.StatusCode, wrong.StatusCode));
        Assert.Contains("password is wrong", await wrong.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        using var deleted = await visit.PostAsync(
            "/dashboard/account/delete", ("form", DashboardVisit.FormField(account)), ("password", DashboardVisit.Password));

        Assert.Contains("Your account is deleted", await deleted.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal(0, await FilledTables.FindAsync(app.Main, Mark));
        using var after = await visit.GetAsync("/dashboard");
        Assert.Equal("/dashboard/sign-in", after.Headers.Location?.ToString());
    }

    [Theory, Engines]
    public async Task Visits_that_arrive_late_are_refused_and_erased(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync(Email, DashboardVisit.Password);
        var open = (await app.PostSessionAsync(anna))!.Value;
        var service = app.Services.GetRequiredService<ErasureService>();

        await service.EraseAsync(anna.UserId, ErasureOrigin.Creator);

        Assert.Null(await app.PostSessionAsync(anna));
        await app.PostPageViewAsync(open);
        // Another instance that does not know it yet.
        await app.AddSessionsAsync(anna, "late.example", 3);
        app.Clock.Advance(TimeSpan.FromHours(2));
        await service.LookAsync(Cancelled);
        Assert.Empty(await app.RowsAsync("AnalyticsSession", anna.BioPageId, "id"));
        // The server itself looks too, and may be about to write down what it erased.
        await Patience.UntilAsync(async () => await app.Services.GetRequiredService<Erasure>().ReadAsync(10, Cancelled)
            is [{ Kind: ErasureKind.Creator, Origin: ErasureOrigin.Creator, Sessions: 4 }]);
    }

    [Theory, Engines]
    public async Task An_erasure_that_was_interrupted_goes_on(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync(Email, DashboardVisit.Password);
        await app.AddSessionsAsync(anna, "a.example", 7);
        // As after a kill between the two databases.
        var row = new ErasureRow(
            Guid.NewGuid(), ErasureKind.Creator, ErasureOrigin.Creator, anna.BioPageId, anna.UserId, app.Clock.GetUtcNow() - TimeSpan.FromDays(30));
        await app.Main.InsertAsync(ErasureRow.Table, [row], Cancelled);

        await app.Services.GetRequiredService<ErasureService>().LookAsync(Cancelled);

        Assert.Empty(await app.RowsAsync("AnalyticsSession", anna.BioPageId, "id"));
        var finished = Assert.Single(await app.Services.GetRequiredService<Erasure>().ReadAsync(10, Cancelled));
        Assert.Equal((7L, true, true), (finished.Sessions, finished.DoneAt is not null, finished.OverwrittenAt is not null));
    }

    // For a reader of an older snapshot PostgreSQL would copy what was deleted.
    [Fact]
    public async Task Bytes_are_overwritten_after_those_who_still_read_them()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        await using var app = await TestApp.StartAsync(databases);
        var anna = await app.AddCreatorAsync();
        await app.StopAsync();
        await app.Analytics.InsertAsync(
            SessionRow.Table, [new SessionRow { BioPageId = anna.BioPageId, Id = Guid.NewGuid(), VisitorId = "v", City = Mark, StartedAt = app.Clock.GetUtcNow() }], Cancelled);
        await using var connection = await app.Analytics.OpenAsync(Cancelled);
        await using var reading = await app.Analytics.Dialect.BeginSnapshotAsync(connection, Cancelled);
        Assert.Single(await app.Analytics.Dialect.QueryAsync(reading, "SELECT 1 FROM \"AnalyticsSession\"", _ => true, Cancelled));
        await app.Services.GetRequiredService<Erasure>().CreatorAsync(Of(anna), ErasureOrigin.Operator, Cancelled);

        var overwriting = app.Services.GetRequiredService<Overwriting>().RunAsync(Cancelled);
        await Task.Delay(TimeSpan.FromMilliseconds(500), Cancelled);
        Assert.False(overwriting.IsCompleted);
        await reading.RollbackAsync(Cancelled);

        Assert.True(await overwriting);
        await app.Analytics.ExecuteAsync("CHECKPOINT", Cancelled);
        Assert.False((await BytesAsync(app.Analytics, "AnalyticsSession")).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Mark)) >= 0);
    }

    // What sealing makes of visits, and what else is counted for a page: a table that comes later must be erased too.
    [Theory, Engines]
    public async Task No_table_of_counts_keeps_a_row_of_an_erased_page(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.StopAsync();
        var tables = (await FilledTables.SchemaAsync(app.Analytics)).Where(table => table.Any(column => column.Column == "bioPageId")).ToList();
        foreach (var table in tables)
        {
            await FilledTables.AddAnyRowAsync(app, table.Key, [.. table], anna.BioPageId);
            await FilledTables.AddAnyRowAsync(app, table.Key, [.. table], ben.BioPageId);
        }

        await app.Services.GetRequiredService<Erasure>().CreatorAsync(Of(anna), ErasureOrigin.Operator, Cancelled);

        Assert.True(tables.Count >= 11);
        Assert.Equal(
            tables.Select(table => (table.Key, 0, 1)).ToList(),
            await Task.WhenAll(tables.Select(async table =>
                (table.Key, await CountAsync(app, table.Key, anna), await CountAsync(app, table.Key, ben)))));
        Assert.True(await app.Services.GetRequiredService<Overwriting>().RunAsync(Cancelled));
        await app.Analytics.ExecuteAsync(engine == EngineKind.Postgres ? "CHECKPOINT" : "SELECT 1", Cancelled);
        foreach (var table in engine == EngineKind.Postgres ? tables : [])
        {
            var bytes = await BytesAsync(app.Analytics, table.Key);
            Assert.True(bytes.AsSpan().IndexOf(ben.BioPageId.ToByteArray(bigEndian: true)) >= 0, table.Key);
            Assert.False(bytes.AsSpan().IndexOf(anna.BioPageId.ToByteArray(bigEndian: true)) >= 0, table.Key);
        }
    }

    // Rows go 5,000 at a time.
    [Theory, Engines]
    public async Task A_page_with_more_rows_than_go_at_once_is_erased_whole(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await app.AddCreatorAsync(), await app.AddCreatorAsync());
        await app.StopAsync();
        await app.AddSessionsAsync(anna, "a.example", 5_001);
        await app.AddPageViewsAsync(anna, 10_000);
        await app.AddSessionsAsync(ben, "a.example", 3);

        var erased = await app.Services.GetRequiredService<Erasure>().CreatorAsync(Of(anna), ErasureOrigin.Operator, Cancelled);

        Assert.Equal((5_001L, 10_000L), (erased.Sessions, erased.PageViews));
        Assert.Equal((0, 0), (await CountAsync(app, "AnalyticsSession", anna), await CountAsync(app, "AnalyticsPageView", anna)));
        Assert.Equal(3, await CountAsync(app, "AnalyticsSession", ben));
    }

    [Theory, Engines]
    public async Task The_operator_erases_by_a_command(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await cli.SucceedAsync(["creator", "add", "--handle", Mark]);
        var (code, _, error) = await cli.RunAsync(["creator", "remove", "--handle", "nobody", "--yes"]);
        Assert.Equal((1, true), (code, error.Contains("There is no creator with the handle nobody. Nothing was changed.", StringComparison.Ordinal)));
        var (asked, _, question) = await cli.RunAsync(["creator", "remove", "--handle", Mark], "");
        Assert.Equal((1, true), (asked, question.Contains("give --yes", StringComparison.Ordinal)));

        var output = await cli.SucceedAsync(["creator", "remove", "--handle", "@" + Mark, "--yes"]);

        Assert.Contains("Erased: account and page, 0 sessions, 0 page views and clicks.", output, StringComparison.Ordinal);
        Assert.Contains("Their bytes are overwritten.", output, StringComparison.Ordinal);
        Assert.Contains("creator, asked by the operator", await cli.SucceedAsync(["erasures"]), StringComparison.Ordinal);
        Assert.All(engine == EngineKind.Sqlite ? FilesOf(databases) : [], file => Assert.False(FilledTables.IsIn(file, Mark), file));
    }

    /// <summary>What PostgreSQL's file of a table has on disk, rows that were deleted too.</summary>
    private static async Task<byte[]> BytesAsync(Database database, string table) => (await database.QueryAsync(
        $"""SELECT pg_read_binary_file(pg_relation_filepath('"{table}"'))""", row => (byte[])row.GetValue(0), Cancelled))[0];

    private static ErasedCreator Of(Creator creator) => new(creator.UserId, creator.BioPageId, null, null);

    private static async Task<int> CountAsync(TestApp app, string table, Creator creator) => (await app.Analytics.QueryAsync(
        $"""SELECT COUNT(*) FROM "{table}" WHERE "bioPageId" = @page""", row => row.GetInt32(0), Cancelled, ("@page", creator.BioPageId)))[0];

    private static async Task FillAsync(TestApp app, Creator creator, string email, string mark)
    {
        await FilledTables.FillAsync(app, creator, email, app.Services.GetRequiredService<LoginAttempts>().AccountOf(email), mark);
        // Between the rows of others, in an order in which the pages of the file are split again and again.
        var sessions = Enumerable.Range(0, 600).Select(i => new SessionRow
        {
            BioPageId = creator.BioPageId,
            Id = Guid.NewGuid(),
            VisitorId = VisitorHash.Of([1], $"{mark}{i % 50}"),
            Referrer = $"https://{mark}.example/{new string('x', i % 200)}",
            ReferrerDomain = mark + ".example",
            City = mark,
            StartedAt = app.Clock.GetUtcNow() - TimeSpan.FromMinutes(2 * ((i * 7) % 600)),
        }).ToList();
        await FilledTables.AddVisitsAsync(app, sessions, "/" + mark);
    }

    private static async Task AssertOverwrittenAsync(TestApp app, TestDatabases databases)
    {
        await Patience.UntilAsync(
            async () => (await app.Services.GetRequiredService<Erasure>().ReadAsync(1, Cancelled)) is [{ OverwrittenAt: not null }]);
        if (app.Main.Dialect.Name == "SQLite")
        {
            Assert.All(FilesOf(databases), file => Assert.False(FilledTables.IsIn(file, Mark), file));
            return;
        }

        foreach (var (database, tables) in new (Database, IEnumerable<string>)[]
        {
            (app.Main, ErasedRows.Conditions.Select(table => table.Table)), (app.Analytics, ["AnalyticsSession", "AnalyticsPageView", "SegmentColumn"]),
        })
        {
            await database.ExecuteAsync("CHECKPOINT", Cancelled);
            foreach (var table in tables)
            {
                var bytes = await BytesAsync(database, table);
                Assert.False(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Mark)) >= 0, table);
            }
        }
    }

    private static IEnumerable<string> FilesOf(TestDatabases databases) =>
        new[] { "ConnectionStrings:Main", "ConnectionStrings:Analytics" }
            .Select(key => new SqliteConnectionStringBuilder(databases.Settings[key]).DataSource)
            .SelectMany(file => new[] { file, file + "-wal" }.Where(File.Exists)).Where(file => new FileInfo(file).Length > 0);

    private static Task<HttpResponseMessage> EraseAsync(TestApp app, Creator creator, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/creators/data/erase") { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(creator));
        return app.Http.SendAsync(request, Cancelled);
    }
}
