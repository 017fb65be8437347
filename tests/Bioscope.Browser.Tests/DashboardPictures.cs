using Bioscope.Server.Demo;
using Bioscope.Server.Rollups;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>
/// Looks at the demo's dashboards, on request only: <c>dotnet run --project tests/Bioscope.Browser.Tests -- -explicit only -diagnostics</c>
/// renews the pictures in <c>docs/dashboard</c> and says how soon something is seen on a slow phone.
/// </summary>
public sealed class DashboardPictures(Browser browser)
{
    private static readonly string Folder = Path.Combine(RepositoryRoot(), "docs", "dashboard");

    [Fact(Explicit = true)]
    public async Task Pictures_of_the_demo_for_the_readme()
    {
        await using var app = await StartDemoAsync();
        await TakeAsync(app, "phone", DemoCreators.All[0], Options(390, 844, ColorScheme.Light), "/dashboard");
        await TakeAsync(app, "phone-dark", DemoCreators.All[2], Options(390, 844, ColorScheme.Dark), "/dashboard?days=90");
        await TakeAsync(app, "desktop", DemoCreators.All[0], Options(1440, 1000, ColorScheme.Light), "/dashboard");
        await TakeAsync(app, "desktop-dark", DemoCreators.All[1], Options(1440, 1000, ColorScheme.Dark), "/dashboard?days=365", whole: true);
    }

    [Fact(Explicit = true)]
    public async Task First_contentful_paint_on_a_mid_range_phone_with_slow_4G()
    {
        await using var app = await StartDemoAsync();
        foreach (var path in (string[])["/dashboard", "/dashboard?days=365"])
        {
            var paints = new List<double>();
            for (var i = 0; i < 5; i++)
            {
                await using var desk = await browser.NewVisitorAsync(Options(412, 823, ColorScheme.Light));
                await SignInAsync(app, desk, DemoCreators.All[0]);
                paints.Add((await FirstView.OfAsync(desk, Site.Origin(app) + path, slow: true)).FirstContentfulPaintMs);
            }

            TestContext.Current.SendDiagnosticMessage($"{path}: first contentful paint after {paints.Order().ElementAt(2):F0} ms, median of 5 ({string.Join(", ", paints.Select(paint => $"{paint:F0}"))})");
        }
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
        // As a server has done by itself some seconds later.
        await Fence.MoveAsync(app.Analytics, app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        foreach (var creator in DemoCreators.All)
        {
            await new Sealer(app.Analytics).SealAsync(
                creator.BioPageId, (await Fence.ReadAsync(app.Analytics, TestContext.Current.CancellationToken))!.Value, TestContext.Current.CancellationToken);
        }

        return app;
    }

    private static async Task SignInAsync(TestApp app, Visitor desk, DemoCreator creator) =>
        await desk.Page.GotoAsync(Site.Origin(app) + Server.Dashboard.DemoSignIn.AddressOf(creator, app.Services.GetRequiredService<DemoLogins>()));

    private async Task TakeAsync(TestApp app, string name, DemoCreator creator, BrowserNewContextOptions options, string path, bool whole = false)
    {
        await using var desk = await browser.NewVisitorAsync(options);
        await SignInAsync(app, desk, creator);
        await desk.Page.GotoAsync(Site.Origin(app) + path, new() { WaitUntil = WaitUntilState.Load });
        await desk.Page.ScreenshotAsync(new() { Path = Path.Combine(Folder, name + ".png"), FullPage = whole });
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
