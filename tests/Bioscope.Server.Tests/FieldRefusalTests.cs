using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests;

/// <summary>The server that all cases of <see cref="FieldRefusalTests"/> ask.</summary>
public sealed class FieldRefusalServer : IAsyncLifetime
{
    internal TestApp App { get; private set; } = null!;

    internal Creator Anna { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        App = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Enabled", "false"), ("Accounts:SignUp", "invite"));
        Anna = await App.AddCreatorAsync("anna@example.com", DashboardVisit.Password);
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

/// <summary>
/// What each field of a body takes: the sentence that names it when it does not, at both sides of its bounds. Nothing that is refused is
/// stored.
/// </summary>
public sealed class FieldRefusalTests(FieldRefusalServer server) : IClassFixture<FieldRefusalServer>
{
    private const string Creators = "/api/v1/creators/", Auth = "/api/v1/auth/";
    private const string Roles = "role must be viewer or editor";
    private const string Events = "events must be some of report.weekly, report.monthly, visits.spike, visits.drop";
    private const string Site = "origin must be the address of a web site, such as https://shop.example";
    private const string WebAddress = "url must be a web address that starts with http:// or https://, without a user name in it";
    private const string Slug = "slug must be ";
    private const string Mails = """{"weekly":true,"monthly":false,"spikes":true,"drops":false""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST webhooks", """{}""", "url is required|" + Events)]
    [InlineData("POST webhooks", """{"url":"","events":["visits.spike"]}""", "url must have 1 to 2147483647 characters")]
    [InlineData("POST webhooks", """{"url":"https://","events":["visits.spike"]}""", "url must be a web address, such as https://hooks.example/bioscope")]
    [InlineData("POST webhooks", """{"url":"https://hooks.example","events":["visits.spike","visits"]}""", Events)]
    [InlineData("POST webhooks", """{"url":"https://hooks.example","events":"visits.spike"}""", "events must be ")]
    [InlineData("POST webhooks", """{"url":"https://hooks.example","events":[1]}""", "events must contain only well-formed strings|" + Events)]
    [InlineData("PUT mails", Mails + "}", "")]
    [InlineData("PUT mails", """{}""", "weekly is required|monthly is required|spikes is required|drops is required")]
    [InlineData("PUT mails", """{"weekly":1,"monthly":"yes","spikes":null,"drops":false}""", "weekly must be ")]
    [InlineData("PUT mails", Mails + ""","times":1}""", "times must be at least 2")]
    [InlineData("PUT mails", Mails + ""","times":2,"minVisits":1}""", "")]
    [InlineData("PUT mails", Mails + ""","times":100,"minVisits":1000000}""", "")]
    [InlineData("PUT mails", Mails + ""","times":101}""", "times must be ")]
    [InlineData("PUT mails", Mails + ""","minVisits":0}""", "minVisits must be at least 1")]
    [InlineData("PUT mails", Mails + ""","minVisits":1000001}""", "minVisits must be ")]
    [InlineData("PUT mails", Mails + ""","times":1.9}""", "times must be at least 2")] // a fraction is dropped
    [InlineData("PUT mails", Mails + ""","times":"2"}""", "times must be a number from 0 to 100")]
    [InlineData("PUT mails", Mails + ""","language":"xx"}""", "language must be one of en, es, pt-BR, fr, de, tr, id, ja, hi, ar")]
    [InlineData("PUT mails", Mails + ""","language":"PT-br"}""", "language must be one of ")]
    [InlineData("PUT mails", Mails + ""","language":"pt-BR"}""", "")]
    [InlineData("POST team/invitations", """{}""", "role is required")]
    [InlineData("POST team/invitations", """{"role":"owner"}""", Roles)]
    [InlineData("POST team/invitations", """{"role":"Viewer"}""", Roles)]
    [InlineData("POST team/invitations", """{"role":"","email":"ben@example.com"}""", "role must have 1 to 20 characters")]
    [InlineData("POST team/invitations", """{"role":"viewer","email":"ben"}""", "email must be an e-mail address")]
    [InlineData("POST team/invitations", """{"role":"viewer","email":"Ben <ben@example.com>"}""", "email must be an e-mail address")]
    [InlineData("POST team/invitations", """{"role":"viewer","email":"ben@example.com, eve@example.com"}""", "email must be an e-mail address")]
    [InlineData("POST team/invitations", """{"role":"x","email":"ben"}""", "email must be an e-mail address|" + Roles)]
    [InlineData("PUT team/members/00000000-0000-4000-8000-000000000000", """{"role":"owner"}""", Roles)]
    [InlineData("POST team/join", """{}""", "token is required")]
    [InlineData("POST team/join", """{"token":""}""", "token must have 1 to 100 characters")]
    [InlineData("POST team/join", """{"token":"x"}""", "this invitation was used or revoked, or it has expired")]
    [InlineData("POST keys", """{"name":" "}""", "name is required")]
    [InlineData("POST keys", """{"name":"a\nb"}""", "name must not contain control characters")]
    [InlineData("POST bio/sites", """{}""", "origin is required")]
    [InlineData("POST bio/sites", """{"origin":" "}""", Site)]
    [InlineData("POST bio/sites", """{"origin":"ftp://shop.example"}""", Site)]
    [InlineData("POST bio/sites", """{"origin":"https://"}""", Site)]
    [InlineData("POST bio/placements", """{}""", "slug is required|source is required|label is required")]
    [InlineData("POST bio/placements", """{"slug":"","source":"Instagram","label":"Story"}""", Slug)]
    [InlineData("POST bio/placements", """{"slug":"A b","source":"Instagram","label":"Story"}""", Slug)]
    [InlineData("POST bio/placements", """{"slug":7,"source":"Instagram","label":"Story"}""", "slug must be a string")]
    [InlineData("POST bio/links", """{}""", "title is required|url is required")]
    [InlineData("POST bio/links", """{"title":"x","url":"   "}""", WebAddress)]
    [InlineData("POST bio/links", """{"title":"x","url":"javascript:alert(1)"}""", WebAddress)]
    [InlineData("POST bio/links", """{"title":"x","url":"https://anna@shop.example"}""", WebAddress)]
    [InlineData("POST bio/links", """{"title":"x","heading":true,"url":"https://shop.example"}""", "url must be absent for a heading")]
    [InlineData("POST bio/links", """{"title":"x","heading":true,"pinned":true}""", "pinned must be false for a heading")]
    [InlineData("POST bio/links", """{"title":"x","url":"https://shop.example","active":"yes"}""", "active must be ")]
    [InlineData("POST bio/links", """{"title":"x","url":"https://shop.example","startsAt":"2026-05-01T00:00Z","endsAt":"2026-05-01T00:00Z"}""", "endsAt must be after startsAt")]
    [InlineData("POST bio/links", """{"title":"x","url":"https://shop.example","startsAt":"2026-05-01T02:00+02:00","endsAt":"2026-05-01T00:00:00Z"}""", "endsAt must be after startsAt")]
    [InlineData("POST bio/links", """{"title":"x","url":"https://shop.example","endsAt":"tomorrow"}""", "endsAt must be ")]
    [InlineData("PUT bio/links/order", """{}""", "ids ")]
    [InlineData("PUT bio/links/order", """{"ids":["00000000-0000-4000-8000-000000000000"]}""", "ids must name every link of the page once, and no other")]
    [InlineData("PUT bio", """{"handle":"A*"}""", "handle must be 1 to 30 letters a-z, digits, '.', '_' or '-'")]
    [InlineData("PUT bio", """{"theme":"neon"}""", "theme must be ")]
    [InlineData("PUT bio", """{"colour":"#12345"}""", "colour must be ")]
    [InlineData("PUT bio", """{"font":"comic"}""", "font must be ")]
    [InlineData("PUT bio", """{"icons":["ftp://x.example"]}""", "icons ")]
    [InlineData("PUT bio", """{"published":1}""", "published must be ")]
    [InlineData("PUT bio", """{"title":"a\u0007b","description":"a\u0007b"}""", "title must not contain control characters|description must not contain control characters")]
    [InlineData("POST data/erase", """{}""", "password is wrong")]
    [InlineData("POST data/erase", """{"password":"wrong","confirm":"x"}""", "password is wrong")]
    [InlineData("POST analytics/shared-views", """{"title":"x","embedOrigins":["https://a.example;b"]}""", "embedOrigins must be addresses of web sites, such as https://blog.example")]
    [InlineData("POST analytics/shared-views", """{"title":"x","question":{"compare":["2026-01-01","2026-01-02"]}}""", "question.compare must be previous, lastYear or null")]
    [InlineData("POST analytics/shared-views", """{"title":"x","question":{"timeZone":"Berlin"}}""", "question.timeZone must be the name of an IANA time zone, such as Europe/Berlin or UTC")]
    [InlineData("POST analytics/shared-views", """{"title":"x","link":"00000000-0000-4000-8000-000000000000"}""", "link must be a link of your page")]
    [InlineData("POST analytics/shared-views", """{"title":"x","link":"shop"}""", "link must be a UUID")]
    [InlineData("POST analytics/shared-views", """{"title":"x","password":"password1"}""", "password is too common and easy to guess; choose another")]
    [InlineData("PUT analytics/rules/referrer-spam", """{}""", "hide")]
    public async Task Each_field_names_what_it_takes(string route, string body, string expected)
    {
        using var answer = await SendAsync(Creators, route, body);

        if (expected.Length == 0)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return;
        }

        var details = (await answer.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details();
        var sentences = expected.Split('|');
        Assert.True(
            details.Length >= sentences.Length && sentences.Zip(details).All(pair => pair.Second.StartsWith(pair.First, StringComparison.Ordinal)),
            string.Join('|', details));
    }

    [Theory]
    [InlineData("POST login", """{"email":"anna@example.com"}""", "password is required")]
    [InlineData("POST login", """{"email":"","password":"x"}""", "email must have 1 to ")]
    [InlineData("PUT email", """{"email":"a b@example.com","password":"x"}""", "email must be an e-mail address")]
    [InlineData("PUT email", """{"password":"x"}""", "email is required")]
    [InlineData("POST email/confirm", """{"token":"x"}""", "this link does not work any more; ask for a new one on your account's page")]
    [InlineData("POST password/reset", """{"token":"x","newPassword":"correct horse battery"}""", "this link does not work any more; ask for a new one")]
    [InlineData("POST password/reset", """{"token":"x","newPassword":"1234567"}""", "newPassword must have 8 to 1000 characters")]
    [InlineData("PUT password", """{}""", "")]
    [InlineData("POST second-factor", """{"password":"wrong"}""", "password is wrong")]
    [InlineData("PUT second-factor", """{}""", "")]
    [InlineData("POST second-factor/off", """{"password":"wrong","code":"123456"}""", "password or code is wrong")]
    [InlineData("POST sign-up/link", """{"email":"x"}""", "")]
    public async Task Each_field_of_an_account_names_what_it_takes(string route, string body, string expected)
    {
        using var answer = await SendAsync(Auth, route, body);

        // Without mail no address is confirmed and no account opened, whatever the body says.
        if (route is "PUT email" && answer.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            return;
        }

        var details = (await answer.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details();
        Assert.StartsWith(expected, Assert.Single(expected.Length == 0 ? details[..1] : details), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE webhooks/", "WEBHOOK_NOT_FOUND", "error.creator.webhook_not_found")]
    [InlineData("POST webhooks/{id}/test", "WEBHOOK_NOT_FOUND", "error.creator.webhook_not_found")]
    [InlineData("GET webhooks/{id}/deliveries", "WEBHOOK_NOT_FOUND", "error.creator.webhook_not_found")]
    [InlineData("DELETE keys/", "KEY_NOT_FOUND", "error.creator.key_not_found")]
    [InlineData("DELETE bio/sites/", "SITE_NOT_FOUND", "error.creator.site_not_found")]
    [InlineData("GET bio/placements/", "PLACEMENT_NOT_FOUND", "error.creator.placement_not_found")]
    [InlineData("DELETE bio/placements/", "PLACEMENT_NOT_FOUND", "error.creator.placement_not_found")]
    [InlineData("GET bio/links/", "LINK_NOT_FOUND", "error.creator.link_not_found")]
    [InlineData("DELETE bio/links/", "LINK_NOT_FOUND", "error.creator.link_not_found")]
    [InlineData("POST bio/links/{id}/restore", "LINK_NOT_FOUND", "error.creator.link_not_found")]
    [InlineData("DELETE team/members/", "MEMBER_NOT_FOUND", "error.creator.member_not_found")]
    [InlineData("DELETE team/invitations/", "MEMBER_NOT_FOUND", "error.creator.member_not_found")]
    [InlineData("DELETE team/memberships/", "MEMBER_NOT_FOUND", "error.creator.member_not_found")]
    [InlineData("DELETE analytics/shared-views/", "SHARED_VIEW_NOT_FOUND", "error.creator.shared_view_not_found")]
    [InlineData("PUT analytics/shared-views/{id}/proof", "SHARED_VIEW_NOT_FOUND", "error.creator.shared_view_not_found")]
    public async Task An_id_that_is_none_is_not_found_like_an_unknown_one(string route, string code, string key)
    {
        foreach (var id in (string[])["00000000-0000-4000-8000-000000000000", "x", "00000000000040008000000000000000", "%7B00000000-0000-4000-8000-000000000000%7D", "1%20OR%201=1"])
        {
            using var answer = await SendAsync(
                Creators, route.Contains("{id}", StringComparison.Ordinal) ? route.Replace("{id}", id, StringComparison.Ordinal) : route + id, null);
            Assert.Equal((id, HttpStatusCode.NotFound), (id, answer.StatusCode));
            await answer.AssertErrorAsync(HttpStatusCode.NotFound, code, key);
        }
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_refused_not_cut()
    {
        foreach (var (route, body, detail) in ((string, string, string)[])[
            ("POST keys", $$"""{"name":"{{new string('x', 101)}}"}""", "name must have at most 100 characters"),
            ("POST bio/links", $$"""{"title":"{{new string('x', 101)}}","url":"https://shop.example"}""", "title must have at most 100 characters"),
            ("POST bio/links", $$"""{"title":"x","url":"https://shop.example/{{new string('x', 2048)}}"}""", "url must have 1 to 2048 characters"),
            ("POST webhooks", $$"""{"url":"https://hooks.example/{{new string('x', 2027)}}","events":["visits.drop"]}""", "url must have at most 2048 characters"),
            ("PUT bio", $$"""{"description":"{{new string('x', 501)}}"}""", "description must have at most 500 characters"),
            ("POST analytics/shared-views", $$"""{"title":"x","embedOrigins":[{{string.Join(',', Enumerable.Range(0, 11).Select(i => $"\"https://{i}.example\""))}}]}""", "embedOrigins must be at most 10 sites"),
            // Cut to 255 characters it would be somebody else's address.
            ("POST team/invitations", $$"""{"role":"viewer","email":"{{new string('x', 244)}}@example.com"}""", "email must be an e-mail address"),
            ("POST team/join", $$"""{"token":"{{new string('x', 101)}}"}""", "token must have 1 to 100 characters")])
        {
            using var answer = await SendAsync(Creators, route, body);
            Assert.Equal((route, HttpStatusCode.BadRequest), (route, answer.StatusCode));
            Assert.Equal(
                [detail], (await answer.AssertErrorAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR", "error.validation")).Details());
        }
    }

    [Fact]
    public async Task A_site_is_counted_once_in_every_spelling()
    {
        using var added = await SendAsync(Creators, "POST bio/sites", """{"origin":"https://shop.example/start?x"}""");
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        foreach (var origin in (string[])["https://SHOP.example", "https://shop.example:443/", "http://shop.example", "https://www.shop.example"])
        {
            using var again = await SendAsync(Creators, "POST bio/sites", $$"""{"origin":"{{origin}}"}""");
            Assert.Equal((origin, HttpStatusCode.Conflict), (origin, again.StatusCode));
            Assert.Equal(
                ["https://shop.example is counted already"],
                (await again.AssertErrorAsync(HttpStatusCode.Conflict, "CONFLICT", "error.conflict")).Details());
        }
    }

    [Fact]
    public async Task A_token_that_names_no_user_of_ours_gets_refusals_not_failures()
    {
        foreach (var (route, body, status) in ((string, string?, HttpStatusCode)[])[
            ("GET pages", null, HttpStatusCode.OK), ("POST team/join", """{"token":"x"}""", HttpStatusCode.BadRequest), ("GET keys", null, HttpStatusCode.NotFound),
            ("GET bio", null, HttpStatusCode.NotFound), ("GET mails", null, HttpStatusCode.NotFound), ("GET team", null, HttpStatusCode.NotFound),
            ("DELETE team/memberships/00000000-0000-4000-8000-000000000000", null, HttpStatusCode.NotFound),
            ("POST data/erase", """{"confirm":"auth0|anna"}""", HttpStatusCode.BadRequest)])
        {
            using var answer = await SendAsync(Creators, route, body, server.App.Token("auth0|anna"));
            Assert.Equal((route, status), (route, answer.StatusCode));
        }
    }

    [Theory]
    [InlineData("!")]
    [InlineData("%20")]
    [InlineData("%C3%A9")]
    [InlineData("=")]
    [InlineData("A")]
    public async Task A_link_of_any_characters_is_an_unknown_link(string character)
    {
        foreach (var path in (string[])["/s/{0}", "/s/{0}/proof.json", "/s/{0}/picture.png", "/dashboard/unsubscribe/weekly/{0}", "/dashboard/join/{0}", "/dashboard/reset/{0}"])
        {
            foreach (var length in (int[])[1, 43, 64])
            {
                using var answer = await server.App.GetAsync(path.Replace("{0}", string.Concat(Enumerable.Repeat(character, length)), StringComparison.Ordinal));
                Assert.True((int)answer.StatusCode < 500, $"{path} of {length} times '{character}': {answer.StatusCode}");
            }
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string root, string route, string? body, string? token = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), root + route.Split(' ')[1]);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? server.App.Token(server.Anna));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await server.App.Http.SendAsync(request, Cancelled);
    }
}
