namespace Bioscope.Server.Tests;

/// <summary>What commands say of arguments that they do not take: before anything is opened or made.</summary>
public sealed class CommandRefusalTests
{
    private const string Id = "01234567-89ab-cdef-0123-456789abcdef";

    [Theory]
    [InlineData("creator add", "--handle")]
    [InlineData("creator password", "--email")]
    [InlineData("creator remove-second-factor", "--email")]
    [InlineData("creator uninvite", "--id")]
    [InlineData("creator export --handle anna", "--output")]
    [InlineData("creator show", "show")]
    [InlineData("creator rename anna", "rename")]
    [InlineData("creator suspend", "suspend")]
    [InlineData("key add --all-pages", "--name")]
    [InlineData("key remove", "--id")]
    [InlineData("operator add", "add")]
    [InlineData("operator remove", "remove")]
    [InlineData("backup", "backup")]
    [InlineData("restore", "restore")]
    [InlineData("import", "import")]
    [InlineData("mail test", "test")]
    [InlineData("proof verify", "verify")]
    [InlineData("creator", "Required command was not provided")]
    [InlineData("key", "Required command was not provided")]
    [InlineData("token --user " + Id + " --days many", "many")]
    [InlineData("creator invite --days 1.5", "1.5")]
    [InlineData("repair --from soon", "soon")]
    [InlineData("verify --page anna", "--page: 'anna' is not the id of a page. It must be a UUID, such as " + Id + ".")]
    [InlineData("rebuild --page " + Id + "0", "--page: '" + Id + "0' is not the id of a page.")]
    [InlineData("repair --page {" + Id + "}", "is not the id of a page.")]
    [InlineData("verify --page " + Id + " --page " + Id, "--page")]
    [InlineData("verify more", "Unrecognized command or argument 'more'")]
    [InlineData("creator list --jsn", "--jsn")]
    [InlineData("doctor --Throttle:Report=1", "--Throttle:Report")]
    public async Task What_is_missing_or_unreadable_is_exit_code_2(string arguments, string named)
    {
        using var cli = new InProcessCli();

        var error = await cli.FailAsync(2, arguments.Split(' '));

        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.EndsWith("Try 'bioscope --help'.\n", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(cli.Data));
    }

