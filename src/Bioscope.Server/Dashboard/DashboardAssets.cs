using System.Text;
using Bioscope.Core;
using Bioscope.Server.BioPages;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>What the dashboard's pages are made with: the sheet that stands in them, and what they load.</summary>
internal static class DashboardAssets
{
    private static readonly string Sheet = EmbeddedText.Read(typeof(DashboardAssets).Assembly, "dashboard.css").ReplaceLineEndings("\n");
    private static readonly (string Css, string Policy)[] Styles = [.. PageColour.All.Select(Style)];

    public static Asset Script { get; } = File("/dashboard.js", "text/javascript; charset=utf-8");

    /// <summary>The world: <c>#world</c> is all of it, and each country has its code.</summary>
    public static Asset World { get; } = File("/dashboard-world.svg", "image/svg+xml");

    /// <summary>The sheet in a colour, and the policy that lets in this sheet and what we serve ourselves.</summary>
    public static (string Css, string Policy) StyleOf(PageColour colour) => Styles[colour.Number];

    private static (string, string) Style(PageColour colour)
    {
        var css = colour.Css + Sheet;
        return (css, HtmlAnswer.PolicyForApp(css));
    }

    private static Asset File(string path, string contentType) =>
        new(path, contentType, Encoding.UTF8.GetBytes(EmbeddedText.Read(typeof(DashboardAssets).Assembly, path[1..].Replace("dashboard-", "", StringComparison.Ordinal))));
}
