using System.Text;
using Bioscope.Core;
using Bioscope.Server.BioPages;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The assets of the dashboard's pages: the inline style sheet and the files that they load.</summary>
internal static class DashboardAssets
{
    private static readonly string Sheet = EmbeddedText.Read(typeof(DashboardAssets).Assembly, "dashboard.css").ReplaceLineEndings("\n");
    private static readonly (string Css, string Policy)[] Styles = [.. PageColour.All.Select(Style)];

    public static Asset Script { get; } = File("/dashboard.js", "text/javascript; charset=utf-8");

    /// <summary>Of the two pages that make and use passkeys.</summary>
    public static Asset Passkeys { get; } = File("/dashboard-passkeys.js", "text/javascript; charset=utf-8");

    /// <summary>The map of the world: <c>#world</c> is all of it, and each country has its code.</summary>
    public static Asset World { get; } = File("/dashboard-world.svg", "image/svg+xml");

    /// <summary>The style sheet in a colour, and the policy that allows it and this server's own files.</summary>
    public static (string Css, string Policy) StyleOf(PageColour colour) => Styles[colour.Number];

    private static (string, string) Style(PageColour colour)
    {
        var css = colour.Css + Sheet;
        return (css, HtmlAnswer.PolicyForApp(css));
    }

    private static Asset File(string path, string contentType) =>
        new(
            path,
            contentType,
            Encoding.UTF8.GetBytes(
                EmbeddedText.Read(typeof(DashboardAssets).Assembly, path[1..].Replace("dashboard-", "", StringComparison.Ordinal))));
}
