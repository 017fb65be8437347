using Bioscope.Server.Storage;
using Bioscope.Server.Storage.Migrations;

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

    /// <summary>The migrations of a database that the program carries, in order, as <c>analytics/0001_sessions</c>.</summary>
    public static List<string> Embedded(string database) => [.. typeof(Migrator).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith($"Migrations/{database}/", StringComparison.Ordinal))
        .Select(name => name["Migrations/".Length..^".sql".Length])
        .Order(StringComparer.Ordinal)];
}
