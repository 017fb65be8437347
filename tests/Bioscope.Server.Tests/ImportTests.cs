using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Bioscope.Engine.Import;
using Bioscope.Server.Accounts;

namespace Bioscope.Server.Tests;

public sealed class ImportTests
{
    private const string Good = """
        {"type":"creator","userId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","creatorId":"cccccccc-cccc-4ccc-8ccc-cccccccccccc","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","handle":"anna","email":"Anna@Example.com","password":"battery staple"}
        {"type":"link","id":"11111111-1111-4111-8111-111111111111","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","title":"Shop","url":"https://shop.example/"}

        {"type":"session","id":"22222222-2222-4222-8222-222222222222","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","visitorId":"v1","referrer":"https://www.youtube.com/watch","country":"Germany","countryCode":"DE","device":"mobile","startedAt":"2026-04-15T11:00:00.123Z","duration":30,"pageViews":2}
        {"type":"session","id":"33333333-3333-4333-8333-333333333333","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","visitorId":"v2","referrerDomain":"instagram.com","startedAt":"2026-04-15T13:00:00.123+02:00","unknown":1}
        {"type":"pageview","id":"44444444-4444-4444-8444-444444444444","sessionId":"22222222-2222-4222-8222-222222222222","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","path":"/","enteredAt":"2026-04-15T11:00:00.123Z","linkClicked":"11111111-1111-4111-8111-111111111111","duration":12}
        """;

