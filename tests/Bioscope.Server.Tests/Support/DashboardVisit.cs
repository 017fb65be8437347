using System.Net;
using System.Text.RegularExpressions;
using Bioscope.Engine.Creators;

namespace Bioscope.Server.Tests.Support;

/// <summary>A creator's browser on the dashboard: keeps cookies, does not follow redirects, and reads the pages.</summary>
internal sealed partial class DashboardVisit : IDisposable
{
    public const string Password = "correct horse battery";

    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.All };

    public DashboardVisit(TestApp app)
        : this(app.Http.BaseAddress!)
    {
    }

    public DashboardVisit(Uri server)
    {
        Http = new HttpClient(_handler) { BaseAddress = server };
        Http.DefaultRequestHeaders.UserAgent.ParseAdd(TestApp.Phone);
        Http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public HttpClient Http { get; }

    /// <summary>The cookies that the browser sends to the dashboard.</summary>
    public CookieCollection Cookies => _handler.CookieContainer.GetCookies(new Uri(Http.BaseAddress!, "/dashboard"));

    /// <summary>What the browser sends to a path in the header <c>Cookie</c>.</summary>
    public string CookieOf(string path) => _handler.CookieContainer.GetCookieHeader(new Uri(Http.BaseAddress!, path));

    /// <summary>A creator with an e-mail address, and its browser after signing in.</summary>
    public static async Task<(DashboardVisit Visit, Creator Creator)> StartAsync(TestApp app, string email = "anna@example.com")
    {
        var creator = await app.AddCreatorAsync(email, Password);
        return (await SignedInAsync(app, email), creator);
    }

    public static async Task<DashboardVisit> SignedInAsync(TestApp app, string email)
    {
        var visit = new DashboardVisit(app);
        using var answer = await visit.SignInAsync(email, Password);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/dashboard", answer.Headers.Location?.ToString());
        return visit;
    }

    /// <summary>Opens the form and submits it.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string email, string password)
    {
        var field = FormField(await ReadAsync("/dashboard/sign-in"));
        return await PostAsync("/dashboard/sign-in", ("form", field), ("email", email), ("password", password));
    }

    /// <summary>Submits a form. A refusal that has no template, and so no translation, fails the test.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        var answer = await Http.PostAsync(
            path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
            TestContext.Current.CancellationToken);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.True(!page.Contains('\u2066', StringComparison.Ordinal), "no template: " + page[(page.IndexOf('\u2066', StringComparison.Ordinal) + 1)..].Split('\u2069')[0]);
        return answer;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(path, TestContext.Current.CancellationToken);

    /// <summary>The text of an existing page.</summary>
    public async Task<string> ReadAsync(string path)
    {
        using var answer = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The hidden field of a page's form.</summary>
    public static string FormField(string page) => FormPattern().Match(page).Groups[1].Value;

    /// <summary>The text of the element with an attribute as a reader sees it: without markup, with white space collapsed.</summary>
    public static string TextOf(string page, string attribute)
    {
        var start = page.IndexOf(attribute, StringComparison.Ordinal);
        Assert.True(start >= 0, $"no {attribute}");
        start = page.LastIndexOf('<', start);
        var name = page[(start + 1)..page.IndexOfAny([' ', '>'], start)];
        var (at, depth) = (start, 0);
        do
        {
            var open = page.IndexOf("<" + name, at + 1, StringComparison.Ordinal);
            var close = page.IndexOf("</" + name, at + 1, StringComparison.Ordinal);
            (at, depth) = open >= 0 && open < close ? (open, depth + 1) : (close, depth - 1);
        }
        while (depth >= 0);
        return WebUtility.HtmlDecode(Blanks().Replace(Tag().Replace(page[start..at], " "), " ")).Trim();
    }

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }

    [GeneratedRegex("name=\"form\" value=\"([0-9a-f]+)\"")]
    private static partial Regex FormPattern();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
