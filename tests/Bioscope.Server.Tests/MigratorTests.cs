using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;

namespace Bioscope.Server.Tests;

public sealed class MigratorTests
{
    private const string OnEmptyOnes = "they run before tables are distributed; DistributeTests has those after it";

    [Theory, Engines(NotOnCitus = OnEmptyOnes)]
    public async Task One_of_several_starting_servers_migrates(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);

        var done = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var database = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
            return await Migrator.MigrateAsync([database], TimeProvider.System, TestContext.Current.CancellationToken);
        })));

        Assert.Equal(Embedded("analytics"), done.SelectMany(names => names));
    }

    [Theory, Engines(NotOnCitus = OnEmptyOnes)]
    public async Task A_failed_migration_changes_nothing(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var database = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        // A view in place of the second table: the first table is created, then the migration fails.
        await database.ExecuteAsync("""CREATE VIEW "AnalyticsPageView" AS SELECT 1 AS one""", TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() =>
            Migrator.MigrateAsync([database], TimeProvider.System, TestContext.Current.CancellationToken));

        await using var connection = await database.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await database.Dialect.ColumnsAsync(connection, "AnalyticsSession", TestContext.Current.CancellationToken));
        Assert.Empty(await database.Dialect.ColumnsAsync(connection, "BioscopeMigration", TestContext.Current.CancellationToken));
    }

    [Theory, Engines(NotOnCitus = OnEmptyOnes)]
    public async Task Rows_survive_the_primary_key_migration(EngineKind engine)
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
        SessionRow[] sessions = [session, session with { BioPageId = Guid.NewGuid() },
            session with { Id = Guid.NewGuid(), StartedAt = TestApp.Start.AddDays(-1) }];
        PageViewRow[] views = [view, view with { BioPageId = Guid.NewGuid() },
            view with { Id = Guid.NewGuid(), EnteredAt = TestApp.Start.AddDays(-1) }];
        var tableThen = new Table<SessionRow>(
            SessionRow.Table.Name, [.. SessionRow.Table.Columns.Where(column => !Since.Contains(column.Name))]);
        await database.InsertAsync(tableThen, sessions, TestContext.Current.CancellationToken);
        var viewsThen = new Table<PageViewRow>(
            PageViewRow.Table.Name, [.. PageViewRow.Table.Columns.Where(column => !Since.Contains(column.Name))]);
        await database.InsertAsync(viewsThen, views, TestContext.Current.CancellationToken);
        await database.ExecuteAsync(
            """UPDATE "AnalyticsSession" SET "userId" = @user, "city" = 'Talca', "lastPageViewId" = @view""",
            TestContext.Current.CancellationToken, ("@user", Guid.NewGuid()), ("@view", view.Id));
        await database.ExecuteAsync("""UPDATE "AnalyticsPageView" SET "scrollDepth" = 10""", TestContext.Current.CancellationToken);
        string[] tables = ["AnalyticsSession", "AnalyticsPageView"];
        var before = await Task.WhenAll(tables.Select(table => CellsAsync(database, table)));

        await Migrator.MigrateAsync([database], TimeProvider.System, TestContext.Current.CancellationToken);

        // Every column of every row; the first row has a value in all of them.
        Assert.Equal(before, await Task.WhenAll(tables.Select(table => CellsAsync(database, table))));
        Assert.Equal((3, 3), (before[0].Count, before[1].Count));
        Assert.DoesNotContain(before.SelectMany(rows => rows), row => row.Contains("=;", StringComparison.Ordinal));
        // An existing row is still recognised by page and id, at any time.
        Assert.Equal(
            0,
            await database.InsertAsync(
                SessionRow.Table, [session with { StartedAt = TestApp.Start.AddDays(1) }], TestContext.Current.CancellationToken));
        Assert.Equal(
            0,
            await database.InsertAsync(
                PageViewRow.Table, [view with { EnteredAt = TestApp.Start.AddDays(1) }], TestContext.Current.CancellationToken));
    }

    [Theory, Engines(NotOnCitus = OnEmptyOnes)]
    public async Task A_migration_is_stored_with_its_checksum(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var database = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);

        await MigrateAsync(database);

        var stored = await ChecksumsAsync(database);
        Assert.Equal(MigrationFile.Of(database).Select(file => (file.Number, (string?)file.Checksum)), stored);
        Assert.Equal(FirstChecksum, stored[0].Checksum);
    }

    [Theory, Engines(NotOnCitus = OnEmptyOnes)]
    public async Task Migrations_of_earlier_versions_get_their_checksums(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var database = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        var files = MigrationFile.Of(database);
        await MigrateToAsync(database, files[^1].Number);
        Assert.False(await Migrator.IsCurrentAsync(database, TestContext.Current.CancellationToken));

        // Of several simultaneous starts, one adds the column.
        var done = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await using var starting = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
            return await MigrateAsync(starting);
        })));

        Assert.All(done, Assert.Empty);
        Assert.Equal(files.Select(file => (file.Number, (string?)file.Checksum)), await ChecksumsAsync(database));
        Assert.True(await Migrator.IsCurrentAsync(database, TestContext.Current.CancellationToken));
    }

    [Theory, Engines(NotOnCitus = OnEmptyOnes)]
    public async Task A_changed_migration_refuses_the_start(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        await using var database = new AnalyticsDatabase(databases.Settings["ConnectionStrings:Analytics"]!);
        await MigrateAsync(database);
        // Also with further migrations to apply, so that the check under the lock is reached.
        foreach (var change in (string[])[
            """UPDATE "BioscopeMigration" SET "checksum" = 'another' WHERE "number" = 2""",
            """UPDATE "BioscopeMigration" SET "checksum" = NULL WHERE "number" = 1"""])
        {
            await database.ExecuteAsync(change, TestContext.Current.CancellationToken);
            var before = await ChecksumsAsync(database);

            var failure = await Assert.ThrowsAsync<MigrationException>(() => MigrateAsync(database));

            Assert.StartsWith(
                "The migration analytics/0002_ingestion was changed after it was applied: \"BioscopeMigration\" has the checksum " +
                "another, this program's file has ",
                failure.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<MigrationException>(() => Migrator.IsCurrentAsync(database, TestContext.Current.CancellationToken));
            Assert.Equal(before, await ChecksumsAsync(database));
        }

        // As the message suggests.
        var advice = (await Assert.ThrowsAsync<MigrationException>(() => MigrateAsync(database))).Message.Split("accept the file: ")[1];
        await database.ExecuteAsync(advice, TestContext.Current.CancellationToken);
        Assert.Empty(await MigrateAsync(database));
        Assert.DoesNotContain(await ChecksumsAsync(database), row => row.Checksum is null or "another");
    }

    [Fact]
    public void A_checksum_does_not_depend_on_line_ends() =>
        Assert.Equal(new MigrationFile(1, "one", "a\nb\n").Checksum, new MigrationFile(1, "one", "a\r\nb\r\n").Checksum);

    // `sha256sum` of the first file: this value is stored in every existing database.
    private const string FirstChecksum = "0cc2827b6c3186ebf370d63beb636493d6ad37897bbf65ba58f6eb67e68026cc";

    private static Task<IReadOnlyList<string>> MigrateAsync(Database database) =>
        Migrator.MigrateAsync([database], TimeProvider.System, TestContext.Current.CancellationToken);

    private static Task<List<(int Number, string? Checksum)>> ChecksumsAsync(Database database) => database.QueryAsync(
        """SELECT "number", "checksum" FROM "BioscopeMigration" ORDER BY "number" """,
        row => (row.GetInt32(0), row.IsDBNull(1) ? null : row.GetString(1)),
        TestContext.Current.CancellationToken);

    // Columns added later.
    private static readonly string[] Since = ["language", "region", "ref", "requestedWith", "placement", "page", RowsById.ForeignId];

    // Like a version that did not have them.
    internal static async Task MigrateToAsync(AnalyticsDatabase database, int number)
    {
        await database.ExecuteAsync(
            """
            CREATE TABLE "BioscopeMigration" (
              "database" {text} NOT NULL, "number" {integer} NOT NULL, "name" {text} NOT NULL, "appliedAt" {instant} NOT NULL, PRIMARY KEY ("database", "number"))
            """,
            TestContext.Current.CancellationToken);
        foreach (var file in MigrationFile.Of(database).Where(file => file.Number <= number))
        {
            await database.ExecuteAsync(file.Sql, TestContext.Current.CancellationToken);
            await database.ExecuteAsync(
                """INSERT INTO "BioscopeMigration" VALUES ('analytics', @number, 'earlier', @at)""",
                TestContext.Current.CancellationToken,
                ("@number", file.Number),
                ("@at", TestApp.Start));
        }
    }

    /// <summary>Each row as text, <c>column=value;</c>, whatever the order of rows and columns.</summary>
    private static async Task<List<string>> CellsAsync(AnalyticsDatabase database, string table) => [.. (await database.QueryAsync(
        $"""SELECT * FROM "{table}" """,
        row => string.Concat(
            Enumerable.Range(0, row.FieldCount).Where(i => !Since.Contains(row.GetName(i)))
                .Select(i => string.Create(CultureInfo.InvariantCulture, $"{row.GetName(i)}={row.GetValue(i)};"))
                .Order(StringComparer.Ordinal)),
        TestContext.Current.CancellationToken)).Order(StringComparer.Ordinal)];

    /// <summary>The program's migrations for a database, in order, as <c>analytics/0001_sessions</c>.</summary>
    public static List<string> Embedded(string database) => [.. typeof(Migrator).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith($"Migrations/{database}/", StringComparison.Ordinal))
        .Select(name => name["Migrations/".Length..].Split('.')[0])
        .Distinct()
        .Order(StringComparer.Ordinal)];
}
