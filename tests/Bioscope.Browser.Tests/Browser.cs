using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Bioscope.Browser.Tests.Browser))]

namespace Bioscope.Browser.Tests;

/// <summary>The machine's own Chromium, started once for all tests; it reaches nothing but this machine.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private static readonly string? Executable = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Executable is null)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Executable,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                // A tab that a click opens may ask for its page before it has the context's: it must not be a headless browser, which is a bot.
                $"--user-agent={Visitor.InstagramOnPhone}",
            ],
        });
    }

    /// <summary>A visitor with a browser profile of their own. Skips the test on a laptop without Chromium; in CI it fails.</summary>
    internal Task<Visitor> NewVisitorAsync(string userAgent = Visitor.InstagramOnPhone, bool javaScript = true) => NewVisitorAsync(new()
    {
        UserAgent = userAgent,
        ViewportSize = new() { Width = 390, Height = 844 },
        Locale = "de-DE",
        TimezoneId = "Europe/Berlin",
        JavaScriptEnabled = javaScript,
    });

    /// <summary>As the other one, with a browser of any kind.</summary>
    internal async Task<Visitor> NewVisitorAsync(BrowserNewContextOptions options)
    {
        Assert.SkipUnless(_browser is not null || EnginesAttribute.IsContinuousIntegration, "Chromium is not installed");
        Assert.NotNull(_browser);
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout(20_000);
        return new Visitor(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
