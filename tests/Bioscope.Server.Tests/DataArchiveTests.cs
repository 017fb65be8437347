using System.Data.Common;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Exporting;
using Bioscope.Engine.Import;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Tests;

/// <summary>A creator takes everything with her, and it can be stored again to the same rows.</summary>
public sealed class DataArchiveTests
{
    // Larger than what is read at once.
    private const int Many = 4_100;

    // Written by the server for itself, or about the account.
    private static readonly string[] NotExported = ["bounced"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines(With = [EngineKind.Sqlite, EngineKind.Postgres])]
    public async Task Every_row_is_the_same_after_an_import_elsewhere(EngineKind engine, EngineKind elsewhere)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await FillAsync(app);
        await using var other = await TestApp.StartAsync(elsewhere);

        app.Clock.Advance(TimeSpan.FromSeconds(1)); // what happens at the instant of an export is not in it
        var archive = await DownloadAsync(app, anna);
        var (first, second) = (await ImportAsync(other, archive["bioscope.ndjson"]), await ImportAsync(other, archive["bioscope.ndjson"]));

        Assert.Equal((first.Lines, 0L), (first.Added, first.Bad));
        Assert.Equal((0L, first.Lines), (second.Added, second.Known));
        foreach (var (table, key) in ((string, string)[])
            [("BioLink", "bioPageId"), ("Placement", "bioPageId"), ("Site", "bioPageId"), ("BioPage", "id"), ("CreatorProfile", "id")])
        {
            var id = table == "CreatorProfile" ? anna.CreatorId : anna.BioPageId;
            Assert.Equal(await RowsAsync(app.Main, table, key, id), await RowsAsync(other.Main, table, key, id));
        }

        foreach (var table in (string[])["AnalyticsSession", "AnalyticsPageView", "PageDrop", "ImportedDay"])
        {
            var rows = await RowsAsync(app.Analytics, table, "bioPageId", anna.BioPageId);
            Assert.True(rows.Count >= (table is "PageDrop" or "ImportedDay" ? 1 : Many));
            Assert.Equal(rows, await RowsAsync(other.Analytics, table, "bioPageId", anna.BioPageId));
        }

