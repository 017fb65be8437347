using Bioscope.Engine.Sealing;
using Bioscope.Server.Demo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>
/// Checks the demo's dashboards. With <c>BIOSCOPE_PICTURES=1</c> it also renews the pictures in <c>docs/dashboard</c>, and prints how
/// fast the page appears on a slow phone: <c>dotnet run -c Release --project tests/Bioscope.Browser.Tests -- -class "*DashboardPictures"
/// -diagnostics</c>.
/// </summary>
public sealed class DashboardPictures(Browser browser)
{
    private static readonly bool IsAsked = Environment.GetEnvironmentVariable("BIOSCOPE_PICTURES") == "1";
    private static readonly string Folder = Path.Combine(RepositoryRoot(), "docs", "dashboard");

    [Fact]
    public async Task The_demos_dashboards_are_light_stable_and_fit_the_screen()
    {
        await using var app = await StartDemoAsync();
        await LookAsync(app, "phone", DemoCreators.All[0], Options(390, 844, ColorScheme.Light), "/dashboard");
        await LookAsync(app, "phone-dark", DemoCreators.All[2], Options(390, 844, ColorScheme.Dark), "/dashboard?range=90d");
        await LookAsync(app, "desktop", DemoCreators.All[0], Options(1440, 1000, ColorScheme.Light), "/dashboard");
        await LookAsync(
            app, "desktop-dark", DemoCreators.All[1], Options(1440, 1000, ColorScheme.Dark), "/dashboard?range=365d", whole: true);
    }

    /// <summary>A page arrives in pieces, and the letter may be in the next one.</summary>
    [Fact]
    public async Task A_tile_stands_in_its_place_before_its_letter_is_there()
    {
        await using var app = await TestApp.StartAsync(EngineKind.Sqlite);
        var creator = await app.AddCreatorAsync(DashboardDesk.Email, DashboardDesk.Password);
        await app.PostSessionAsync(creator, ("referrer", "https://letters.example/"));
        await using var desk = await browser.NewVisitorAsync(DashboardDesk.Options());
        await desk.SignInAsync(app);

        var moved = await desk.Page.EvaluateAsync<double>(
            """
            () => {
              const tile = document.querySelector('.lead h1 .letter'), before = tile.getBoundingClientRect().y;
              tile.textContent = '';
              return tile.getBoundingClientRect().y - before;
            }
            """);

        Assert.Equal(0, moved);
    }

    private static BrowserNewContextOptions Options(int width, int height, ColorScheme scheme) => new()
    {
        ViewportSize = new() { Width = width, Height = height },
        DeviceScaleFactor = width < 600 ? 2 : 1,
        IsMobile = width < 600,
        HasTouch = width < 600,
        ColorScheme = scheme,
        Locale = "en-GB",
        ReducedMotion = ReducedMotion.Reduce,
    };

    private static async Task<TestApp> StartDemoAsync()
    {
        var app = await TestApp.StartAsync(EngineKind.Sqlite, ("Throttle:Login", "100"));
        await new DemoData(app.Main, app.Analytics, app.Clock).MakeAsync(_ => { }, TestContext.Current.CancellationToken);
        await app.Services.GetRequiredService<DemoLogins>().SetAsync(TestContext.Current.CancellationToken);
        // As a server does by itself after a few seconds.
        await Fence.MoveAsync(app.Analytics, app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        foreach (var creator in DemoCreators.All)
        {
            await new Sealer(app.Analytics).SealAsync(
                creator.BioPageId, (await Fence.ReadAsync(app.Analytics, TestContext.Current.CancellationToken))!.Value,
                TestContext.Current.CancellationToken);
        }

        return app;
    }

    private static async Task SignInAsync(TestApp app, Visitor desk, DemoCreator creator) =>
        await desk.Page.GotoAsync(
            Site.Origin(app) + Server.Dashboard.DemoSignIn.AddressOf(creator, app.Services.GetRequiredService<DemoLogins>()));

    private async Task LookAsync(
        TestApp app, string name, DemoCreator creator, BrowserNewContextOptions options, string path, bool whole = false)
    {
        await using var desk = await browser.NewVisitorAsync(options);
        await SignInAsync(app, desk, creator);
        await desk.Page.GotoAsync(Site.Origin(app) + path, new() { WaitUntil = WaitUntilState.Load });
        Assert.True(await desk.Page.OverflowAsync() <= 0);
        if (IsAsked)
        {
            await desk.Page.ScreenshotAsync(new() { Path = Path.Combine(Folder, name + ".png"), FullPage = whole });
        }

        var views = new List<FirstView>();
        while (views.Count < (IsAsked ? 5 : 1))
        {
            views.Add(await FirstView.OfAsync(desk, Site.Origin(app) + path, slow: true));
        }

        TestContext.Current.SendDiagnosticMessage(
            $"{name}: {views[0].Bytes} bytes; first contentful paint, slow 4G, a quarter of the processor: " +
            $"{string.Join(", ", views.Select(view => view.FirstContentfulPaintMs).Order().Select(paint => $"{paint:F0}"))} ms");
        Assert.All(views, view => Assert.InRange(view.Bytes, 10_000, 60_000));
        Assert.All(views, view => Assert.Equal(0, view.LayoutShift));
        desk.AssertNoComplaint();
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Bioscope.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
