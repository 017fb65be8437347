using Bioscope.Server.Configuration;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Bioscope.Server.Tests;

public sealed class DatabaseSettingsTests
{
    private const string Main = "ConnectionStrings:Main", Analytics = "ConnectionStrings:Analytics";

    [Fact]
    public void Without_a_setting_the_databases_are_files_in_the_data_folder()
    {
        Assert.Equal(("Data Source=data/main.db", "Data Source=data/analytics.db"), Read());
        Assert.Equal(
            ("Data Source=\"/srv/my; data/main.db\"", "Data Source=\"/srv/my; data/analytics.db\""), Read(("Data:Folder", "/srv/my; data")));
    }

    [Theory]
    [InlineData("Data Source=all.db")]
    [InlineData("Host=db;Database=stats")]
    [InlineData("postgres://anna:a%40b@db/stats?sslmode=require")]
    public void One_setting_is_for_both(string both)
    {
        Assert.Equal((both, both), Read(("Database", both)));
        Assert.Equal((both, "Data Source=x.db"), Read(("Database", both), (Analytics, "Data Source=x.db")));
        Assert.Equal(("Data Source=x.db", both), Read(("Database", both), (Main, "Data Source=x.db")));
    }

    [Theory]
    [InlineData(Main, Analytics)]
    [InlineData(Analytics, Main)]
    public void One_half_on_a_server_and_the_other_silently_in_a_file_is_refused(string given, string missing)
    {
        foreach (var server in (string[])["Host=db", "postgres://db/stats"])
        {
            var failure = Assert.Throws<SettingsException>(() => Read((given, server)));

            Assert.StartsWith(missing + ": it is not set", failure.Message, StringComparison.Ordinal);
            Assert.Contains($"Set {missing} too, such as {missing}='Host=…;Database=…'", failure.Message, StringComparison.Ordinal);
        }

        Read((given, "Host=db"), (missing, "Data Source=data/x.db")); // said, so not silent
        Read((given, "Data Source=data/x.db"));
    }

    [Theory]
    [InlineData("Database", "nonsense")]
    [InlineData("Database", "postgres://anna:hunter%2@db/stats")]
    [InlineData("Database", "mysql://db/stats")]
    [InlineData("Database", "Host=db;Nonsense=1")]
    [InlineData("Database", "Data Source=:memory:")]
    [InlineData(Main, "Host=db;Port=x")]
    [InlineData(Analytics, "=;=")]
    public void Garbage_is_refused_with_the_name_of_the_setting(string key, string value)
    {
        var failure = Assert.Throws<SettingsException>(() => Read((key, value)));

        Assert.StartsWith(key + ": ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void A_setting_that_would_not_count_is_refused() => Assert.StartsWith(
        "Database: it is of no use",
        Assert.Throws<SettingsException>(() => Read(("Database", "Host=a"), (Main, "Host=b"), (Analytics, "Host=c"))).Message,
        StringComparison.Ordinal);

    [Theory, Engines(NotOnCitus = "its connection string is PostgreSQL's")]
    public async Task A_server_runs_with_one_setting(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        var connection = databases.Settings[Analytics]!;
        cli.Environment.Remove("ConnectionStrings__Main");
        cli.Environment.Remove("ConnectionStrings__Analytics");
        cli.Environment["Database"] = engine == EngineKind.Postgres
            ? new NpgsqlConnectionStringBuilder(connection) is var parts ? $"postgres://{parts.Username}:any%20p%40ss@127.0.0.1:{parts.Port}/{parts.Database}?connect_timeout=30" : ""
            : connection;

        await cli.SucceedAsync(["creator", "add", "--handle", "anna"]);
        var (_, http) = await cli.ServeAsync();
        using var page = await http.GetAsync("/@anna", TestContext.Current.CancellationToken);
        using var ready = await http.GetAsync("/readyz", TestContext.Current.CancellationToken);

        Assert.Equal((200, 200), ((int)page.StatusCode, (int)ready.StatusCode));
        Assert.Contains(engine == EngineKind.Postgres ? "main: PostgreSQL" : "main: SQLite", await cli.SucceedAsync(["doctor"]), StringComparison.Ordinal);
    }

    private static (string Main, string Analytics) Read(params (string Key, string Value)[] values)
    {
        var settings = Settings.Read(
            new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(pair => pair.Key, string? (pair) => pair.Value)).Build());
        return (settings.MainConnection, settings.AnalyticsConnection);
    }
}