        Assert.Equal(await app.ReportAsync(anna, "overview"), await other.ReportAsync(anna, "overview"));
        Assert.Equal(await app.ReportAsync(anna, "traffic"), await other.ReportAsync(anna, "traffic"));
    }

    [Fact]
    public async Task Every_column_is_in_it()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        string[] followsFromOthers = [.. NotExported, "foreignId"];

        foreach (var kind in ExportKind.All)
        {
            var columns = (await FilledTables.SchemaAsync(ExportKind.Main.Contains(kind) ? app.Main : app.Analytics))[kind.Table];
            Assert.Empty(columns.Select(column => column.Column).Except(kind.Fields.Select(field => field.Column)).Except(followsFromOthers));
        }
    }

    [Theory, Engines]
    public async Task Rows_of_later_than_now_are_in_it(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, later) = (await app.AddCreatorAsync(), app.Clock.GetUtcNow().AddHours(20));
        await app.AddSessionsAsync(anna, "tomorrow.example", startedAt: later);
        await app.Analytics.InsertAsync(
            PageViewRow.Table,
            [new PageViewRow { BioPageId = anna.BioPageId, Id = Guid.NewGuid(), SessionId = Guid.NewGuid(), EnteredAt = later.AddMinutes(1), Path = "/later" }],
            Cancelled);

        var archive = await DownloadAsync(app, anna);

        foreach (var file in (string[])["bioscope.ndjson", "sessions.csv"])
        {
            Assert.Contains("tomorrow.example", archive[file], StringComparison.Ordinal);
        }

        foreach (var file in (string[])["bioscope.ndjson", "pageviews.csv"])
        {
            Assert.Contains("/later", archive[file], StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task An_archive_has_everything_and_no_secret(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine, ("Throttle:Enabled", "false"));
        var anna = await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
        await app.AddCreatorAsync("ben@example.com", "a password of ben");
        await FilledTables.FillAsync(app, anna, "anna@example.com", app.Services.GetService(typeof(LoginAttempts)) is LoginAttempts attempts
            ? attempts.AccountOf("anna@example.com") : "", "mark");
        await app.AddLinkAsync(anna, "=HYPERLINK(\"https://evil.example\")", "https://ok.example/");

        var archive = await DownloadAsync(app, anna);

        var account = JsonNode.Parse(archive["account.json"])!;
        Assert.Equal("anna@example.com", (string?)account["user"]![0]!["email"]);
        Assert.Equal("mark-SharedView-title", (string?)account["sharedViews"]![0]!["title"]);
        Assert.Equal("mark-Webhook-url", (string?)account["webhooks"]![0]!["url"]);
        Assert.Equal("mark-OldHandle-handle", (string?)account["oldHandles"]![0]!["handle"]);
        Assert.Contains("'=HYPERLINK(\"\"https://evil.example\"\")", archive["links.csv"], StringComparison.Ordinal);
        var texts = string.Concat(archive.Values);
        foreach (var secret in (string[])["mark-SharedView-passwordHash", "mark-RefreshFamily-tokenHash", "mark-RecoveryCode", "mark-Passkey-publicKey", "$argon", "pbkdf2", "ben@example.com"])
        {
            Assert.DoesNotContain(secret, texts, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal("mark-Avatar-large", archive["picture-256.webp"]);
    }

    [Theory, Engines]
    public async Task Only_the_owner_gets_it(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
        var ben = await app.AddCreatorAsync("ben@example.com", "a password of ben");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/creators/data");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Token(ben));
        request.Headers.Add("X-Bio-Page", anna.BioPageId.ToString());

        using var stranger = await app.GetAsync("/api/v1/creators/data");
        using var own = await app.Http.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        var archive = await ReadAsync(own);
        Assert.Contains(ben.BioPageId.ToString("D"), archive["bioscope.ndjson"], StringComparison.Ordinal);
        Assert.DoesNotContain(anna.BioPageId.ToString("D"), archive["bioscope.ndjson"], StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_operator_exports_by_a_command(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        var file = Path.Combine(cli.Folder, "anna.zip");

        await cli.SucceedAsync(["creator", "export", "--handle", "anna", "--output", file]);

        using var zip = ZipFile.OpenRead(file);
        Assert.Contains("bioscope.ndjson", zip.Entries.Select(entry => entry.Name));
        var (code, _, error) = await cli.RunAsync(["creator", "export", "--handle", "anna", "--output", file]);
        Assert.Equal((1, true), (code, error.Contains("exists already. Nothing was written.", StringComparison.Ordinal)));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Theory]
    [InlineData("""{"type":"creator","userId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","theme":"no such"}""", "theme must be one of soft, paper, vivid, outline, dusk, night")]
    [InlineData("""{"type":"creator","userId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","sourceRules":"{"}""", "sourceRules must be rules for sources as JSON")]
    [InlineData("""{"type":"creator","userId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","icons":["javascript:alert(1)"]}""", "icons must contain only web addresses that start with http:// or https://, without a user name in them")]
    [InlineData("""{"type":"session","bioPageId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","visitorHash":"ABC","startedAt":"2026-04-01T00:00:00Z"}""", "visitorHash must be 64 hexadecimal digits in lower case")]
    [InlineData("""{"type":"drop","bioPageId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","day":"2026-04-01T00:00:00Z","reason":"bot","count":0}""", "count must be a whole number from 1 to 1000000000000")]
    public async Task A_line_that_was_tampered_with_is_refused(string line, string problem)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var bad = new List<string>();

        var counts = await ImportAsync(app, line, bad);

        Assert.Equal((1L, 0L), (counts.Bad, counts.Added));
        Assert.Equal([problem], bad);
    }

    private static async Task<Creator> FillAsync(TestApp app)
    {
        var anna = await app.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
        await app.Main.ExecuteAsync(
            """
            UPDATE "BioPage" SET "title" = 'Anna "the" 狐', "description" = @text, "timeZone" = 'Asia/Tokyo', "theme" = @theme, "colour" = '#2953a5', "font" = @font,
              "icons" = @icons, "showsReferrerSpam" = TRUE, "sourceRules" = @rules WHERE "id" = @page
            """,
            Cancelled,
            ("@text", "two\nlines"), ("@theme", PageTheme.All[1].Name), ("@font", PageFont.All[1].Name),
            ("@icons", "https://instagram.com/anna\nhttps://youtube.com/@anna"), ("@page", anna.BioPageId),
            ("@rules", """{"rules":[{"match":["is","referrerDomain",["a.example"]],"name":"A"}]}"""));
        var (cobalt, now) = (Guid.NewGuid(), app.Clock.GetUtcNow());
        await app.Main.InsertAsync(
            BioLinkRow.Table,
            [
                new BioLinkRow(cobalt, anna.BioPageId, "Shop", "https://shop.example/") { Position = 3, Pinned = true, StartsAt = now, EndsAt = now.AddDays(9) },
                new BioLinkRow(Guid.NewGuid(), anna.BioPageId, "Heading", "") { Position = 1, Heading = true, Active = false },
            ],
            Cancelled);
        await app.Main.InsertAsync(
            PlacementRow.Table,
            [new PlacementRow(Guid.NewGuid(), anna.BioPageId, "story", "Instagram", "Story", now) { RemovedAt = now }], Cancelled);
        await app.Main.InsertAsync(SiteRow.Table, [new SiteRow(Guid.NewGuid(), anna.BioPageId, "https://anna.example", now)], Cancelled);
        await app.Analytics.TransactAsync(
            "drops",
            async transaction =>
            {
                await PageDrop.AddAsync(
                    app.Analytics.Dialect, transaction, [new PageDrop(anna.BioPageId, new DateTimeOffset(now.Date, TimeSpan.Zero), "bot", 3_000_000_000)], Cancelled);
                return 0;
            },
            Cancelled);
        await app.Analytics.InsertAsync(
            ImportedDay.Table,
            [
                new ImportedDay(anna.BioPageId, new DateTimeOffset(now.Date, TimeSpan.Zero), "plausible", 3, 2, 5),
                new ImportedDay(anna.BioPageId, new DateTimeOffset(now.Date, TimeSpan.Zero), "ga4", null, 2, null),
            ],
            Cancelled);
        var sessions = Enumerable.Range(0, Many).Select(i => Session(anna, i, now)).ToList();
        await app.Analytics.InsertAsync(SessionRow.Table, sessions, Cancelled);
        await app.Analytics.InsertAsync(
            PageViewRow.Table,
            sessions.ConvertAll(session => new PageViewRow
            {
                BioPageId = anna.BioPageId,
                Id = Guid.NewGuid(),
                SessionId = session.Id,
                EnteredAt = session.StartedAt,
                Path = "/@anna",
                Title = "Anna, \"a\"\n=b",
                LinkClicked = session.PageViews % 2 == 0 ? cobalt : null,
                Duration = session.Duration,
                ScrollDepth = session.Duration % 101,
            }),
            Cancelled);
        // One as visitors make it.
        var visit = await app.PostSessionAsync(anna, ("referrer", "https://l.instagram.com/?u=x"));
        await app.PostPageViewAsync(visit!.Value);
        return anna;
    }

    // Many at the same instant, and every column in use.
    private static SessionRow Session(Creator anna, int i, DateTimeOffset now) => new()
    {
        BioPageId = anna.BioPageId,
        Id = Guid.NewGuid(),
        UserId = i % 3 == 0 ? Guid.NewGuid() : null,
        VisitorId = VisitorHash.Of([1], $"visitor {i % 500}"),
        Referrer = i % 4 == 0 ? "https://unusable" : null,
        ReferrerDomain = i % 5 == 0 ? $"site{i % 7}.example" : null,
        Country = "Germany",
        CountryCode = "DE",
        Region = "Bayern",
        City = i % 2 == 0 ? "München" : null,
        Language = "pt-BR",
        Device = "mobile",
        Browser = "Safari",
        Os = "iOS",
        OsVersion = "18.5",
        Timezone = "Europe/Berlin",
        Attribution = new Attribution("a", "b", "c", "d", "e", "gclid") { Ref = "story" },
        InAppBrowser = "Instagram",
        RequestedWith = "com.instagram.android",
        Placement = Guid.NewGuid().ToString("D"),
        Page = "/blog",
        StartedAt = now - TimeSpan.FromSeconds(i / 300 * 777) - TimeSpan.FromMilliseconds(123),
        LastActivityAt = now,
        Duration = i % 400,
        PageViews = i % 4,
        LastPageViewId = i % 2 == 0 ? Guid.NewGuid() : null,
    };

    /// <summary>All rows as text, in which both engines have the same form of a value.</summary>
    private static async Task<List<string>> RowsAsync(Database database, string table, string key, Guid id)
    {
        var columns = (await FilledTables.SchemaAsync(database))[table].Select(column => column.Column).Except(NotExported)
            .Order(StringComparer.Ordinal).ToList();
        var rows = await database.QueryAsync(
            $"""SELECT {string.Join(", ", columns.Select(column => $"\"{column}\""))} FROM "{table}" WHERE "{key}" = @id""",
            row => string.Join('|', columns.Select((column, i) => $"{column}={(row.IsDBNull(i) ? "null" : Text(row, column, i))}")),
            Cancelled,
            ("@id", id));
        rows.Sort(StringComparer.Ordinal);
        return rows;

        string Text(DbDataReader row, string column, int i) => column.EndsWith("At", StringComparison.Ordinal) || column == "day"
            ? database.Dialect.ReadInstant(row, i).ToText()
            : row.GetValue(i) is bool flag ? flag ? "1" : "0"
            : Convert.ToString(row.GetValue(i), CultureInfo.InvariantCulture)!;
    }

    private static async Task<ImportCounts> ImportAsync(TestApp app, string lines, List<string>? bad = null) => await new Importer(
        app.Main, app.Analytics, Encoding.UTF8.GetBytes(TestApp.VisitorSecret), Passwords.Rule, app.Clock)
    {
        BadLine = (_, problem) => (bad ?? []).Add(problem),
        Progress = _ => { },
    }.RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(lines)), Cancelled);

    private static async Task<Dictionary<string, string>> DownloadAsync(TestApp app, Creator creator)
    {
        using var response = await app.GetAsync("/api/v1/creators/data", app.Token(creator));
        return await ReadAsync(response);
    }

    private static async Task<Dictionary<string, string>> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal((HttpStatusCode.OK, "application/zip"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.StartsWith("bioscope-data-2026-04-15", response.Content.Headers.ContentDisposition!.FileName!.Trim('"'), StringComparison.Ordinal);
        using var zip = new ZipArchive(new MemoryStream(await response.Content.ReadAsByteArrayAsync(Cancelled)));
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd();
        });
    }
}
