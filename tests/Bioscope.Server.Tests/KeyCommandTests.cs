using System.Text.Json;
using Bioscope.Engine.Auditing;
using Bioscope.Server.Web;

namespace Bioscope.Server.Tests;

/// <summary>What <c>bioscope key …</c> makes and lists, and what <c>bioscope audit</c> tells of it.</summary>
public sealed class KeyCommandTests : IDisposable
{
    private readonly InProcessCli _cli = new();

    [Fact]
    public async Task A_key_is_printed_alone_so_that_a_script_can_read_it()
    {
        var (_, page) = await _cli.AddCreatorAsync("anna");

        var (exitCode, output, error) = await _cli.RunAsync("key", "add", "--name", " Sheet ", "--handle", "@Anna");

        Assert.Equal(0, exitCode);
        Assert.NotNull(KeyText.Read("Bearer " + output.TrimEnd('\n')));
        Assert.Matches("^It is not shown again. To remove it: bioscope key remove --id [0-9a-f-]{36}\n$", error);
        var id = error.Trim().Split("--id ")[1];
        Assert.Matches($"^{id}  read    @anna  never used  made [0-9-]+ [0-9:]+ UTC  Sheet\n$", await _cli.SucceedAsync("key", "list"));

        await _cli.ExecuteAsync("""UPDATE "ApiKey" SET "usedAt" = @used""", ("@used", new DateTimeOffset(2026, 1, 31, 9, 5, 59, TimeSpan.Zero)));
        Assert.Contains("  used 2026-01-31 09:05 UTC  ", await _cli.SucceedAsync("key", "list"), StringComparison.Ordinal);
        // A page without a handle is named by its id.
        await _cli.ExecuteAsync("""UPDATE "BioPage" SET "handle" = NULL""");
        Assert.Contains($"  {page}  ", await _cli.SucceedAsync("key", "list"), StringComparison.Ordinal);

        Assert.Equal("The key is removed.\n", await _cli.SucceedAsync("key", "remove", "--id", id.ToUpperInvariant()));
        Assert.Empty(await _cli.SucceedAsync("key", "list"));
        await _cli.FailAsync(1, "key", "remove", "--id", id);
    }

    [Fact]
    public async Task A_key_may_be_for_all_pages_and_for_reporting()
    {
        await _cli.SucceedAsync("key", "add", "--name", "Shop", "--scope", "ingest", "--all-pages");

        Assert.Contains("  ingest  all pages  never used  made ", await _cli.SucceedAsync("key", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_of_a_key_is_one_line_of_100_characters()
    {
        foreach (var name in (string[])["", "   ", new string('x', 101), "a\nb", "a\u0007b"])
        {
            Assert.Equal("--name: give 1 to 100 characters on one line.\n", await _cli.FailAsync(1, "key", "add", "--name", name, "--all-pages"));
        }

        await _cli.SucceedAsync("key", "add", "--name", new string('ü', ApiKey.MaxNameLength), "--all-pages");
        Assert.Single((await _cli.SucceedAsync("key", "list")).TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task The_audit_tells_the_newest_first_of_one_kind_or_from_a_day_on()
    {
        var (user, page) = await _cli.AddCreatorAsync("anna");
        await _cli.SucceedAsync("key", "add", "--name", "Sheet", "--handle", "anna");
        await _cli.SucceedAsync("token", "--user", user.ToString());

        var lines = (await _cli.SucceedAsync("audit")).TrimEnd().Split('\n');
        Assert.Equal([AuditKind.TokenMade, AuditKind.KeyMade, AuditKind.CreatorAdded], lines.Select(line => line.Split("  ")[1]));
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC  key-made  command line  page @anna  bioscope key add$", lines[1]);
        Assert.Equal([lines[1]], (await _cli.SucceedAsync("audit", "--kind", "key-made")).TrimEnd().Split('\n'));

        // The first instant of the day counts, and the last one of the day before does not.
        await SetTimeAsync(AuditKind.KeyMade, new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero));
        await SetTimeAsync(AuditKind.CreatorAdded, new(2026, 1, 30, 23, 59, 59, 999, TimeSpan.Zero));
        Assert.Equal(2, (await _cli.SucceedAsync("audit", "--since", "2026-01-31")).TrimEnd().Split('\n').Length);
        Assert.Equal(3, (await _cli.SucceedAsync("audit", "--since", "2026-01-30")).TrimEnd().Split('\n').Length);

        using var json = JsonDocument.Parse(await _cli.SucceedAsync("audit", "--kind", "key-made", "--json"));
        Assert.Equal(
            ["at", "kind", "count", "actorId", "actor", "key", "userId", "user", "bioPageId", "handle", "origin", "network", "country", "subject"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("2026-01-31T00:00:00.000Z", page, "anna"), (
            json.RootElement.GetProperty("at").GetString(), json.RootElement.GetProperty("bioPageId").GetGuid(),
            json.RootElement.GetProperty("handle").GetString()));
    }

    [Fact]
    public async Task Events_that_were_counted_show_how_many_they_are()
    {
        await _cli.AddCreatorAsync("anna");
        await _cli.ExecuteAsync("""UPDATE "AuditEvent" SET "count" = 12, "network" = '192.0.2.0/24', "country" = 'DE' """);

        Assert.EndsWith(
            "  creator-added × 12  command line  about " + (await UserAsync()) + "  page @anna  bioscope creator add  192.0.2.0/24 DE\n",
            await _cli.SucceedAsync("audit"), StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();

    private Task SetTimeAsync(string kind, DateTimeOffset at) =>
        _cli.ExecuteAsync("""UPDATE "AuditEvent" SET "at" = @at WHERE "kind" = @kind""", ("@at", at), ("@kind", kind));

    private async Task<string> UserAsync()
    {
        using var json = JsonDocument.Parse(await _cli.SucceedAsync("creator", "show", "anna", "--json"));
        return json.RootElement.GetProperty("userId").GetString()!;
    }
}
