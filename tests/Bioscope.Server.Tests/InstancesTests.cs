using Bioscope.Engine.Storage;
using Bioscope.Server.Operations;

namespace Bioscope.Server.Tests;

/// <summary>Servers on one database know of each other: with other secrets none starts beside another, and their connections are added up.</summary>
public sealed class InstancesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, Engines]
    public async Task A_server_with_other_secrets_does_not_start_beside_another(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var first = Made(databases);
        using var second = Made(databases);
        var (process, http) = await first.ServeAsync();
        var secret = new string('5', 64);
        Directory.CreateDirectory(Path.Combine(second.Folder, "data"));
        await File.WriteAllTextAsync(
            Path.Combine(second.Folder, "data", "secrets.json"), $$"""{"jwtSecret":"{{secret}}","hmacSecret":"{{secret}}","visitorSecret":"{{secret}}"}""", Cancelled);

        var (code, _, error) = await second.RunAsync(["serve", "--Urls", "http://127.0.0.1:0"]);

        Assert.Equal(1, code);
        Assert.Contains($"(process {process.Id}) runs on the same database with another Tracking:VisitorSecret and Tracking:HmacSecret", error, StringComparison.Ordinal);
        // With the same ones it does.
        foreach (var file in (string[])["secrets.json", "proof-key"])
        {
            File.Copy(Path.Combine(first.Folder, "data", file), Path.Combine(second.Folder, "data", file), overwrite: true);
        }

        var (beside, other) = await second.ServeAsync();
        await using var main = new MainDatabase(databases.Settings["ConnectionStrings:Main"]!);
        Assert.Equal(2, (await Instances.ReadAsync(main, TimeProvider.System.GetUtcNow(), Cancelled)).Count);
        foreach (var server in (System.Diagnostics.Process[])[process, beside])
        {
            await Cli.TerminateAsync(server);
            await server.WaitForExitAsync(Cancelled);
        }

        // Who stops says so.
        Assert.Empty(await Instances.ReadAsync(main, TimeProvider.System.GetUtcNow(), Cancelled));
        http.Dispose();
        other.Dispose();
    }

    [Fact]
    public async Task One_that_was_killed_is_forgotten()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Sqlite);
        await using var app = await TestApp.StartAsync(databases);
        await app.Main.ExecuteAsync(
            """INSERT INTO "Instance" VALUES (@id, 'gone', @at, @at, 'a=b', 4)""", Cancelled,
            ("@id", Guid.NewGuid()), ("@at", app.Clock.GetUtcNow() - Instances.MaxSilence - TimeSpan.FromSeconds(1)));

        Assert.DoesNotContain(await Instances.ReadAsync(app.Main, app.Clock.GetUtcNow(), Cancelled), instance => instance.Name == "gone");
        await Patience.UntilAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1)); // in steps: it may not have been waiting when the clock went on
            return (await Instances.ReadAsync(app.Main, app.Clock.GetUtcNow() + TimeSpan.FromSeconds(80), Cancelled)).Count == 1;
        });
    }

    [Theory]
    [InlineData("a=1\nb=2 set", "a=1\nb=3 set", "")] // the operator changes it
    [InlineData("a=1\nb=2", "a=1\nb=3 set", "b")]
    [InlineData("a=1\nb=2", "a=2\nb=3", "a b")]
    [InlineData("a=1\nb=2", "a=1\nb=2", "")]
    [InlineData("a=1\nb=2", "a=1 set\nb=2", "")] // copied from a file into a setting
    public void Secrets_differ_unless_both_were_set(string one, string other, string names) =>
        Assert.Equal(names, string.Join(' ', Instances.Difference(one, other)));

    [Fact]
    public async Task Doctor_adds_up_the_connections_of_all_instances()
    {
        using var databases = await TestDatabases.CreateAsync(EngineKind.Postgres);
        using var cli = Cli.For(databases);
        await using var app = await TestApp.StartAsync(databases);
        await app.Main.ExecuteAsync("""DELETE FROM "Instance" """, Cancelled);
        Assert.Matches("instances: 1 instance with up to [1-9][0-9]* connections, the server allows [1-9]", await cli.SucceedAsync(["doctor"]));

        await app.Main.ExecuteAsync(
            """INSERT INTO "Instance" VALUES (@id, 'one', @at, @at, 'a=b', 17)""", Cancelled, ("@id", Guid.NewGuid()), ("@at", TimeProvider.System.GetUtcNow()));
        await app.Main.ExecuteAsync(
            """INSERT INTO "Instance" VALUES (@id, 'two', @at, @at, 'a=b', 17)""", Cancelled, ("@id", Guid.NewGuid()), ("@at", TimeProvider.System.GetUtcNow()));
        var (_, both, _) = await cli.RunAsync(["doctor"]); // their secrets differ from ours, which is another problem
        Assert.Contains("instances: 2 instances with up to 34 connections", both, StringComparison.Ordinal);
        Assert.Contains("live visits: those of other instances are shown within a second", both, StringComparison.Ordinal);
        await app.Main.ExecuteAsync("""DELETE FROM "Instance" """, Cancelled);

        for (var i = 0; i < 4; i++)
        {
            await app.Main.ExecuteAsync(
                """INSERT INTO "Instance" VALUES (@id, 'one', @at, @at, 'a=b', 4000)""", Cancelled, ("@id", Guid.NewGuid()), ("@at", TimeProvider.System.GetUtcNow()));
        }

        var (code, output, _) = await cli.RunAsync(["doctor"]);
        Assert.DoesNotContain("live visits", output, StringComparison.Ordinal);
        Assert.Equal((1, true), (code, output.Contains("instances: 4 instances with up to 16000 connections", StringComparison.Ordinal)));
        Assert.Contains("Maximum Pool Size=", output, StringComparison.Ordinal);
    }

    /// <summary>With secrets that its first start makes.</summary>
    private static Cli Made(TestDatabases databases)
    {
        var cli = Cli.For(databases);
        foreach (var name in (string[])["Data__Folder", "Auth__JwtSecret", "Tracking__HmacSecret", "Tracking__VisitorSecret", "Proof__SigningKey"])
        {
            cli.Environment.Remove(name);
        }

        return cli;
    }
}
