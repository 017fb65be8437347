using System.Net;
using System.Net.Http.Json;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary>What a user does with her own account: a new password, and signing out elsewhere.</summary>
public sealed class AccountTests
{
    private const string Anna = "anna@example.com";

    private const string Phone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

    private const string Desktop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

    [Theory, Engines]
    public async Task Sessions_are_listed_and_ended_one_by_one(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (anna, ben) = (await AddAsync(app, Anna), await AddAsync(app, "ben@example.com"));
        await LoginAsync(app, Anna, DashboardVisit.Password, Phone);
        app.Clock.Advance(TimeSpan.FromHours(1));
        var second = await LoginAsync(app, Anna, DashboardVisit.Password, "curl/8");
        await LoginAsync(app, "ben@example.com", DashboardVisit.Password, Phone);

        var sessions = (await app.ReadAsync(anna, "/api/v1/auth/sessions"))["sessions"]!.AsArray();

        Assert.Equal([null, "Safari on iOS"], sessions.Select(session => (string?)session!["client"]));
        Assert.Equal("2026-04-15T13:00:00.000Z", (string?)sessions[0]!["usedAt"]);
        Assert.Equal("2026-04-15T12:00:00.000Z", (string?)sessions[1]!["startedAt"]);
        var id = (string)sessions[0]!["id"]!;
        Assert.Equal(HttpStatusCode.NotFound, await EndAsync(app, ben, id));
        Assert.Equal(HttpStatusCode.NotFound, await EndAsync(app, anna, "not-an-id"));
        Assert.Equal(HttpStatusCode.OK, await EndAsync(app, anna, id));
        Assert.Equal(HttpStatusCode.NotFound, await EndAsync(app, anna, id));
        Assert.Single((await app.ReadAsync(anna, "/api/v1/auth/sessions"))["sessions"]!.AsArray());
        Assert.Equal(HttpStatusCode.Unauthorized, await RefreshAsync(app, second));
    }

    [Theory, Engines]
    public async Task A_new_password_ends_all_sessions_and_begins_one(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAsync(app, Anna);
        var old = await LoginAsync(app, Anna, DashboardVisit.Password, Phone);

        using var changed = await ChangeAsync(app, anna, DashboardVisit.Password, "a longer one, of words");

        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        var cookie = changed.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("bioscope_refresh=", StringComparison.Ordinal)).Split(';')[0];
        Assert.Equal(HttpStatusCode.OK, await RefreshAsync(app, cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await RefreshAsync(app, old));
        Assert.Single((await app.ReadAsync(anna, "/api/v1/auth/sessions"))["sessions"]!.AsArray());
        await LoginAsync(app, Anna, "a longer one, of words", Phone);
        using var refused = await app.Http.PostAsJsonAsync(
            "/api/v1/auth/login", new { email = Anna, password = DashboardVisit.Password }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Theory]
    [InlineData("not the password", "a longer one, of words", "currentPassword is wrong")]
    [InlineData(DashboardVisit.Password, "short", "newPassword must have 8 to 1000 characters")]
    [InlineData(DashboardVisit.Password, "password1", "newPassword is too common and easy to guess; choose another")]
    public async Task A_password_is_changed_only_by_who_knows_it_and_to_a_good_one(string current, string changed, string detail)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var anna = await AddAsync(app, Anna);

        using var refused = await ChangeAsync(app, anna, current, changed);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(detail, await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await LoginAsync(app, Anna, DashboardVisit.Password, Phone);
    }

    [Fact]
    public async Task Who_stole_a_session_cannot_guess_the_password()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Enabled", "false"));
        var anna = await AddAsync(app, Anna);
        for (var i = 0; i < 11; i++)
        {
            using var guess = await ChangeAsync(app, anna, $"guess {i}", "a longer one, of words");
            Assert.Equal(HttpStatusCode.BadRequest, guess.StatusCode);
        }

        // Locked, as by failed logins.
        using var right = await ChangeAsync(app, anna, DashboardVisit.Password, "a longer one, of words");

        Assert.Equal(HttpStatusCode.BadRequest, right.StatusCode);
    }

    [Theory, Engines]
    public async Task The_dashboard_changes_the_password_and_signs_out_elsewhere(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var (visit, anna) = await DashboardVisit.StartAsync(app);
        using var browser = visit;
        var elsewhere = await LoginAsync(app, Anna, DashboardVisit.Password, Desktop);
        var page = await visit.ReadAsync("/dashboard/account");
        Assert.Contains($"<bdi>{Anna}</bdi>", page, StringComparison.Ordinal);
        Assert.Contains("Firefox on Windows", page, StringComparison.Ordinal);
        Assert.Equal(1, page.Split("this browser").Length - 1);

        using (var wrong = await PostAsync(visit, page, "password", ("current", "wrong"), ("new", "a longer one, of words")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            Assert.Contains(
                "Not saved: the current password is wrong.",
                await wrong.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal);
        }

        using (var forged = await visit.PostAsync("/dashboard/account/password", ("form", "x"), ("current", DashboardVisit.Password), ("new", "a longer one, of words")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        }

        using (var ended = await PostAsync(visit, page, "sessions", ("others", "1")))
        {
            Assert.Equal(HttpStatusCode.SeeOther, ended.StatusCode);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await RefreshAsync(app, elsewhere));
        Assert.DoesNotContain("Firefox on Windows", await visit.ReadAsync("/dashboard/account"), StringComparison.Ordinal);

        using (var changed = await PostAsync(visit, page, "password", ("current", DashboardVisit.Password), ("new", "a longer one, of words")))
        {
            Assert.Equal((HttpStatusCode.SeeOther, "/dashboard/account?done=password"), (changed.StatusCode, changed.Headers.Location?.ToString()));
        }

        Assert.Contains("Your password is changed.", await visit.ReadAsync("/dashboard/account?done=password"), StringComparison.Ordinal);
        await LoginAsync(app, Anna, "a longer one, of words", Phone);
    }

    private static Task<HttpResponseMessage> PostAsync(DashboardVisit visit, string page, string path, params (string, string)[] fields) =>
        visit.PostAsync("/dashboard/account/" + path, [("form", DashboardVisit.FormField(page)), .. fields]);

    private static Task<Creator> AddAsync(TestApp app, string email) => app.AddCreatorAsync(email: email, password: DashboardVisit.Password);

    /// <returns>The refresh cookie.</returns>
    private static async Task<string> LoginAsync(TestApp app, string email, string password, string userAgent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/login") { Content = JsonContent.Create(new { email, password }) };
        request.Headers.UserAgent.Clear();
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("bioscope_refresh=", StringComparison.Ordinal)).Split(';')[0];
    }

    private static async Task<HttpStatusCode> RefreshAsync(TestApp app, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/refresh");
        request.Headers.Add("Cookie", cookie);
        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> EndAsync(TestApp app, Creator creator, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/auth/sessions/" + id);
        request.Headers.Authorization = new("Bearer", app.Token(creator));
        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static Task<HttpResponseMessage> ChangeAsync(TestApp app, Creator creator, string currentPassword, string newPassword) =>
        app.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Put, "/api/v1/auth/password")
            {
                Headers = { Authorization = new("Bearer", app.Token(creator)) },
                Content = JsonContent.Create(new { currentPassword, newPassword }),
            },
            TestContext.Current.CancellationToken);
}
