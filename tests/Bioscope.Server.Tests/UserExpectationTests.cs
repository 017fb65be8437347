namespace Bioscope.Server.Tests;

/// <summary>The command line as a person tries it.</summary>
public sealed class UserExpectationTests
{
    private const string Page = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";

    [Theory]
    [InlineData(":80x")]
    [InlineData("http://:80x")]
    [InlineData("http://localhost:80x")]
    [InlineData("http://localhost:")]
    [InlineData("http://localhost: 80")]
    [InlineData("http://*:80x")]
    [InlineData("http://127.0.0.1:80:80")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("http://127.1:80")]
    [InlineData("http://[::1:80")]
    [InlineData("http://locahost:5000")] // the web server would listen on all addresses
    [InlineData("localhost:5000")]
    [InlineData("http://localhost:5000;")]
    [InlineData("http://localhost:5000/stats")]
    [InlineData("https//localhost")]
    public async Task Addresses_to_listen_on_that_are_garbage_are_refused(string urls)
    {
        using var cli = new Cli();

        var (exitCode, output, error) = await cli.RunAsync(["serve", "--Urls", urls]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith("Urls: '", error, StringComparison.Ordinal);
        Assert.Contains("is not an address to listen on", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("rebuild")]
    public async Task A_page_that_does_not_exist_is_an_error(string command)
    {
        using var cli = new Cli();

        var unknown = await cli.RunAsync([command, "--page", "unknown"]);
        var missing = await cli.RunAsync([command, "--page", Page]);

        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("--page: 'unknown' is not the id of a page", unknown.Error, StringComparison.Ordinal);
        Assert.Equal((1, "", $"--page: there is no page {Page}, and no row belongs to it. Nothing was done.\n"), missing);
    }

    [Fact]
    public async Task A_repeated_import_of_rows_without_ids_adds_nothing()
    {
        using var cli = new Cli();
        var lines = $$"""
            {"type":"creator","userId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","creatorId":"cccccccc-cccc-4ccc-8ccc-cccccccccccc","bioPageId":"{{Page}}","handle":"anna"}
            {"type":"session","bioPageId":"{{Page}}","visitorId":"v","startedAt":"2026-04-15T11:00:00Z"}
            {"type":"session","bioPageId":"{{Page}}","visitorId":"w","startedAt":"2026-04-15T11:00:00Z"}
            {"type":"session","bioPageId":"{{Page}}","visitorId":"v","startedAt":"2026-04-15T11:00:00Z"}
            {"type":"session","id":"22222222-2222-4222-8222-222222222222","bioPageId":"{{Page}}","visitorId":"v","startedAt":"2026-04-15T11:00:00Z"}
            {"type":"pageview","sessionId":"22222222-2222-4222-8222-222222222222","bioPageId":"{{Page}}","enteredAt":"2026-04-15T11:00:00Z"}
            {"type":"pageview","sessionId":"22222222-2222-4222-8222-222222222222","bioPageId":"{{Page}}","enteredAt":"2026-04-15T11:00:01Z"}

            """;
        var reordered = lines.Replace(
            "\"visitorId\":\"w\",\"startedAt\":\"2026-04-15T11:00:00Z\"", "\"startedAt\": \"2026-04-15T13:00:00+02:00\", \"visitorId\":\"w\"", StringComparison.Ordinal);

        Assert.Equal((0, "7 lines: 7 added, 0 existed already, 0 bad\n", ""), await cli.RunAsync(["import", "-"], lines));
        Assert.Equal((0, "7 lines: 0 added, 7 existed already, 0 bad\n", ""), await cli.RunAsync(["import", "-"], lines));
        Assert.Equal((0, "7 lines: 0 added, 7 existed already, 0 bad\n", ""), await cli.RunAsync(["import", "-"], reordered));
    }

    [Fact]
    public async Task Rows_that_nobody_will_see_are_named()
    {
        using var cli = new Cli();
        var view = $$"""{"type":"pageview","sessionId":"22222222-2222-4222-8222-222222222222","bioPageId":"{{Page}}","enteredAt":"2026-04-15T11:00:00Z"}""";
        var session = $$"""{"type":"session","id":"22222222-2222-4222-8222-222222222222","bioPageId":"{{Page}}","visitorId":"v","startedAt":"2026-04-15T11:00:00Z"}""";
        var creator = $$"""{"type":"creator","userId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","creatorId":"cccccccc-cccc-4ccc-8ccc-cccccccccccc","bioPageId":"{{Page}}","handle":"anna"}""";

        var orphan = await cli.RunAsync(["import", "-"], view);
        var complete = await cli.RunAsync(["import", "-"], $"{view}\n{session}\n{creator}\n");

        Assert.Equal((0, "1 lines: 1 added, 0 existed already, 0 bad\n"), (orphan.ExitCode, orphan.Output));
        Assert.Contains($"No creator has the page {Page}", orphan.Error, StringComparison.Ordinal);
        Assert.Contains("There is no session for the sessionId 22222222-2222-4222-8222-222222222222", orphan.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (complete.ExitCode, complete.Error));
    }

    [Theory]
    [InlineData("""{"type": x}""", "line 2: the line is not valid JSON (byte 10)")]
    [InlineData("""{"type":"session","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","visitorId":"v","startedAt":"2199-01-01T00:00:00Z"}""", "line 2: startedAt is more than a day in the future")]
    [InlineData("""{"type":"link","id":"22222222-2222-4222-8222-222222222222","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","title":"x","url":"javascript:alert(1)"}""", "line 2: url must be a web address")]
    [InlineData("""{"type":"link","id":"22222222-2222-4222-8222-222222222222","bioPageId":"bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb","title":"x","url":"data:text/html,x"}""", "line 2: url must be a web address")]
    public async Task Bad_lines_are_named_with_their_number(string line, string problem)
    {
        using var cli = new Cli();

        var (exitCode, output, error) = await cli.RunAsync(["import", "-"], "\n" + line);

        Assert.Equal((1, "1 lines: 0 added, 0 existed already, 1 bad\n"), (exitCode, output));
        Assert.StartsWith(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_in_the_settings_file_is_named_with_its_line()
    {
        using var cli = new Cli();
        await File.WriteAllTextAsync(
            Path.Combine(cli.Folder, "appsettings.json"), "{\n  \"Throttle\": {\n    \"Reports\": x\n  }\n}", TestContext.Current.CancellationToken);

        var (exitCode, _, error) = await cli.RunAsync(["serve"]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("appsettings.json: line 3, byte 16: 'x' is an invalid start of a value.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verify", "--page")]
    [InlineData("import", "--strict")]
    [InlineData("repair", "--malformed")]
    [InlineData("creator", "suspend <who>")]
    public async Task Help_shows_what_belongs_to_the_command_before_the_settings(string command, string option)
    {
        using var cli = new Cli();

        var help = await cli.SucceedAsync([command, "--help"]);

        var first = help.IndexOf("--Data:Folder", StringComparison.Ordinal);
        Assert.InRange(help.IndexOf("  " + option, StringComparison.Ordinal), 0, first);
    }
}
