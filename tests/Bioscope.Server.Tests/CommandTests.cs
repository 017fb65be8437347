using System.Text.RegularExpressions;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Bioscope.Server.Tests;

public sealed partial class CommandTests
{
    [Fact]
    public async Task Help_names_every_command_and_every_setting()
    {
        using var cli = new Cli();

        var (exitCode, output, _) = await cli.RunAsync(["--help"]);

        Assert.Equal(0, exitCode);
        foreach (var word in (string[])["serve", "demo", "import", "creator", "token", "referrer", "migrate", "doctor", "rebuild", "verify",
            "repair", "distribute", "--Throttle:Reports", "--Urls"])
        {
            Assert.Contains(word, output, StringComparison.Ordinal);
        }

        foreach (var setting in Configuration.Setting.All)
        {
            Assert.Contains("--" + setting.Key, output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2, "Unrecognized", "nonsense")]
    [InlineData(2, "Unrecognized", "serve", "--Nope=1")]
    [InlineData(2, "--user", "token")]
    [InlineData(1, "is not a UUID", "token", "--user", "anna")]
    [InlineData(1, "is not a number of days from 1 to 3650", "token", "--user", "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "--days", "0")]
    [InlineData(1, "The file 'nothing.ndjson' does not exist", "import", "nothing.ndjson")]
    [InlineData(1, "Throttle:Reports: 'many' is not a whole number above 0.", "serve", "--throttle:reports=many")]
    [InlineData(1, "Auth:JwtSecret: the secret is too short. It must have at least 32 bytes.", "serve", "--Auth:JwtSecret", "short")]
    [InlineData(1, "ConnectionStrings:Main: ", "serve", "--ConnectionStrings:Main=nonsense")]
    [InlineData(1, "Storage:Ownership: 'theirs' is not one of own, shared.", "serve", "--Storage:Ownership=theirs")]
    [InlineData(1, "Urls: 'nonsense' is not an address to listen on", "serve", "--Urls=nonsense")]
    [InlineData(1, "Urls: 'http://localhost:99999' is not an address to listen on", "serve", "--Urls=http://localhost:99999")]
    [InlineData(
        1, "Urls: 'http://localhost:0/path' is not an address to listen on", "serve", "--Urls=http://127.0.0.1:0;http://localhost:0/path")]
    [InlineData(1, "ConnectionStrings:Main: 'Data Source=' must name a file", "serve", "--ConnectionStrings:Main=Data Source=:memory:")]
    [InlineData(
        1,
        "Auth:Authority: 'http://id.example' is not an address such as https://",
        "serve",
        "--Auth:Authority=http://id.example",
        "--Auth:Audience=x")]
    [InlineData(1, "Auth:Authority: 'https://id.example?x=1' is not an address", "serve", "--Auth:Authority=https://id.example?x=1")]
    [InlineData(1, "Auth:Audience: it must be set when Auth:Authority is set", "serve", "--Auth:Authority=https://id.example")]
    [InlineData(1, "Proxies:Trusted: 'proxy' is neither an address nor a range", "serve", "--Proxies:Trusted=10.0.0.0/8,proxy")]
    public async Task Invalid_arguments_are_one_line_on_standard_error(int exitCode, string message, params string[] arguments)
    {
        using var cli = new Cli();

        var result = await cli.RunAsync(arguments);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal); // no stack trace
        Assert.Empty(Directory.GetFileSystemEntries(cli.Folder));
    }

    [Fact]
    public async Task A_misspelt_setting_in_any_source_stops_the_start()
    {
        using var cli = new Cli();
        cli.Environment["Throttle__Report"] = "5";
        await File.WriteAllTextAsync(
            Path.Combine(cli.Folder, "appsettings.json"),
            """{"Storagee":{"Ownership":"own"},"Logging":{}}""",
            TestContext.Current.CancellationToken);

        var (exitCode, _, error) = await cli.RunAsync(["serve"]);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            ["Storagee: this setting does not exist.", "Throttle:Report: this setting does not exist. Did you mean Throttle:Reports?"],
            error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_creator_is_added_once_and_gets_a_token()
    {
        using var cli = new Cli();

        var added = await cli.RunAsync(["creator", "add", "--handle", "@Anna", "--email", "anna@example.com"]);
        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        var user = UserLine().Match(added.Output).Groups[1].Value;
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(cli.Folder, "data", "secrets.json")));

        var again = await cli.RunAsync(["creator", "add", "--handle", "anna", "--user", user]);
        Assert.StartsWith("Nothing was changed: this creator exists already.", again.Output, StringComparison.Ordinal);
        var other = await cli.RunAsync(["creator", "add", "--handle", "ANNA"]);
        Assert.Equal((1, "Not added: handle anna belongs to another page.\n"), (other.ExitCode, other.Error));

        var token = await cli.RunAsync(["token", "--user", user, "--days", "3"]);
        var jwt = new JsonWebToken(token.Output.Trim());
        Assert.Equal((user, "HS256"), (jwt.Subject, jwt.Alg));
        Assert.Equal(TimeSpan.FromDays(3), jwt.ValidTo - jwt.ValidFrom);
    }

    [Theory, Engines]
    public async Task Setting_a_password_from_standard_input_ends_every_login(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        string[] add = ["creator", "add", "--handle", "anna", "--email", " Anna@Example.com "],
            change = ["creator", "password", "--email", "ANNA@example.com"];

        var tooShort = await cli.RunAsync(add, "1234567\n");
        Assert.Equal(
            (1, "The password must have 8 to 1000 characters. Nothing was changed.\n", ""),
            (tooShort.ExitCode, tooShort.Error, tooShort.Output));
        Assert.Equal(1, (await cli.RunAsync(add, "\n")).ExitCode);
        Assert.Equal(1, (await cli.RunAsync(add, new string('x', 1001))).ExitCode);
        const string IsCommon = "The password is too common and easy to guess; choose another. Nothing was changed.\n";
        Assert.Equal((1, "", IsCommon), await cli.RunAsync(add, "Password1\n"));
        var added = await cli.RunAsync(add, "correct horsé\nnot this line\n");
        Assert.Equal((0, ""), (added.ExitCode, added.Error));
        await using var app = await TestApp.StartAsync(databases);
        var token = await app.SignInAsync("anna@example.com", "correct horsé");

        var known = await cli.RunAsync([.. add, "--user", UserLine().Match(added.Output).Groups[1].Value], "another password");
        Assert.Contains("E-mail address and password were not changed", known.Output, StringComparison.Ordinal);
        Assert.Equal(
            (1, "", "No user has the e-mail address ben@example.com. Nothing was changed. To add a creator: bioscope creator add\n"),
            await cli.RunAsync(["creator", "password", "--email", "Ben@example.com"], "battery staple"));
        Assert.Equal((1, "", "Standard input has no password. Nothing was changed. Send it as one line.\n"), await cli.RunAsync(change));
        Assert.Equal((1, "", IsCommon), await cli.RunAsync(change, "QWERTYUIOP"));
        Assert.Equal(
            (0, "The password is changed. The user is signed out everywhere and must sign in again.\n", ""),
            await cli.RunAsync(change, "battery staple"));

        await (await app.RefreshAsync(token)).AssertInvalidTokenAsync();
        await (await app.LoginAsync("anna@example.com", "correct horsé")).AssertInvalidCredentialsAsync();
        await app.SignInAsync("anna@example.com", "battery staple");
    }

    [Fact]
    public async Task A_creator_needs_no_password_but_a_valid_email()
    {
        using var cli = new Cli();

        var added = await cli.RunAsync(["creator", "add", "--handle", "anna", "--email", "anna@example.com"]);
        Assert.Contains("The user has no password yet", added.Output, StringComparison.Ordinal);
        var bad = await cli.RunAsync(["creator", "add", "--handle", "ben", "--email", "ben"], "battery staple");
        Assert.Equal((1, "--email: 'ben' is not an e-mail address.\n"), (bad.ExitCode, bad.Error));
    }

    [Fact]
    public async Task An_import_prints_counts_and_fails_on_bad_lines()
    {
        using var cli = new Cli();
        await cli.RunAsync(
            ["import", "-"], """{"type":"creator","userId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"}""");
        const string Line =
            """{"type":"session","id":"22222222-2222-4222-8222-222222222222","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","visitorId":"v","startedAt":"2026-04-15T11:00:00Z"}""";

        Assert.Equal((0, "1 lines: 1 added, 0 existed already, 0 bad\n", ""), await cli.RunAsync(["import", "-"], Line));
        Assert.Equal(
            (1, "2 lines: 0 added, 1 existed already, 1 bad\n", "line 2: the line must be a JSON object\n"),
            await cli.RunAsync(["import", "-"], Line + "\n7\n"));
        var strict = await cli.RunAsync(["import", "-", "--strict"], "7\n" + Line);
        Assert.Equal((1, "1 lines: 0 added, 0 existed already, 1 bad\n"), (strict.ExitCode, strict.Output));
        Assert.Contains("Nothing was imported", strict.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_referrer_command_accepts_an_argument_or_json_lines()
    {
        using var cli = new Cli();

        Assert.Equal((0, "l.instagram.com\n", ""), await cli.RunAsync(["referrer", "https://l.instagram.com/?u=x"]));
        Assert.Equal((0, "direct\n", ""), await cli.RunAsync(["referrer", "nonsense"]));
        var many = await cli.RunAsync(
            ["referrer"],
            "\"https://www.bücher.de/\"\n\"mailto:a@b.example\"\nnull\n\"https://\\ud800.example/\"\n\"\\u0068ttps:\\/\\/a.example\\n\"\n");
        Assert.Equal(
            """
            {"domain":"xn--bcher-kva.de"}
            {"domain":null}
            {"domain":null}
            {"domain":null}
            {"domain":"a.example"}

            """.ReplaceLineEndings("\n"),
            many.Output);
        Assert.Equal(1, (await cli.RunAsync(["referrer"], "not json\n")).ExitCode);
    }

    [Theory]
    [InlineData("http://203.0.113.1:5000")] // not an address of this machine
    [InlineData("https://127.0.0.1:0")] // without a certificate
    public async Task An_unusable_listen_address_is_one_error_line(string url)
    {
        using var cli = new Cli();

        var (exitCode, output, error) = await cli.RunAsync(["serve", "--Urls", url]);

        Assert.Equal(1, exitCode);
        Assert.Contains($"Cannot listen on {url}: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("fatal", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_lines_have_the_correlation_id_and_no_client_address()
    {
        using var cli = new Cli();
        cli.Environment["Storage__Ownership"] = "shared"; // with files that do not exist
        cli.Environment["Auth__JwtSecret"] = TestDatabases.JwtSecret;
        cli.Environment["Proxies__Trusted"] = "127.0.0.1";
        var (process, http) = await cli.ServeAsync("serve");
        var token = (await cli.SucceedAsync(["token", "--user", "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"])).Trim();

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/creators/analytics/traffic");
        request.Headers.Add("Authorization", "Bearer " + token);
        request.Headers.Add("X-Forwarded-For", "203.0.113.77");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await Cli.TerminateAsync(process); // it writes its log to the end
        var log = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains($"correlationId={response.Headers.GetValues("X-Correlation-Id").Single()}", log, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.77", log, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_one_error_line()
    {
        using var cli = new Cli();
        var (_, http) = await cli.ServeAsync("serve");

        var (exitCode, _, error) = await cli.RunAsync(["serve", "--Urls", http.BaseAddress!.ToString()]);

        Assert.Equal(1, exitCode);
        Assert.Contains("address already in use", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrations_run_once_and_refuse_newer_or_changed_ones()
    {
        using var cli = new Cli();

        Assert.Equal(
            string.Concat(AllMigrations().Select(name => $"applied {name}\n")) + $"{AllMigrations().Count} migrations applied.\n",
            await cli.SucceedAsync(["migrate"]));
        Assert.Equal("Both databases are up to date.\n", await cli.SucceedAsync(["migrate"]));
        foreach (var (change, message) in ((string, string)[])[
            ("""UPDATE "BioscopeMigration" SET "checksum" = 'another'""", "The migration main/0001_creators was changed after it was " +
                "applied"),
            ("""UPDATE "BioscopeMigration" SET "number" = "number" + 9998""", "made by a newer Bioscope")])
        {
            await using (var main = new Engine.Storage.MainDatabase($"Data Source={cli.Folder}/data/main.db"))
            {
                await main.ExecuteAsync(change, TestContext.Current.CancellationToken);
            }

            foreach (var command in (string[][])[["migrate"], ["serve"], ["doctor"]])
            {
                var result = await cli.RunAsync(command);
                Assert.Equal(1, result.ExitCode);
                Assert.Contains(message, result.Output + result.Error, StringComparison.Ordinal);
            }
        }
    }

    [Theory, Engines]
    public async Task Both_databases_may_be_one(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        cli.Environment["ConnectionStrings__Main"] = cli.Environment["ConnectionStrings__Analytics"];

        // A distributed database has its own tables already.
        var applied = engine == EngineKind.Citus ? MigratorTests.Embedded("main") : AllMigrations();
        Assert.EndsWith($"{applied.Count} migrations applied.\n", await cli.SucceedAsync(["migrate"]), StringComparison.Ordinal);
        await cli.SucceedAsync(["doctor"]);
    }

    [GeneratedRegex("^user +([0-9a-f-]{36})$", RegexOptions.Multiline)]
    private static partial Regex UserLine();

    private static List<string> AllMigrations() => [.. MigratorTests.Embedded("main"), .. MigratorTests.Embedded("analytics")];
}
