using System.Text.Json;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>The cost of the first view of a page: bytes over the wire including headers, layout shifts, and the first paint.</summary>
internal sealed record FirstView(long Bytes, int Requests, double LayoutShift, string Moved, double FirstContentfulPaintMs)
{
    /// <param name="desk">The visitor's desk.</param>
    /// <param name="address">The address to open.</param>
    /// <param name="slow">Whether to emulate slow 4G and a mid-range phone, as Chromium's developer tools do.</param>
    public static async Task<FirstView> OfAsync(Visitor desk, string address, bool slow = false)
    {
        var page = await desk.Context.NewPageAsync();
        var cdp = await desk.Context.NewCDPSessionAsync(page);
        await cdp.SendAsync("Network.enable");
        await cdp.SendAsync("Network.clearBrowserCache");
        if (slow)
        {
            await cdp.SendAsync("Network.emulateNetworkConditions", new()
            {
                ["offline"] = false,
                ["latency"] = 562.5,
                ["downloadThroughput"] = 1.6e6 * 0.9 / 8,
                ["uploadThroughput"] = 750e3 * 0.9 / 8,
            });
            await cdp.SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = 4 });
        }

        var (bytes, requests) = (0L, 0);
        cdp.Event("Network.loadingFinished").OnEvent += (_, finished) =>
        {
            // Chromium adds the icon of a date field itself, as a data: URL without transfer.
            var received = (long)finished!.Value.GetProperty("encodedDataLength").GetDouble();
            bytes += received;
            requests += received > 0 ? 1 : 0;
        };
        await page.AddInitScriptAsync(
            """
            window.shift = 0;
            window.moved = [];
            const rectangle = ({ x, y, width, height }) => `${x},${y} ${width}x${height}`;
            new PerformanceObserver(list => list.getEntries().forEach(entry => {
              window.shift += entry.value;
              for (const { node, previousRect, currentRect } of entry.sources) {
                window.moved.push(`${(node?.outerHTML ?? node?.textContent ?? 'gone').slice(0, 80)}: ${rectangle(previousRect)} to ${rectangle(currentRect)}`);
              }
            })).observe({ type: 'layout-shift', buffered: true });
            """);
        await page.GotoAsync(address, new() { WaitUntil = WaitUntilState.Load });
        await page.WaitForFunctionAsync("() => performance.getEntriesByName('first-contentful-paint').length == 1");
        var measured = await page.EvaluateAsync<JsonElement>(
            "() => ({ shift: window.shift, moved: window.moved.join('; '), paint: " +
            "performance.getEntriesByName('first-contentful-paint')[0].startTime })");
        await page.CloseAsync();
        return new FirstView(
            bytes,
            requests,
            measured.GetProperty("shift").GetDouble(),
            measured.GetProperty("moved").GetString()!,
            measured.GetProperty("paint").GetDouble());
    }
}
