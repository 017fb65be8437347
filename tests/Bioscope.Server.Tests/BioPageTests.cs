using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Bioscope.Server.BioPages;
using Bioscope.Server.Translations;

namespace Bioscope.Server.Tests;

public sealed partial class BioPageTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    [Theory, Engines]
    public async Task A_page_shows_active_links_in_order(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAsync(app, "anna", "Anna Ash", "Pots & pans");
        var other = await AddAsync(app, "other", "Other", null);
        var second = await LinkAsync(app, anna, "Shop", "https://shop.example/?a=1&b=2", 1);
        var first = await LinkAsync(app, anna, "News", "http://www.news.example/", 0);
        await LinkAsync(app, anna, "Hidden", "https://hidden.example/", 2, active: false);
        await LinkAsync(app, other, "Foreign", "https://foreign.example/", 0);

        using var response = await app.GetAsync("/@anna");
        var html = await TextAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            [
                $"""<a href="http://www.news.example/" rel="noopener" data-link="{first}"><span><b><bdi>News</bdi></b><small>news.example</small></span></a>""",
                $"""<a href="https://shop.example/?a=1&amp;b=2" rel="noopener" data-link="{second}"><span><b><bdi>Shop</bdi></b><small>shop.example</small></span></a>""",
            ],
            Anchor().Matches(html).Select(match => match.Value));
        Assert.Contains("<h1>Anna Ash</h1>", html, StringComparison.Ordinal);
        Assert.Contains("<title>Anna Ash (@anna)</title>", html, StringComparison.Ordinal);
        Assert.Contains("""<meta property="og:description" content="Pots &amp; pans">""", html, StringComparison.Ordinal);
        Assert.Contains("""<meta property="og:type" content="profile">""", html, StringComparison.Ordinal);
        Assert.Contains("""data-bioscope-banner hidden""", html, StringComparison.Ordinal);
        Assert.Contains("""data-bioscope-consent="ask" hidden""", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("consent", "ask", true)]
    [InlineData("anonymous", "anonymous", false)]
    public async Task Counting_mode_decides_whether_the_page_has_a_banner(string mode, string consent, bool isAsked)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Counting:Mode", mode));
        await AddAsync(app, "anna", "Anna", null);

        using var response = await app.GetAsync("/@anna");
        var html = await TextAsync(response);

        Assert.Contains($" data-consent=\"{consent}\"></script>", html, StringComparison.Ordinal);
        Assert.Equal(isAsked, html.Contains("May we count this visit?", StringComparison.Ordinal));
        Assert.Equal(isAsked, html.Contains("data-bioscope-consent=\"granted\"", StringComparison.Ordinal));
        Assert.Equal(!isAsked, html.Contains("No cookies, and nothing is stored in your browser.", StringComparison.Ordinal));
        // visitors who do not want to be counted can refuse
        Assert.Contains("data-bioscope-consent=\"denied\"", html, StringComparison.Ordinal);
        // One page in a language for everyone, including the owner, so that shared caches can keep it.
        Assert.Contains("<aside hidden>Your own visits are not counted in this browser.", html, StringComparison.Ordinal);
        Assert.Equal(["Accept-Language"], response.Headers.Vary);
        Assert.DoesNotContain("Set-Cookie", response.Headers.Select(header => header.Key));
    }

    [Theory, Engines]
    public async Task Stored_texts_are_escaped_and_only_web_links_are_shown(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAsync(app, "anna", "</title><script>alert(1)</script>", "\"><img src=x onerror=alert(2)> 'quoted' عربي 🦊");
        await LinkAsync(app, anna, "</b><script>alert(3)</script>", "https://ok.example/\"onmouseover=\"alert(4)", 0);
        var hostile = (string[])["javascript:alert(5)", "java\tscript:alert(5)", " javascript:alert(5)", "data:text/html,x",
            "//evil.example", "https://a@evil.example", "https:evil.example", "x"];
        foreach (var url in hostile)
        {
            await LinkAsync(app, anna, "hostile", url, 1);
        }

        await LinkAsync(app, anna, " ", "https://untitled.example/", 2);

        var html = await TextAsync(await app.GetAsync("/@anna"));

        Assert.Equal(1, html.Split("<script").Length - 1); // ours
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("hostile", html, StringComparison.Ordinal);
        Assert.Contains("<h1>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</h1>", html, StringComparison.Ordinal);
        Assert.Contains("&quot;&gt;&lt;img src=x onerror=alert(2)&gt; &#x27;quoted&#x27; عربي &#x1F98A;", html, StringComparison.Ordinal);
        Assert.Contains("""<a href="https://ok.example/&quot;onmouseover=&quot;alert(4)" rel""", html, StringComparison.Ordinal);
        Assert.Contains("<b><bdi>untitled.example</bdi></b>", html, StringComparison.Ordinal);
        Assert.Equal(2, Anchor().Count(html));
    }

    [Theory, Engines]
    public async Task A_page_without_title_shows_the_handle(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await AddAsync(app, "mia.moves", null, null);

        var html = await TextAsync(await app.GetAsync("/@mia.moves"));

        Assert.Contains("<h1>@mia.moves</h1>", html, StringComparison.Ordinal);
        Assert.Contains("<title>@mia.moves</title>", html, StringComparison.Ordinal);
        Assert.Contains(">MM</span>", html, StringComparison.Ordinal);
        Assert.Contains("No links here yet.", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_content_security_policy_allows_exactly_what_the_page_has()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var pages = new HashSet<string>();
        for (var i = 0; i < 24; i++)
        {
            await AddAsync(app, $"page{i}", "Page", null);
            using var response = await app.GetAsync($"/@page{i}");
            var html = await TextAsync(response);
            var style = html[(html.IndexOf("<style>", StringComparison.Ordinal) + 7)..html.IndexOf("</style>", StringComparison.Ordinal)];
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();

            Assert.Equal(
                $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'; " +
                "img-src data:; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                policy);
            Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("strict-origin-when-cross-origin", response.Headers.GetValues("Referrer-Policy").Single());
            pages.Add(policy);
        }

        Assert.True(pages.Count > 1);
    }

    [Theory]
    [InlineData("consent")]
    [InlineData("anonymous")]
    public async Task A_page_with_ten_links_has_under_10_kilobytes(string mode)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Counting:Mode", mode));
        var anna = await AddAsync(app, "anna", "Anna Ash", "Twenty-minute workouts for small rooms and long days. No jumping, promise.");
        for (var i = 0; i < 10; i++)
        {
            await LinkAsync(
                app, anna, $"A link with a title of usual length, number {i}", $"https://www.example.com/some/path/of/usual/length/{i}", i);
        }

        foreach (var words in Words.All)
        {
            using var response = await AskInAsync(app, "/@anna", words.Tag);
            var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            // A letter of Devanagari has three bytes. What matters is that a page fits the first round trip, which has about 14 KB.
            var max = words.Tag == "hi" ? 10_500 : 10_000;
            Assert.True(bytes.Length > 1_000 && bytes.Length < max, $"{words.Tag}: {bytes.Length} bytes");
        }
    }

    [Theory]
    [InlineData("de-CH, en;q=0.5", "<html lang=\"de\" dir=\"ltr\">", "Dürfen wir diesen Besuch zählen?", "Hier gibt es noch keine Links.")]
    [InlineData("pt", "<html lang=\"pt-BR\" dir=\"ltr\">", "Podemos contar esta visita?", "Ainda não há links por aqui.")]
    [InlineData("ar", "<html lang=\"ar\" dir=\"rtl\">", "هل يمكننا احتساب هذه الزيارة؟", "لا توجد روابط هنا بعد.")]
    [InlineData("nl", "<html lang=\"en\" dir=\"ltr\">", "May we count this visit?", "No links here yet.")]
    public async Task A_page_speaks_the_visitors_language(string accepted, string start, string question, string noLinks)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PublicUrl", "https://links.example"));
        await AddAsync(app, "anna", "Links", "No, thanks");

        using var response = await AskInAsync(app, "/@anna", accepted);
        var html = await TextAsync(response);

        Assert.Contains(start, html, StringComparison.Ordinal);
        Assert.Contains($"<b>{question}</b>", html, StringComparison.Ordinal);
        Assert.Contains($"<p class=\"none\"><bdi>{noLinks}</bdi></p>", html, StringComparison.Ordinal);
        // The creator's own texts stay as they are, and are not said to be in the visitor's language.
        Assert.Contains("<header lang=\"\">", html, StringComparison.Ordinal);
        Assert.Contains("<h1>Links</h1>", html, StringComparison.Ordinal);
        Assert.Contains("<p class=\"about\" dir=\"auto\">No, thanks</p>", html, StringComparison.Ordinal);
        Assert.True(response.Headers.CacheControl?.Public);
        Assert.Equal(["Accept-Language"], response.Headers.Vary);
    }

    [Fact]
    public async Task Error_pages_speak_the_visitors_language()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var missing = await AskInAsync(app, "/@nobody", "ar");
        using var refused = await AskInAsync(app, "/@anna", "de", HttpMethod.Post);

        var page = await TextAsync(missing);
        Assert.Contains("<html lang=\"ar\" dir=\"rtl\">", page, StringComparison.Ordinal);
        Assert.Contains("<h1>الصفحة غير موجودة</h1>", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        // Messages of the API are in English, and marked so.
        Assert.Contains(
            "<h1>Anfrage abgelehnt</h1><p lang=\"en\" dir=\"ltr\">This address does not take that method.</p>",
            await TextAsync(refused),
            StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_cached_pages_token_is_valid_for_four_minutes(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        var anna = await AddAsync(app, "anna", "Anna", null);
        // The last second of a bucket: this token expires sooner than all others.
        app.Clock.Advance(TimeSpan.FromSeconds(299));
        using var response = await app.GetAsync("/@anna");
        var token = Token().Match(await TextAsync(response)).Groups[1].Value;
        Assert.Contains($"data-page=\"{anna.BioPageId}\"", await TextAsync(response), StringComparison.Ordinal);
        Assert.Equal("max-age=60, private", response.Headers.CacheControl?.ToString());

        app.Clock.Advance(BioPageEndpoint.MaxAge + TimeSpan.FromMinutes(4));
        Assert.NotNull(await app.PostSessionAsync(anna, ("trackingToken", token)));

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await app.PostSessionAsync(anna, ("trackingToken", token)));
        Assert.True(BioPageEndpoint.MaxAge < TrackingToken.Bucket);
    }

    [Theory, Engines]
    public async Task Other_spellings_redirect_and_keep_the_query(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await AddAsync(app, "anna", "Anna", null);
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Http.BaseAddress };

        foreach (var path in (string[])["/@Anna?utm_source=x&fbclid=Y%20Z", "/@ANNA?utm_source=x&fbclid=Y%20Z",
            "/@anna/?utm_source=x&fbclid=Y%20Z"])
        {
            using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
            Assert.Equal("/@anna?utm_source=x&fbclid=Y%20Z", response.Headers.Location?.OriginalString);
        }

        using var escaped = await client.GetAsync("/%40anna", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, escaped.StatusCode);
    }

    [Theory]
    [InlineData("/@nobody")]
    [InlineData("/@no%20body")]
    [InlineData("/@%3Cscript%3E")]
    [InlineData("/@%2F%2Fevil.example")]
    [InlineData("/@aaaaaaaaaabbbbbbbbbbccccccccccd")]
    [InlineData("/nothing")]
    public async Task An_unknown_handle_is_html_for_browsers_and_json_otherwise(string path)
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var json = await app.GetAsync(path);
        await json.AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
        Assert.Equal(["Accept"], json.Headers.Vary);

        using var page = await AskAsync(app, path, Browser);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType?.ToString());
        Assert.Equal(["Accept", "Accept-Language"], page.Headers.Vary);
        Assert.True(page.Headers.CacheControl?.NoStore);
        Assert.Contains("<h1>Page not found</h1>", await TextAsync(page), StringComparison.Ordinal);

        using var refused = await AskAsync(app, path, "text/html;q=0, application/json");
        await refused.AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
    }

    [Fact]
    public async Task The_api_answers_browsers_in_json()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);

        using var nothing = await AskAsync(app, "/api/v1/nothing", Browser);
        await nothing.AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", "error.not_found");
        using var report = await AskAsync(app, "/api/v1/creators/bio", Browser);
        await report.AssertErrorAsync(HttpStatusCode.Unauthorized, "AUTH_UNAUTHORIZED", "error.auth.unauthorized");
    }

    [Fact]
    public async Task A_server_error_page_shows_the_correlation_id()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await app.Main.ExecuteAsync("""DROP TABLE "BioLink" """, TestContext.Current.CancellationToken);

        using var response = await AskAsync(app, "/@anna", Browser);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        var html = await TextAsync(response);
        Assert.Contains(response.Headers.GetValues("X-Correlation-Id").Single(), html, StringComparison.Ordinal);
        Assert.DoesNotContain("BioLink", html, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task HEAD_matches_GET_and_other_methods_are_405(EngineKind engine)
    {
        await using var app = await TestApp.StartAsync(engine);
        await AddAsync(app, "anna", "Anna", null);
        using var get = await app.GetAsync("/@anna");

        using var head = await app.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/@anna"), TestContext.Current.CancellationToken);
        using var post = await app.Http.PostAsync("/@anna", null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        await post.AssertErrorAsync(HttpStatusCode.MethodNotAllowed, "METHOD_NOT_ALLOWED", "error.method_not_allowed");
    }

    [Fact]
    public async Task A_page_that_repeats_the_host_header_is_private()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        await AddAsync(app, "anna", "Anna", null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/@anna") { Headers = { Host = "evil.example", } };
        request.Headers.Add("X-Forwarded-Host", "worse.example");

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        var html = await TextAsync(response);
        Assert.True(response.Headers.CacheControl is { Private: true, Public: false });
        Assert.Contains("""<link rel="canonical" href="http://evil.example/@anna">""", html, StringComparison.Ordinal);
        Assert.DoesNotContain("worse", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_names_PublicUrl_whatever_the_Host_header()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite, ("PublicUrl", "https://links.example/"));
        await AddAsync(app, "anna", "Anna", null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/@anna") { Headers = { Host = "evil.example" } };

        using var response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);

        var html = await TextAsync(response);
        Assert.True(response.Headers.CacheControl is { Private: false, Public: true, MaxAge.TotalSeconds: 60 });
        Assert.Contains("""<link rel="canonical" href="https://links.example/@anna">""", html, StringComparison.Ordinal);
        Assert.Contains("""<meta property="og:url" content="https://links.example/@anna">""", html, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Anna Ash", "AA")]
    [InlineData("anna", "A")]
    [InlineData("leo.builds", "LB")]
    [InlineData("Élodie de la Tour", "ÉT")]
    [InlineData("محمد الفنان", "م")]
    [InlineData("山田 太郎", "山")]
    [InlineData("🦊 Foxy", "🦊")]
    [InlineData("👩‍👩‍👧 Family", "👩‍👩‍👧")]
    [InlineData("...", "•")]
    public void Initials_come_from_the_first_and_last_word(string name, string initials) =>
        Assert.Equal(initials, BioPageHtml.Initials(name));

    [Fact]
    public void Every_page_colour_has_enough_contrast()
    {
        foreach (var scheme in PageColour.Palettes)
        {
            var (ground, glow, card, ink, quiet, accent, onAccent) = scheme.Split(' ') is [var a, var b, var c, var d, var e, var f,
                var g] ? (a, b, c, d, e, f, g) : default;
            foreach (var (text, under) in (List<(string, string)>)[(ink, ground), (ink, glow), (ink, card), (quiet, ground), (quiet, glow),
                (quiet, card), (accent, card), (onAccent, accent)])
            {
                Assert.True(Contrast(text, under) >= 4.5, $"{text} on {under}: {Contrast(text, under):F2}");
            }
        }

        static double Contrast(string one, string other)
        {
            var (light, dark) = (Math.Max(Luminance(one), Luminance(other)), Math.Min(Luminance(one), Luminance(other)));
            return (light + 0.05) / (dark + 0.05);
        }

        static double Luminance(string colour)
        {
            var parts = Convert.FromHexString(colour.AsSpan(1)).Select(part => part / 255.0)
                .Select(part => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4)).ToArray();
            return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
        }
    }

    private static async Task<Creator> AddAsync(TestApp app, string handle, string? title, string? description)
    {
        var creator = await app.AddCreatorAsync();
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = @handle, "title" = @title, "description" = @description WHERE "id" = @page""",
            TestContext.Current.CancellationToken,
            ("@handle", handle), ("@title", title), ("@description", description), ("@page", creator.BioPageId));
        return creator;
    }

    private static async Task<Guid> LinkAsync(TestApp app, Creator creator, string title, string url, int position, bool active = true)
    {
        var link = new BioLinkRow(Guid.NewGuid(), creator.BioPageId, title, url) { Position = position, Active = active };
        await app.Main.InsertAsync(BioLinkRow.Table, [link], TestContext.Current.CancellationToken);
        return link.Id;
    }

    private static Task<HttpResponseMessage> AskAsync(TestApp app, string path, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> AskInAsync(TestApp app, string path, string languages, HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, path) { Headers = { { "Accept", Browser } } };
        request.Headers.Add("Accept-Language", languages);
        return app.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<string> TextAsync(HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    [GeneratedRegex("<a .*?</a>")]
    private static partial Regex Anchor();

    [GeneratedRegex("data-token=\"([0-9a-f]{32})\"")]
    private static partial Regex Token();
}
