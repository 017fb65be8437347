using System.Diagnostics;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Bioscope.Browser.Tests.Browser))]

namespace Bioscope.Browser.Tests;

/// <summary>The machine's own Chromium, started once for all tests; it can reach only this machine.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private static readonly string? Executable = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    // Playwright's browser reports that it is automated (navigator.webdriver), and an automated browser is not a visitor.
    private const string LooksLikeAPersons = "--disable-blink-features=AutomationControlled";

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        // A tab opened by a click may request its page before it gets the context's user agent: it must not be a headless browser's,
        // which is a bot's.
        $"--user-agent={Visitor.InstagramOnPhone}",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Executable is null)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await LaunchAsync(LooksLikeAPersons);
    }

    /// <summary>A visitor with a browser profile of their own. Skips the test on a laptop without Chromium; in CI it fails.</summary>
    internal Task<Visitor> NewVisitorAsync(string userAgent = Visitor.InstagramOnPhone, bool javaScript = true) =>
        NewVisitorAsync(Phone(userAgent, javaScript));

    /// <summary>Like the other overload, with any kind of browser.</summary>
    internal Task<Visitor> NewVisitorAsync(BrowserNewContextOptions options) => NewVisitorAsync(Installed, options);

    /// <summary>A visitor whose browser reports that it is automated, as Playwright's does unless told otherwise.</summary>
    internal async Task<Visitor> NewDrivenVisitorAsync() =>
        await NewVisitorAsync(await LaunchAsync(), Phone(Visitor.InstagramOnPhone), ofItsOwn: true);

    /// <summary>A visitor whose browser keeps pages in its back-forward cache; Playwright's does so only when told.</summary>
    internal async Task<Visitor> NewVisitorWhoseBrowserKeepsPagesAsync() =>
        await NewVisitorAsync(
            await LaunchAsync(["--disable-back-forward-cache"], LooksLikeAPersons), Phone(Visitor.InstagramOnPhone), ofItsOwn: true);

    /// <summary>
    /// Opens the address in a browser that is not automated, for features that automation disables, such as prerendering. It can be
    /// observed only by what it sends, and runs until the handle is disposed.
    /// </summary>
    internal IAsyncDisposable OpenUndriven(string address)
    {
        _ = Installed;
        var profile = Directory.CreateTempSubdirectory("bioscope-chromium");
        var start = new ProcessStartInfo(Executable!) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[.. Arguments, LooksLikeAPersons, "--headless", "--user-data-dir=" + profile.FullName, address])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return new Undriven(process, profile);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    private IBrowser Installed
    {
        get
        {
            Assert.SkipUnless(_browser is not null || EnginesAttribute.IsContinuousIntegration, "Chromium is not installed");
            Assert.NotNull(_browser);
            return _browser;
        }
    }

    private static BrowserNewContextOptions Phone(string userAgent, bool javaScript = true) => new()
    {
        UserAgent = userAgent,
        ViewportSize = new() { Width = 390, Height = 844 },
        Locale = "en-DE",
        TimezoneId = "Europe/Berlin",
        JavaScriptEnabled = javaScript,
    };

    private static async Task<Visitor> NewVisitorAsync(IBrowser browser, BrowserNewContextOptions options, bool ofItsOwn = false)
    {
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout((float)Patience.Limit.TotalMilliseconds);
        await context.AddInitScriptAsync(Visitor.AnswerCounter);
        return new Visitor(context, await context.NewPageAsync(), ofItsOwn ? browser : null);
    }

    private Task<IBrowser> LaunchAsync(params string[] more) => LaunchAsync([], more);

    private Task<IBrowser> LaunchAsync(string[] without, params string[] more)
    {
        Assert.SkipUnless(_playwright is not null || EnginesAttribute.IsContinuousIntegration, "Chromium is not installed");
        return _playwright!.Chromium.LaunchAsync(
            new() { ExecutablePath = Executable, Args = [.. Arguments, .. more], IgnoreDefaultArgs = without });
    }

    private sealed class Undriven(Process process, DirectoryInfo profile) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
            // Its child processes may still be writing.
            for (var tries = 0; profile.Exists && tries < 50; tries++)
            {
                try
                {
                    profile.Delete(recursive: true);
                    return;
                }
                catch (IOException)
                {
                    await Task.Delay(100);
                }
            }
        }
    }
}
