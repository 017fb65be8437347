namespace Bioscope.Browser.Tests;

/// <summary>That the other tests would hear of what breaks a rule.</summary>
public sealed class AccessibilityTests(Browser browser)
{
    [Theory]
    [InlineData("<img src=x>", "<p>Fine.</p>", "<img src=\"x\">")]
    [InlineData("<p>Fine.</p>", "<img src=y>", "<img src=\"y\">")]
    public async Task Violations_of_a_page_and_of_its_frames_are_found(string body, string frame, string element)
    {
        await using var visitor = await browser.NewVisitorAsync();
        await visitor.Page.SetContentAsync(Page($"{body}<iframe title=Frame srcdoc=\"{Page(frame)}\"></iframe>"));

        Assert.Contains(
            await visitor.Page.ViolationsAsync(),
            line => line.StartsWith("about:blank image-alt: ", StringComparison.Ordinal) && line.EndsWith(element, StringComparison.Ordinal));
    }

    private static string Page(string body) => $"<!doctype html><html lang=en><title>Anna</title><main><h1>Anna</h1>{body}</main>";
}
