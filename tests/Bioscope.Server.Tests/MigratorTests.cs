using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;

namespace Bioscope.Server.Tests;

public sealed class MigratorTests
{
    [Theory, Engines]
    public async Task Of_many_that_migrate_at_once_one_does_it_and_the_others_wait(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);

        var done = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var database = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
            return await Migrator.MigrateAsync([database], TimeProvider.System, TestContext.Current.CancellationToken);
        })));

        Assert.Equal(Embedded("analytics"), done.SelectMany(names => names));
    }

    [Theory, Engines]
    public async Task A_migration_that_fails_leaves_nothing_half_done(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var database = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        // A view in the place of the second table: the first table is made, then it fails.
        await database.ExecuteAsync("""CREATE VIEW "AnalyticsPageView" AS SELECT 1 AS one""", TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() =>
            Migrator.MigrateAsync([database], TimeProvider.System, TestContext.Current.CancellationToken));

        await using var connection = await database.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await database.Dialect.ColumnsAsync(connection, "AnalyticsSession", TestContext.Current.CancellationToken));
        Assert.Empty(await database.Dialect.ColumnsAsync(connection, "BioscopeMigration", TestContext.Current.CancellationToken));
    }

    [Theory, Engines]
    public async Task Rows_of_before_the_keys_were_changed_are_all_there_afterwards(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var database = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        await MigrateToAsync(database, 3);
        var session = new SessionRow
        {
            BioPageId = Guid.NewGuid(),
            Id = Guid.NewGuid(),
            VisitorId = "visitor",
            Referrer = "https://t.co/1",
            ReferrerDomain = "t.co",
            Country = "Chile",
            CountryCode = "CL",
            Device = "mobile",
            Browser = "Safari",
            Os = "iOS",
            OsVersion = "18.3",
            Timezone = "America/Santiago",
            InAppBrowser = "Instagram",
            Attribution = Attribution.Of("https://x.example/?utm_source=1&utm_medium=2&utm_campaign=3&utm_term=4&utm_content=5&gclid=6"),
            StartedAt = TestApp.Start,
            Duration = 7,
            PageViews = 8,
        };
        var view = new PageViewRow
        {
            BioPageId = session.BioPageId,
            Id = Guid.NewGuid(),
            SessionId = session.Id,
            Path = "/path",
            Title = "title",
            EnteredAt = TestApp.Start,
            LinkClicked = Guid.NewGuid(),
            Duration = 9,
        };
        SessionRow[] sessions = [session, session with { BioPageId = Guid.NewGuid() }, session with { Id = Guid.NewGuid(), StartedAt = TestApp.Start.AddDays(-1) }];
        PageViewRow[] views = [view, view with { BioPageId = Guid.NewGuid() }, view with { Id = Guid.NewGuid(), EnteredAt = TestApp.Start.AddDays(-1) }];
        var tableThen = new Table<SessionRow>(SessionRow.Table.Name, [.. SessionRow.Table.Columns.Where(column => !Since.Contains(column.Name))]);
        await database.InsertAsync(tableThen, sessions, TestContext.Current.CancellationToken);
        await database.InsertAsync(PageViewRow.Table, views, TestContext.Current.CancellationToken);
        await database.ExecuteAsync(
            """UPDATE "AnalyticsSession" SET "userId" = @user, "city" = 'Talca', "lastPageViewId" = @view""",
            TestContext.Current.CancellationToken, ("@user", Guid.NewGuid()), ("@view", view.Id));
        await database.ExecuteAsync("""UPDATE "AnalyticsPageView" SET "scrollDepth" = 10""", TestContext.Current.CancellationToken);
        string[] tables = ["AnalyticsSession", "AnalyticsPageView"];
        var before = await Task.WhenAll(tables.Select(table => CellsAsync(database, table)));

        await Migrator.MigrateAsync([database], TimeProvider.System, TestContext.Current.CancellationToken);

        // Every column of every row, and all of the first one are filled.
        Assert.Equal(before, await Task.WhenAll(tables.Select(table => CellsAsync(database, table))));
        Assert.Equal((3, 3), (before[0].Count, before[1].Count));
        Assert.DoesNotContain(before.SelectMany(rows => rows), row => row.Contains("=;", StringComparison.Ordinal));
        // What is there already is still known by page and id, at whatever time.
        Assert.Equal(0, await database.InsertAsync(SessionRow.Table, [session with { StartedAt = TestApp.Start.AddDays(1) }], TestContext.Current.CancellationToken));
        Assert.Equal(0, await database.InsertAsync(PageViewRow.Table, [view with { EnteredAt = TestApp.Start.AddDays(1) }], TestContext.Current.CancellationToken));
    }

    // Columns that came later.
    private static readonly string[] Since = ["language", "region"];

    // As a version did that knew no more.
    private static async Task MigrateToAsync(AnalyticsDatabase database, int number)
    {
        await database.ExecuteAsync(
            """
            CREATE TABLE "BioscopeMigration" (
              "database" {text} NOT NULL, "number" {integer} NOT NULL, "name" {text} NOT NULL, "appliedAt" {instant} NOT NULL, PRIMARY KEY ("database", "number"))
            """,
            TestContext.Current.CancellationToken);
        foreach (var name in Embedded("analytics").Where(name => int.Parse(name["analytics/".Length..][..4], CultureInfo.InvariantCulture) <= number))
        {
            using var file = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream($"Migrations/{name}.sql")!);
            await database.ExecuteAsync(await file.ReadToEndAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
            await database.ExecuteAsync(
                """INSERT INTO "BioscopeMigration" VALUES ('analytics', @number, 'earlier', @at)""",
                TestContext.Current.CancellationToken,
                ("@number", int.Parse(name["analytics/".Length..][..4], CultureInfo.InvariantCulture)),
                ("@at", TestApp.Start));
        }
    }

    /// <summary>Each row as text, <c>column=value;</c>, whatever the order of rows and columns.</summary>
    private static async Task<List<string>> CellsAsync(AnalyticsDatabase database, string table) => [.. (await database.QueryAsync(
        $"""SELECT * FROM "{table}" """,
        row => string.Concat(Enumerable.Range(0, row.FieldCount).Where(i => !Since.Contains(row.GetName(i))).Select(i => string.Create(CultureInfo.InvariantCulture, $"{row.GetName(i)}={row.GetValue(i)};")).Order(StringComparer.Ordinal)),
        TestContext.Current.CancellationToken)).Order(StringComparer.Ordinal)];

    /// <summary>The migrations of a database that the program carries, in order, as <c>analytics/0001_sessions</c>.</summary>
    public static List<string> Embedded(string database) => [.. typeof(Migrator).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith($"Migrations/{database}/", StringComparison.Ordinal))
        .Select(name => name["Migrations/".Length..].Split('.')[0])
        .Distinct()
        .Order(StringComparer.Ordinal)];
}