    [Theory, Engines]
    public async Task Importing_a_file_twice_changes_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);

        Assert.Equal(new ImportCounts(5, 5, 0, 0), await ImportAsync(app, Bytes(Good)));
        Assert.Equal(new ImportCounts(5, 0, 5, 0), await ImportAsync(app, Bytes(Good)));

        using var response = await app.GetAsync(
            "/api/v1/creators/analytics/traffic?days=1", app.Token("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"));
        Assert.Equal(
            """{"success":true,"data":{"sources":[{"source":"instagram.com","visits":1,"percentage":50},{"source":"youtube.com","visits":1,"percentage":50}]}}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var page = new Guid("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb");
        Assert.Equal(["Germany", null], (await app.SessionColumnAsync(page, "country")).OrderDescending());
        Assert.Equal(["2", "0"], (await app.SessionColumnAsync(page, "pageViews")).OrderDescending());
        Assert.DoesNotContain("v1", await app.SessionColumnAsync(page, "visitorId"));
    }

    [Theory, Engines(With = [false, true])]
    public async Task Both_databases_may_be_one(EngineKind engine, bool strict)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var app = await TestApp.StartAsync(
            databases, ("ConnectionStrings:Main", databases.Settings["ConnectionStrings:Analytics"]!));

        Assert.Equal(new ImportCounts(5, 5, 0, 0), await ImportAsync(app, Bytes(Good), strict));
    }

    [Theory, Engines]
    public async Task A_conflicting_creator_is_not_imported_at_all(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await ImportAsync(app, Bytes(Good));
        var bad = new List<string>();

        await ImportAsync(
            app,
            Bytes("""
                {"type":"creator","userId":"dddddddd-dddd-4ddd-8ddd-dddddddddddd","creatorId":"cccccccc-cccc-4ccc-8ccc-cccccccccccc"}
                {"type":"creator","userId":"dddddddd-dddd-4ddd-8ddd-dddddddddddd","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"}
                {"type":"creator","userId":"dddddddd-dddd-4ddd-8ddd-dddddddddddd","email":"ANNA@example.com"}
                {"type":"creator","userId":"dddddddd-dddd-4ddd-8ddd-dddddddddddd","handle":"no spaces"}
                """),
            badLine: (_, problem) => bad.Add(problem));

        Assert.Equal(
            [
                "creator id cccccccc-cccc-4ccc-8ccc-cccccccccccc belongs to another user",
                "bio page id bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb belongs to another creator",
                "e-mail anna@example.com belongs to another user",
                "handle 'no spaces' must be 1 to 30 letters a-z, digits, '.', '_' or '-'",
            ],
            bad);
        foreach (var table in (string[])["User", "CreatorProfile", "BioPage"])
        {
            Assert.Single(
                await app.Main.QueryAsync(
                    $"""SELECT "id" FROM "{table}" """, row => row.GetValue(0), TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("2026-04-15T11:00:00.123Z", "2026-04-15T11:00:00.123Z")]
    [InlineData("2026-04-15T11:00:00.1239999Z", "2026-04-15T11:00:00.123Z")]
    [InlineData("2026-04-15T13:00:00+02:00", "2026-04-15T11:00:00.000Z")]
    [InlineData("2026-04-15T11:00Z", "2026-04-15T11:00:00.000Z")]
    [InlineData("2026-04-15T11:00:00", "2026-04-15T11:00:00.000Z")]
    [InlineData("2026-04-15", null)]
    [InlineData("Tue, 14 Apr 2026 00:00:00 GMT", null)]
    [InlineData("1969-12-31T23:59:59Z", null)]
    [InlineData("", null)]
    public async Task Instants_are_iso_8601(string text, string? instant)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        var counts = await ImportAsync(
            app, Bytes($$"""{"type":"session","bioPageId":"{{Guid.Empty}}","visitorId":"v","startedAt":"{{text}}"}"""));

        Assert.Equal(instant is null ? 1 : 0, counts.Bad);
        var stored = await app.SessionColumnAsync(Guid.Empty, "startedAt");
        Assert.Equal(
            instant is null ? [] : [instant],
            stored.Select(
                milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(milliseconds!)).ToString("yyyy-MM-ddTHH:mm:ss.fffZ")));
    }

    [Theory, Engines]
    public async Task Gzip_CRLF_and_byte_order_marks_are_recognised(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Bytes("\uFEFF" + Good.ReplaceLineEndings("\r\n") + "\r\n"), TestContext.Current.CancellationToken);
        }

        Assert.Equal(new ImportCounts(5, 5, 0, 0), await ImportAsync(app, zipped.ToArray()));
    }

    [Fact]
    public async Task A_truncated_gzip_file_is_an_error()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true))
        {
            foreach (var line in Good.Split('\n'))
            {
                await gzip.WriteAsync(Bytes(line + '\n'), TestContext.Current.CancellationToken);
                await gzip.FlushAsync(TestContext.Current.CancellationToken); // so that some cuts are between lines
            }
        }

        var whole = zipped.ToArray();
        for (var length = 2; length < whole.Length; length++)
        {
            try
            {
                // A cut within a line may first be reported as a bad line.
                Assert.True(await ImportAsync(app, whole[..length], strict: true) is { Bad: > 0, Added: 0 }, $"{length} bytes passed");
            }
            catch (InvalidDataException)
            {
                // The intact file.
            }
        }

        Assert.Equal(0, await app.Main.ExecuteAsync("""DELETE FROM "User" """, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<InvalidDataException>(() => ImportAsync(app, whole[..^10]));
        Assert.Equal(new ImportCounts(5, 0, 5, 0), await ImportAsync(app, whole));
        Assert.Equal(new ImportCounts(10, 0, 10, 0), await ImportAsync(app, [.. whole, .. whole])); // two members, as produced by `cat`
    }

    [Theory, Engines]
    public async Task Bad_lines_are_printed_and_skipped(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var bad = new List<string>();
        var lines = Good.Split('\n');
        var text = string.Join('\n',
            lines[0],
            "{",
            """{"type":"session"}""",
            """{"type":"visit"}""",
            """{"type":"session","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","visitorId":"v","startedAt":"yesterday"}""",
            """{"type":"creator","userId":"dddddddd-dddd-4ddd-8ddd-dddddddddddd","handle":"anna"}""",
            """{"type":"creator","userId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","bioPageId":"dddddddd-dddd-4ddd-8ddd-dddddddddddd"}""",
            new string('x', 2_000_000),
            lines[3]);

        var counts = await ImportAsync(app, Bytes(text), badLine: (line, problem) => bad.Add($"{line}: {problem}"));

        Assert.Equal(new ImportCounts(9, 2, 0, 7), counts);
        Assert.Equal(
            [
                "2: the line is not valid JSON (byte 2)",
                "3: bioPageId is required; visitorId is required; startedAt is required",
                "4: type must be creator, link, placement, site, session, pageview, drop or importedDay",
                "5: startedAt must be an instant since 1970, such as 2026-04-01T00:00:00.000Z",
                "6: handle anna belongs to another page",
                "7: creator cccccccc-cccc-4ccc-8ccc-cccccccccccc already has another bio page, bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
                "8: the line is longer than 1 MiB",
            ],
            bad.OrderBy(line => line[0]));
    }

    [Theory]
    [InlineData("""{"pageViews":1000000,"duration":2678400}""", null)]
    [InlineData("""{"pageViews":1000001}""", "pageViews must be a whole number from 0 to 1000000")]
    [InlineData("""{"pageViews":-1}""", "pageViews must be a whole number from 0 to 1000000")]
    [InlineData("""{"pageViews":99999999999999999999}""", "pageViews must be a whole number from 0 to 1000000")]
    [InlineData("""{"duration":2678401}""", "duration must be a whole number from 0 to 2678400")]
    [InlineData("""{"duration":2147483648}""", "duration must be a whole number from 0 to 2678400")]
    [InlineData("""{"duration":1.5}""", "duration must be a whole number from 0 to 2678400")]
    [InlineData("""{"startedAt":"2026-04-16T12:00:00.000Z"}""", null)]
    [InlineData(
        """{"startedAt":"2026-04-16T12:00:00.001Z"}""",
        "startedAt is more than a day in the future; check the clock of this machine and of the one that wrote the file")]
    [InlineData("""{"startedAt":"9999-12-31T23:59:59Z"}""", "startedAt must be an instant since 1970, such as 2026-04-01T00:00:00.000Z")]
    [InlineData("""{"referrerDomain":"{long}"}""", "referrerDomain must have at most 255 characters")]
    [InlineData("""{"country":"{long}"}""", null)]
    [InlineData(
        """{"type":"pageview","sessionId":"22222222-2222-4222-8222-222222222222","enteredAt":"2026-04-16T12:00:00.001Z"}""",
        "enteredAt is more than a day in the future; check the clock of this machine and of the one that wrote the file")]
    [InlineData(
        """{"type":"pageview","sessionId":"22222222-2222-4222-8222-222222222222","enteredAt":"2026-04-15T12:00:00Z","duration":2678401}""",
        "duration must be a whole number from 0 to 2678400")]
    [InlineData(
        """{"type":"link","id":"22222222-2222-4222-8222-222222222222","title":"x","url":"https://x.example/","position":1000001}""",
        "position must be a whole number from 0 to 1000000")]
    [InlineData(
        """{"type":"creator","userId":"22222222-2222-4222-8222-222222222222","email":"{long}"}""",
        "email must have at most 255 characters")]
    [InlineData(
        """{"type":"creator","userId":"22222222-2222-4222-8222-222222222222","password":"PassWord"}""",
        "password is too common and easy to guess; choose another")]
    [InlineData("""{"type":"creator","userId":"22222222-2222-4222-8222-222222222222","password":" password"}""", null)]
    public async Task Bad_import_values_are_refused_with_the_allowed_ones(string changes, string? problem)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var line = JsonNode.Parse(
            """{"type":"session","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","visitorId":"v","startedAt":"2026-04-15T12:00:00Z"}""")!.AsObject();
        foreach (var (field, value) in JsonNode.Parse(
            changes.Replace("{long}", new string('x', 256), StringComparison.Ordinal))!.AsObject())
        {
            line[field] = value?.DeepClone();
        }

        var bad = new List<string>();
        await ImportAsync(app, Bytes("\n" + line.ToJsonString()), badLine: (number, what) => bad.Add($"{number}: {what}"));

        Assert.Equal(problem is null ? [] : [$"2: {problem}"], bad);
    }

    [Theory, Engines]
    public async Task Imported_values_at_their_bounds_do_not_overflow(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var creator = await app.AddCreatorAsync();
        var session = Guid.NewGuid();
        await ImportAsync(app, Bytes(string.Join('\n', [
            $$"""{"type":"session","id":"{{session}}","bioPageId":"{{creator.BioPageId}}","visitorId":"v","startedAt":"2026-04-15T11:59:00Z","duration":2678400,"pageViews":1000000}""",
            $$"""{"type":"link","id":"{{Guid.NewGuid()}}","bioPageId":"{{creator.BioPageId}}","title":"Shop","url":"https://shop.example/","position":1000000}""",
            .. Enumerable.Range(0, 999).Select(_ =>
                $$"""{"type":"session","bioPageId":"{{creator.BioPageId}}","visitorId":"v","startedAt":"2026-04-15T11:00:00Z","duration":2678400,"pageViews":1000000}""")])));

        Assert.NotNull(await app.PostPageViewAsync(session));
        using var beat = await app.SendAsync(HttpMethod.Patch, $"session/{session}/heartbeat");
        Assert.Equal(HttpStatusCode.OK, beat.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/creators/bio/links")
        {
            Content = JsonContent.Create(new { title = "Blog", url = "https://blog.example/" }),
        };
        request.Headers.Authorization = new("Bearer", app.Token(creator));
        using var link = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, link.StatusCode);

        var sessions = await app.ReportAsync(creator, "sessions?days=7");
        Assert.Contains(
            "\"totalSessions\":1000,\"bounceRate\":0,\"avgDuration\":2678400,\"pagesPerSession\":1000000",
            sessions,
            StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_strict_import_with_a_bad_line_stores_nothing(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var page = new Guid("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb");
        var many = new StringBuilder(Good);
        for (var i = 0; i < 6_000; i++)
        {
            many.Append(
                "\n{\"type\":\"session\",\"bioPageId\":\"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb\",\"visitorId\":\"v\",\"startedAt\":\"2026-04-15T11:00:00Z\"}");
        }

        Assert.Equal(new ImportCounts(6_006, 0, 0, 1), await ImportAsync(app, Bytes(many + "\n{"), strict: true));
        Assert.Empty(await app.SessionColumnAsync(page, "id"));
        Assert.Equal(0, await app.Main.ExecuteAsync("""DELETE FROM "User" """, TestContext.Current.CancellationToken));

        Assert.Equal(new ImportCounts(6_005, 6_005, 0, 0), await ImportAsync(app, Bytes(many.ToString()), strict: true));
        Assert.Equal(6_002, (await app.SessionColumnAsync(page, "id")).Count);
    }

    private static Task<ImportCounts> ImportAsync(TestApp app, byte[] file, bool strict = false, Action<long, string>? badLine = null)
    {
        var importer = new Importer(app.Main, app.Analytics, Encoding.UTF8.GetBytes(TestApp.VisitorSecret), Passwords.Rule, app.Clock)
        {
            Strict = strict,
            BadLine = badLine ?? ((_, _) => { }),
            Progress = _ => { },
        };
        return importer.RunAsync(new MemoryStream(file), TestContext.Current.CancellationToken);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