    [Theory]
    [InlineData("creator add --handle anna --user x", "--user: 'x' is not a UUID. Give one such as " + Id + ".")]
    [InlineData("creator invite --email anna", "--email: 'anna' is not an e-mail address.")]
    [InlineData("creator invite --days 0", "--days: 0 is not a number of days from 1 to 90.")]
    [InlineData("creator invite --days 91", "--days: 91 is not a number of days from 1 to 90.")]
    [InlineData("creator rename anna A*B", "'a*b' is no handle: it must be 1 to 30 letters a-z, digits, '.', '_' or '-'. Nothing was changed.")]
    [InlineData("creator rename anna @", "'' is no handle: it must be 1 to 30 letters a-z, digits, '.', '_' or '-'. Nothing was changed.")]
    [InlineData("token --user " + Id + " --days 3651", "--days: 3651 is not a number of days from 1 to 3650.")]
    [InlineData("token --user " + Id + " --days -1", "--days: -1 is not a number of days from 1 to 3650.")]
    [InlineData("key add --name x --scope write --all-pages", "--scope: 'write' is not one of read, ingest.")]
    [InlineData("audit --kind sign-in", "--kind: 'sign-in' is none of ")]
    [InlineData("audit --since yesterday", "--since: 'yesterday' is not a day such as 2026-01-31.")]
    [InlineData("audit --since 2026-02-29", "--since: '2026-02-29' is not a day such as 2026-01-31.")]
    [InlineData("audit --since 1/2/2026", "--since: '1/2/2026' is not a day such as 2026-01-31.")]
    [InlineData("operator add olga", "'olga' is not an e-mail address. Nothing was changed.")]
    [InlineData("move", "Give either --to with a database, or --cancel. Nothing was changed.")]
    [InlineData("move --cancel --to postgres://db/x", "Give either --to with a database, or --cancel. Nothing was changed.")]
    [InlineData("repair --shift 1d --remove", "--shift, --remove and --malformed cannot be combined. Give one of them.")]
    [InlineData("repair --remove --malformed", "--shift, --remove and --malformed cannot be combined. Give one of them.")]
    [InlineData("repair --shift 30", "'30' is not a duration. Give days, hours, minutes and seconds, such as 30d, 36h or 1d12h30m.")]
    [InlineData("repair --shift -1d", "'-1d' is not a duration.")]
    [InlineData("import - --from plausible", "Say to which page the export belongs: --page with its handle or its id. Nothing was imported.")]
    [InlineData("import - -", "Say to which page the export belongs: --page with its handle or its id. Nothing was imported.")]
    [InlineData("import - missing.csv --page anna", "The file 'missing.csv' does not exist.")]
    [InlineData("import - --page anna --from excel", "--from: 'excel' is not one of ")]
    [InlineData("import - --page anna --timezone Berlin", "--timezone: 'Berlin' is not the IANA name of a time zone, such as Europe/Berlin.")]
    [InlineData("proof verify missing.json", "missing.json: it cannot be read (")]
    [InlineData("mail test anna@example.com", "Mail:Server is not set, so no mail is sent. Set it, such as Mail__Server=smtp.example:587,")]
    [InlineData("restore missing", "'missing' has no backup: no backup.json in it, and no folder bioscope-… with one. Nothing was changed.")]
    public async Task A_value_that_cannot_be_right_is_one_line_and_changes_nothing(string arguments, string message)
    {
        using var cli = new InProcessCli();

        var error = await cli.FailAsync(1, arguments.Split(' '));

        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(cli.Data));
    }

    [Theory]
    [InlineData("creator show nobody")]
    [InlineData("creator suspend nobody")]
    [InlineData("creator resume nobody")]
    [InlineData("creator rename nobody anna")]
    [InlineData("operator remove nobody")]
    public async Task Nobody_is_found_under_an_unknown_name(string arguments)
    {
        using var cli = new InProcessCli();

        Assert.Equal(
            "Nobody has the handle, e-mail address or id 'nobody'. Nothing was changed. To list all: bioscope creator list\n",
            await cli.FailAsync(1, arguments.Split(' ')));
    }

    [Fact]
    public async Task Unknown_ids_change_nothing()
    {
        using var cli = new InProcessCli();
        foreach (var id in (string[])[Id, "x", ""])
        {
            Assert.Equal(
                $"There is no API key {id}. Nothing was changed. To list them: bioscope key list\n", await cli.FailAsync(1, "key", "remove", "--id", id));
            Assert.Equal(
                $"There is no invitation {id}. Nothing was changed. To list them: bioscope creator invitations\n",
                await cli.FailAsync(1, "creator", "uninvite", "--id", id));
        }

        foreach (var command in (string[])["verify", "rebuild"])
        {
            Assert.Equal(
                $"--page: there is no page {Id}, and no row belongs to it. Nothing was done.\n", await cli.FailAsync(1, command, "--page", Id));
        }

        Assert.Equal($"--page: there is no page {Id}. Nothing was changed.\n", await cli.FailAsync(1, "key", "add", "--name", "x", "--page", Id));
        Assert.Equal(
            "--handle: there is no page nobody. Nothing was changed.\n", await cli.FailAsync(1, "key", "add", "--name", "x", "--handle", "nobody"));
        Assert.Equal($"There is no link {Id}. Nothing was changed.\n", await cli.FailAsync(1, "forget", "--link", Id));
        Assert.Equal(
            "--page: there is no page 'nobody'. Give its handle or its id. Nothing was imported.\n",
            await cli.FailAsync(1, "import", "-", "--page", "nobody", "--from", "plausible"));
        foreach (var command in (string[])["export --output x.zip", "remove --yes"])
        {
            Assert.Equal(
                "There is no creator with the handle nobody. Nothing was changed.\n",
                await cli.FailAsync(1, ["creator", .. command.Split(' '), "--handle", "@Nobody"]));
            Assert.Equal(
                $"There is no creator with the user {Id}. Nothing was changed.\n",
                await cli.FailAsync(1, ["creator", .. command.Split(' '), "--user", Id.ToUpperInvariant()]));
            Assert.Equal("--user: 'x' is not a UUID.\n", await cli.FailAsync(1, ["creator", .. command.Split(' '), "--user", "x"]));
            Assert.Equal(
                "Give one of --handle, --email and --user.\n",
                await cli.FailAsync(1, ["creator", .. command.Split(' '), "--user", Id, "--handle", "anna"]));
            Assert.Equal("Give one of --handle, --email and --user.\n", await cli.FailAsync(1, ["creator", .. command.Split(' ')]));
        }

        Assert.Equal("--link: 'x' is not a UUID.\n", await cli.FailAsync(1, "forget", "--link", "x"));
        foreach (var choice in (string[][])[[], ["--visitor", "v", "--link", Id], ["--visitor", ""]])
        {
            Assert.Equal("Give one of --visitor and --link.\n", await cli.FailAsync(1, ["forget", .. choice]));
        }

        foreach (var choice in (string[][])[[], ["--all-pages", "--page", Id], ["--handle", "anna", "--page", Id], ["--handle", "anna", "--all-pages"]])
        {
            Assert.Equal("Give one of --page, --handle and --all-pages.\n", await cli.FailAsync(1, ["key", "add", "--name", "x", .. choice]));
        }

        Assert.Empty(await cli.SucceedAsync("audit", "--kind", "export"));
        Assert.Empty(await cli.SucceedAsync("erasures"));
    }

    [Theory]
    [InlineData("creator add --handle anna")]
    [InlineData("creator list")]
    [InlineData("creator invitations")]
    [InlineData("operator list")]
    [InlineData("key list")]
    [InlineData("audit")]
    [InlineData("verify")]
    [InlineData("rebuild")]
    [InlineData("repair")]
    [InlineData("erasures")]
    [InlineData("forget --visitor v")]
    [InlineData("secrets new")]
    [InlineData("backup copies")]
    [InlineData("restore copies")]
    [InlineData("move --to postgres://db/x")]
    public async Task Databases_of_another_service_are_never_opened_for_writing(string arguments)
    {
        using var cli = new InProcessCli();

        Assert.Equal(
            "Storage:Ownership is 'shared': the databases belong to another service, so this command must not write to them. Nothing was changed.\n",
            await cli.FailAsync(1, [.. arguments.Split(' '), "--Storage:Ownership=shared"]));
        Assert.False(Directory.Exists(cli.Data));
    }

    [Fact]
    public async Task A_setting_of_a_command_may_be_written_in_both_ways_and_any_case()
    {
        using var cli = new InProcessCli();
        foreach (var arguments in (string[][])[["--urls=nonsense"], ["--URLS", "nonsense"], ["--Urls", "nonsense"]])
        {
            Assert.StartsWith("Urls: 'nonsense' is not an address", await cli.FailAsync(1, ["creator", "list", .. arguments]), StringComparison.Ordinal);
        }

        // Only the first equals sign ends the name.
        Assert.Contains("'Data Source=' must name a file", await cli.FailAsync(1, "verify", "--Database=Data Source=:memory:"), StringComparison.Ordinal);
    }
}
