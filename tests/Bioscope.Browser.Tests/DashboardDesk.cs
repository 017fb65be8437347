using Bioscope.Engine.Creators;
using Bioscope.Engine.Rows;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>A creator with data and a browser.</summary>
internal static class DashboardDesk
{
    public const string Email = "anna@example.com";
    public const string Password = "correct horse battery";

    public static BrowserNewContextOptions Options(
        int width = 390, ColorScheme scheme = ColorScheme.Light, bool javaScript = true, string locale = "en-GB") => new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            Locale = locale,
            ColorScheme = scheme,
            JavaScriptEnabled = javaScript,
            ReducedMotion = ReducedMotion.Reduce,
        };

    /// <summary>A creator with a page, a time zone, links and two months of visits.</summary>
    public static async Task<Creator> AddCreatorAsync(TestApp app)
    {
        var creator = await app.AddCreatorAsync(Email, Password);
        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "handle" = 'anna', "title" = 'Anna Berg', "timeZone" = 'UTC' WHERE "id" = @page""",
            TestContext.Current.CancellationToken, ("@page", creator.BioPageId));
        var links = new[] { await app.AddLinkAsync(creator, "Shop", "https://shop.example/"),
            await app.AddLinkAsync(creator, "متجري", "https://shop.example/ar") };
        string?[] sources = ["l.instagram.com", "tiktok.com", null, "instagram.com", "google.de", "netflix.com", "t.co",
            "com.instagram.android", new string('a', 60) + ".example"];
        string?[] countries = ["Germany", "Brazil", "United States", null, "India", "Côte d’Ivoire", "Japan", "France", "Spain", "Italy",
            "Kenya"];
        string?[] devices = ["mobile", "mobile", "desktop", "tablet", null];
        // All at once: 480 transactions would take seconds.
        var (sessions, views) = (new List<SessionRow>(), new List<PageViewRow>());
        for (var i = 0; i < 120; i++)
        {
            var at = app.Clock.GetUtcNow().AddHours(-12 * i).AddMinutes(-40);
            SessionRow Session(string visitor) =>
                new() { BioPageId = creator.BioPageId, Id = Guid.NewGuid(), VisitorId = visitor, StartedAt = at };
            var source = sources[i % sources.Length];
            sessions.AddRange(Enumerable.Range(0, 1 + (i % 4)).Select(_ => Session("visitor") with { ReferrerDomain = source }));
            sessions.Add(Session($"visitor {i % 30}") with
            {
                Country = countries[i % countries.Length],
                Device = devices[i % devices.Length],
                Duration = i % 90,
                PageViews = 1 + (i % 3),
            });
            PageViewRow View(Guid? link) =>
                new() { BioPageId = creator.BioPageId, Id = Guid.NewGuid(), SessionId = Guid.NewGuid(), EnteredAt = at, LinkClicked = link };
            views.AddRange(Enumerable.Range(0, 3 + (i % 11)).Select(_ => View(null)));
            views.AddRange(Enumerable.Range(0, 1 + (i % 3)).Select(_ => View(links[i % 2].Id)));
        }

        await app.Analytics.InsertAsync(SessionRow.Table, sessions, TestContext.Current.CancellationToken);
        await app.Analytics.InsertAsync(PageViewRow.Table, views, TestContext.Current.CancellationToken);
        var today = new DateTimeOffset(app.Clock.GetUtcNow().Date, TimeSpan.Zero);
        var drops = Enum.GetValues<DropReason>().Select(
            (reason, i) => new PageDrop(creator.BioPageId, today, PageDrop.NameOf(reason), 10 + (i * i * i)));
        await app.Analytics.InsertAsync(PageDrop.Table, [.. drops], TestContext.Current.CancellationToken);
        return creator;
    }

    public static async Task SignInAsync(this Visitor creator, TestApp app)
    {
        await creator.Page.GotoAsync(Site.Origin(app) + "/dashboard");
        await creator.Page.FillAsync("#email", Email);
        await creator.Page.FillAsync("#password", Password);
        await creator.Page.ClickAsync("button");
        await creator.Page.WaitForURLAsync("**/dashboard");
    }

    /// <summary>The text of each element, with white space collapsed.</summary>
    public static Task<string[]> TextsAsync(this IPage page, string selector) => page.EvaluateAsync<string[]>(
        """
        selector => [...document.querySelectorAll(selector)].map(element => {
          const copy = element.cloneNode(true);
          copy.querySelectorAll('[aria-hidden]').forEach(hidden => hidden.remove());
          return copy.textContent.replace(/\s+/g, ' ').trim();
        })
        """,
        selector);

    /// <summary>By how many pixels the page is wider than the window.</summary>
    public static Task<int> OverflowAsync(this IPage page) =>
        page.EvaluateAsync<int>("() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth");
}
