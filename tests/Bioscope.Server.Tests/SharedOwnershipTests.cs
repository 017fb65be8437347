using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Bioscope.Server.Tests;

/// <summary>Reports on databases that another service writes, with the published schema and plain SQL.</summary>
public sealed class SharedOwnershipTests
{
    private const string Schema = """
        CREATE TABLE "User" ("id" uuid PRIMARY KEY, "name" text NOT NULL);
        CREATE TABLE "CreatorProfile" ("id" uuid PRIMARY KEY, "userId" uuid UNIQUE NOT NULL);
        CREATE TABLE "BioPage" ("id" uuid PRIMARY KEY, "creatorId" uuid UNIQUE NOT NULL);
        CREATE TABLE "BioLink" ("id" uuid PRIMARY KEY, "bioPageId" uuid NOT NULL, "title" text, "url" text);
        CREATE TABLE "AnalyticsSession" (
          "id" uuid PRIMARY KEY, "bioPageId" uuid, "userId" uuid, "visitorId" text NOT NULL, "referrer" text, "referrerDomain" text,
          "country" text, "countryCode" text, "city" text, "device" text, "browser" text, "os" text, "osVersion" text, "timezone" text,
          "startedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "lastActivityAt" timestamp(3), "duration" integer NOT NULL DEFAULT 0,
          "pageViews" integer NOT NULL DEFAULT 0, "bounced" boolean NOT NULL DEFAULT true);
        CREATE INDEX ON "AnalyticsSession" ("referrerDomain", "startedAt");
        CREATE TABLE "AnalyticsPageView" (
          "id" uuid PRIMARY KEY, "sessionId" uuid NOT NULL, "bioPageId" uuid, "path" text, "title" text,
          "enteredAt" timestamp(3) NOT NULL, "linkClicked" uuid, "duration" integer, "scrollDepth" integer);
        """;

    // 40 domains with different counts, and none, over 53 days; deterministic.
    private const string Rows = """
        INSERT INTO "AnalyticsSession" ("id", "bioPageId", "visitorId", "referrerDomain", "startedAt")
        SELECT gen_random_uuid(), page, 'v' || n,
          CASE WHEN n % 11 = 0 THEN NULL ELSE 'site' || (n * n % 37) || '.example' END,
          timestamp '2026-04-15 12:00:00' - n * interval '5 minutes 7 seconds'
        FROM (VALUES (uuid '11111111-1111-1111-1111-111111111111'), (uuid '22222222-2222-2222-2222-222222222222')) pages(page),
          generate_series(1, 15000) n
        """;

    private static readonly Guid User = new("aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa");

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    [InlineData(365)]
    public async Task Traffic_equals_the_published_sql(int days)
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await CreatePublishedAsync();
        await using var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared"));

        var token = app.Token(User.ToString());
        using var response = await app.GetAsync($"/api/v1/creators/analytics/traffic?days={days}", token);

        Assert.Equal(
            await PublishedAnswerAsync(databases, days), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory, Engines]
    public async Task Any_question_is_answered_from_the_rows_of_another_service(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var owner = await TestApp.StartAsync(databases);
        var creator = await owner.AddCreatorAsync();
        await owner.AddSessionsAsync(creator, "a.example", 3);
        await using var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared"));

        using var answer = await app.QueryAsync("""{"metrics":["visits","visitors"],"filters":[["is","referrerDomain",["a.example"]]]}""", app.Token(creator));

        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("[3,1]", body["data"]?["totals"]?.ToJsonString());
    }

