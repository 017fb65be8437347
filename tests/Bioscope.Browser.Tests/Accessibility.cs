using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Bioscope.Browser.Tests;

/// <summary>All rules of axe, on a page as it is.</summary>
internal static class Accessibility
{
    private static readonly string Axe =
        new BundledAxeScriptProvider().GetScript() + "; axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] })";

    /// <summary>What breaks a rule, in the page and in its frames: one line for each rule, with the first elements.</summary>
    /// <remarks>The package Deque.AxeCore.Playwright opens another page for each result, which took half of the processor time.</remarks>
    public static async Task<string[]> ViolationsAsync(this IPage page)
    {
        foreach (var frame in page.Frames)
        {
            await frame.EvaluateAsync(Axe);
        }

        // Otherwise axe would describe every element that breaks no rule, too.
        return await page.EvaluateAsync<string[]>(
            """
            async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(
              ({ id, help, nodes }) => `${location.href} ${id}: ${help} ${nodes.slice(0, 3).map(node => node.html).join(' ')}`)
            """);
    }
}
