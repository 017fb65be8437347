using System.Globalization;
using System.Text;
using Bioscope.Server.Web;
using QRCoder;

namespace Bioscope.Server.Dashboard;

/// <summary>An address as a QR code: dark squares on white in every colour scheme, because cameras read it.</summary>
internal static class QrCode
{
    /// <summary>One path for all squares, a fiftieth of the library's own SVG; with the white border that readers need.</summary>
    /// <param name="address">What it says.</param>
    /// <param name="label">What it is, for people who do not see it.</param>
    public static Html Svg(string address, string label)
    {
        // Level M: still readable with 15 % of it covered, as on a poster.
        using var code = QRCodeGenerator.GenerateQrCode(address, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Count; x++)
            {
                if (rows[y][x])
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        return Html.Of(
            $"""<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {rows.Count} {rows.Count}" role="img" aria-label="{label}" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d="{Html.Trusted(path.ToString())}" fill="#000"/></svg>""");
    }
}
