using System.Globalization;
using System.Text.Json;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary>What <c>bioscope creator …</c> and <c>bioscope operator …</c> do and print.</summary>
public sealed class CreatorCommandTests : IDisposable
{
    private readonly InProcessCli _cli = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_creator_is_found_by_handle_address_and_each_id()
    {
        var (user, page) = await _cli.AddCreatorAsync("anna");
        await _cli.ExecuteAsync("""UPDATE "User" SET "email" = 'anna@example.com' """);
        await _cli.ExecuteAsync("""UPDATE "BioPage" SET "title" = @title""", ("@title", new string('ü', 200)));

        var lines = (await _cli.SucceedAsync("creator", "show", "@ANNA")).Split('\n');
        Assert.Equal(
            [$"user    {user}", $"page    {page}", "handle  anna", $"title   {new string('ü', 99)}…", "e-mail  anna@example.com"], lines[..5]);
        Assert.Matches("^since   [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC$", lines[5]);
        Assert.Equal(["state   active", ""], lines[6..]);
        foreach (var name in (string[])[" Anna@Example.com ", user.ToString(), page.ToString().ToUpperInvariant()])
        {
            Assert.Equal(lines, (await _cli.SucceedAsync("creator", "show", name)).Split('\n'));
        }

        using var json = JsonDocument.Parse(await _cli.SucceedAsync("creator", "show", "anna", "--json"));
        Assert.Equal(
            ["userId", "bioPageId", "email", "handle", "title", "createdAt", "suspendedAt", "isOperator", "isHidden", "name"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal((user, "anna", false), (
            json.RootElement.GetProperty("userId").GetGuid(), json.RootElement.GetProperty("name").GetString(),
            json.RootElement.GetProperty("isHidden").GetBoolean()));
    }

    [Fact]
    public async Task A_list_is_in_order_of_handles_and_can_be_searched()
    {
        foreach (var handle in (string[])["carla", "anna", "ben"])
        {
            await _cli.AddCreatorAsync(handle);
        }

        await _cli.ExecuteAsync("""UPDATE "BioPage" SET "title" = 'Ünal & Co' WHERE "handle" = 'ben' """);
        await _cli.ExecuteAsync("""UPDATE "BioPage" SET "published" = 0 WHERE "handle" = 'carla' """);

        Assert.Equal(["@anna", "@ben", "@carla"], await HandlesAsync());
        Assert.Equal(["@anna"], await HandlesAsync("--search", "@AN"));
        Assert.Equal(["@ben"], await HandlesAsync("--search", "Ünal"));
        Assert.Equal(["@ben"], await HandlesAsync("--search", "CO"));
        Assert.Empty(await HandlesAsync("--search", "%"));
        Assert.Equal("3 found.\n", (await _cli.RunAsync("creator", "list")).Error);
        Assert.Equal((0, "", "Nobody was found.\n"), await _cli.RunAsync("creator", "list", "--search", "nobody"));
        Assert.EndsWith("  @carla  no e-mail address  active, page hidden", (await _cli.SucceedAsync("creator", "list")).TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.All(
            (await _cli.SucceedAsync("creator", "list", "--json")).TrimEnd().Split('\n'),
            line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
    }

    [Fact]
    public async Task A_renamed_page_keeps_its_earlier_handles_up_to_five()
    {
        var (_, page) = await _cli.AddCreatorAsync("name0");
        await _cli.AddCreatorAsync("other");

        Assert.Equal("Nothing was changed: the handle is name0 already.\n", await _cli.SucceedAsync("creator", "rename", "name0", "@Name0"));
        Assert.Equal("Not renamed: handle other belongs to another page.\n", await _cli.FailAsync(1, "creator", "rename", "name0", "other"));
        for (var i = 1; i <= OldHandles.Max; i++)
        {
            var lines = (await _cli.SucceedAsync("creator", "rename", page.ToString(), $"name{i}")).Split('\n');
            Assert.Equal($"The page is at /@name{i} now.", lines[0]);
            Assert.StartsWith($"/@name{i - 1} leads to it until ", lines[1], StringComparison.Ordinal);
            var until = DateTimeOffset.ParseExact(
                lines[1].Split("until ")[1], "yyyy-MM-dd HH:mm 'UTC.'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            Assert.InRange(until - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(89.9), TimeSpan.FromDays(90));
        }

        Assert.Equal(
            "Not renamed: a page has at most 5 earlier handles in 90 days.\n", await _cli.FailAsync(1, "creator", "rename", $"name{OldHandles.Max}", "name9"));
        // One of its own earlier ones needs no further place; nobody else may have it.
        await _cli.SucceedAsync("creator", "rename", $"name{OldHandles.Max}", "name2");
        Assert.Equal("Not renamed: handle name1 belongs to another page.\n", await _cli.FailAsync(1, "creator", "rename", "other", "name1"));
        Assert.StartsWith("Not added: ", await _cli.FailAsync(1, "creator", "add", "--handle", "name1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_a_page_cannot_be_renamed()
    {
        var (user, _) = await _cli.AddCreatorAsync("anna");
        await _cli.ExecuteAsync("""DELETE FROM "BioPage" """);
        await _cli.ExecuteAsync("""UPDATE "User" SET "email" = 'anna@example.com' """);

        Assert.Equal("anna@example.com has no page. Nothing was changed.\n", await _cli.FailAsync(1, "creator", "rename", user.ToString(), "anne"));
        Assert.Contains("page    none\nhandle  none\ntitle   none\n", await _cli.SucceedAsync("creator", "show", user.ToString()), StringComparison.Ordinal);
        Assert.Contains("  no page  anna@example.com  active", await _cli.SucceedAsync("creator", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suspension_begins_and_ends_once()
    {
        var (user, _) = await _cli.AddCreatorAsync("anna");

        Assert.Equal("Nothing was changed: anna is not suspended.\n", await _cli.SucceedAsync("creator", "resume", "anna"));
        Assert.Equal("anna is suspended now.\n", await _cli.SucceedAsync("creator", "suspend", "anna"));
        Assert.Equal("Nothing was changed: anna is suspended.\n", await _cli.SucceedAsync("creator", "suspend", "@anna"));
        Assert.Matches("  suspended since [0-9-]{10} [0-9:]{5} UTC\n$", await _cli.SucceedAsync("creator", "list"));
        Assert.Equal("anna is not suspended now.\n", await _cli.SucceedAsync("creator", "resume", user.ToString()));
        Assert.EndsWith("state   active\n", await _cli.SucceedAsync("creator", "show", "anna"), StringComparison.Ordinal);
        // What changed nothing is no event.
        Assert.Equal([AuditKind.Resumed, AuditKind.Suspended, AuditKind.CreatorAdded], await KindsAsync());
    }

    [Fact]
    public async Task An_operator_is_added_once_listed_and_removed_once()
    {
        var (user, _) = await _cli.AddCreatorAsync("olga");
        await _cli.ExecuteAsync("""UPDATE "User" SET "email" = 'olga@example.com' """);

        Assert.Empty(await _cli.SucceedAsync("operator", "list"));
        Assert.Equal(
            "olga@example.com is no operator. Nothing was changed. To list them: bioscope operator list\n", await _cli.FailAsync(1, "operator", "remove", "olga"));
        Assert.Equal(
            "olga@example.com is an operator now: sign in at /dashboard/sign-in and open /operator.\n",
            await _cli.SucceedAsync("operator", "add", " OLGA@example.com "));
        Assert.Equal("Nothing was changed: olga@example.com is an operator already.\n", await _cli.SucceedAsync("operator", "add", "olga@example.com"));
        Assert.Equal($"{user}  @olga  olga@example.com  active, operator\n", await _cli.SucceedAsync("operator", "list"));
        Assert.Equal("olga@example.com is no operator any more.\n", await _cli.SucceedAsync("operator", "remove", "olga@example.com"));
        Assert.Empty(await _cli.SucceedAsync("operator", "list"));
        Assert.Equal([AuditKind.OperatorRemoved, AuditKind.OperatorAdded, AuditKind.CreatorAdded], await KindsAsync());
    }

    [Fact]
    public async Task Invitations_are_made_only_while_people_may_join()
    {
        Assert.StartsWith(
            "Accounts:SignUp is 'closed', so the server would refuse the invitation. Nothing was changed.", await _cli.FailAsync(1, "creator", "invite"),
            StringComparison.Ordinal);
        Assert.Empty(await _cli.SucceedAsync("creator", "invitations"));

        string[] open = ["--Accounts:SignUp=invite"];
        var lines = (await _cli.SucceedAsync(["creator", "invite", "--days", "90", "--Urls=http://*:80;http://localhost:5000", "--PathBase=/stats", .. open])).Split('\n');
        Assert.Matches("^http://\\*:80/stats/dashboard/join/[A-Za-z0-9_-]{43}$", lines[0]);
        Assert.Matches("^It works once, until .* UTC. To revoke it: bioscope creator uninvite --id [0-9a-f-]{36}$", lines[1]);
        Assert.StartsWith("PublicUrl is not set.", lines[2], StringComparison.Ordinal);
        var named = (await _cli.SucceedAsync(["creator", "invite", "--email", " Ben@Example.com", "--PublicUrl=https://links.example", .. open])).Split('\n');
        Assert.StartsWith("https://links.example/dashboard/join/", named[0], StringComparison.Ordinal);
        Assert.Equal(3, named.Length); // with PublicUrl there is nothing to say about it

        // Those that end first come first; neither is told with its link.
        var listed = (await _cli.SucceedAsync("creator", "invitations")).TrimEnd().Split('\n');
        Assert.Equal(["ben@example.com", "any e-mail address"], listed.Select(line => line.Split("  ")[2]));
        Assert.Equal("The invitation is revoked.\n", await _cli.SucceedAsync("creator", "uninvite", "--id", lines[1].Split("--id ")[1]));
        Assert.Single((await _cli.SucceedAsync("creator", "invitations")).TrimEnd().Split('\n'));
        await _cli.ExecuteAsync("""UPDATE "Invitation" SET "expiresAt" = @past""", ("@past", TimeProvider.System.GetUtcNow()));
        Assert.Empty(await _cli.SucceedAsync("creator", "invitations"));
    }

    public void Dispose() => _cli.Dispose();

    private async Task<string[]> HandlesAsync(params string[] arguments) =>
        [.. (await _cli.SucceedAsync(["creator", "list", .. arguments])).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("  ")[1])];

    private async Task<string[]> KindsAsync()
    {
        await using var main = _cli.OpenMain();
        return [.. await main.QueryAsync("""SELECT "kind" FROM "AuditEvent" ORDER BY "at" DESC, "id" DESC""", row => row.GetString(0), Cancelled)];
    }
}