    [Fact]
    public async Task Shared_databases_are_not_written_and_ingestion_is_off()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await CreatePublishedAsync();
        await using (var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared")))
        {
            using var response = await app.PostSessionAsync(new { visitorId = "v", consentAnalytics = "granted" });
            await response.AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
        }

        await using var connection = await OpenAsync(databases, "Analytics");
        await using var tables = new NpgsqlCommand(
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            connection);
        Assert.Equal(
            "AnalyticsPageView AnalyticsSession BioLink BioPage CreatorProfile User",
            await tables.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        await using var rows = new NpgsqlCommand("""SELECT COUNT(*) FROM "AnalyticsSession" """, connection);
        Assert.Equal(30_000L, await rows.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Doctor_names_the_missing_index_until_it_exists()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await CreatePublishedAsync();
        using var cli = Cli.For(databases);
        cli.Environment["Storage__Ownership"] = "shared";

        var before = await cli.RunAsync(["doctor"]);
        Assert.Equal(1, before.ExitCode);
        var statements = before.Output.Split('\n')
            .Where(line => line.Contains("CREATE INDEX", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf("CREATE INDEX", StringComparison.Ordinal)..]).ToList();
        Assert.Equal(2, statements.Count);
        await using (var connection = await OpenAsync(databases, "Analytics"))
        {
            foreach (var statement in statements)
            {
                await using var command = new NpgsqlCommand(statement, connection);
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
        }

        var after = await cli.RunAsync(["doctor"]);
        Assert.Equal((0, ""), (after.ExitCode, after.Error));
        Assert.EndsWith("No problems found.\n", after.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shared_database_sessions_are_read_only()
    {
        PostgresCluster.SkipWhereMissing();
        using var databases = await CreatePublishedAsync();
        await using var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared"));

        var failure = await Assert.ThrowsAsync<PostgresException>(() =>
            app.Analytics.ExecuteAsync("""DELETE FROM "AnalyticsSession" """, TestContext.Current.CancellationToken));

        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, failure.SqlState);
    }

    [Fact]
    public async Task Shared_SQLite_files_are_served_and_never_created()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using (var owner = await TestApp.StartAsync(databases))
        {
            await owner.AddCreatorAsync();
        }

        var file = new SqliteConnectionStringBuilder(databases.Settings["ConnectionStrings:Analytics"]).DataSource;
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = DELETE";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var before = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        await using (var app = await TestApp.StartAsync(databases, ("Storage:Ownership", "shared")))
        {
            var user = await app.Main.QueryAsync(
                """SELECT "id" FROM "User" """, row => row.GetString(0), TestContext.Current.CancellationToken);
            using var response = await app.GetAsync("/api/v1/creators/analytics/traffic", app.Token(user.Single()));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        using var cli = new Cli();
        Assert.Equal(0, (await cli.RunAsync(["doctor"])).ExitCode); // there is no problem, and it makes nothing
        Assert.Empty(Directory.GetFileSystemEntries(cli.Folder));
    }

    [Fact]
    public async Task Writing_commands_refuse_shared_databases()
    {
        using var cli = new Cli();
        cli.Environment["Storage__Ownership"] = "shared";

        foreach (var command in (string[][])[["migrate"], ["demo"], ["creator", "add", "--handle", "anna"], ["import", "-"]])
        {
            var (exitCode, output, error) = await cli.RunAsync(command, input: "");
            Assert.Equal((1, ""), (exitCode, output));
            Assert.Contains("belong to another service", error, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFileSystemEntries(cli.Folder));
    }

    private static async Task<TestDatabases> CreatePublishedAsync()
    {
        var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        foreach (var name in (string[])["Main", "Analytics"])
        {
            await using var connection = await OpenAsync(databases, name);
            await using var schema = new NpgsqlCommand(Schema, connection);
            await schema.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await using var rows = new NpgsqlCommand(
                name == "Analytics"
                    ? Rows
                    : $"""
                      INSERT INTO "User" VALUES ('{User}', 'Anna');
                      INSERT INTO "CreatorProfile" VALUES ('33333333-3333-3333-3333-333333333333', '{User}');
                      INSERT INTO "BioPage" VALUES ('11111111-1111-1111-1111-111111111111', '33333333-3333-3333-3333-333333333333')
                      """,
                connection);
            await rows.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        return databases;
    }

    /// <summary>
    /// The published page's result: its statement, and its rules in words. The statement leaves the order of ties open, so its LIMIT is
    /// applied here, after ordering.
    /// </summary>
    private static async Task<string> PublishedAnswerAsync(TestDatabases databases, int days)
    {
        await using var connection = await OpenAsync(databases, "Analytics");
        await using var command = new NpgsqlCommand(
            """
            SELECT COALESCE("referrerDomain", 'direct') as source, COUNT(*)::int as visits FROM "AnalyticsSession"
            WHERE "bioPageId" = $1::uuid AND "startedAt" >= $2 GROUP BY "referrerDomain" ORDER BY visits DESC
            """,
            connection)
        {
            Parameters =
            {
                new() { Value = "11111111-1111-1111-1111-111111111111" },
                new() { Value = DateTime.SpecifyKind(TestApp.Start.UtcDateTime.AddDays(-days), DateTimeKind.Unspecified) },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<(string Source, int Visits)>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add((reader.GetString(0), reader.GetInt32(1)));
        }

        Assert.True(rows.Count > 15);

        var top = rows.OrderByDescending(row => row.Visits).ThenBy(row => row.Source, StringComparer.Ordinal).Take(15).ToList();
        var total = top.Sum(row => row.Visits);
        return JsonSerializer.Serialize(new
        {
            success = true,
            data =
                new { sources = top.Select(row => new { source = row.Source, visits = row.Visits, percentage = (int)Math.Floor((row.Visits / (double)total * 100) + 0.5) }) },
        });
    }

    private static async Task<NpgsqlConnection> OpenAsync(TestDatabases databases, string name)
    {
        var connection = new NpgsqlConnection(databases.Settings["ConnectionStrings:" + name]);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
