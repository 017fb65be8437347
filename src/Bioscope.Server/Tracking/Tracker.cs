using System.Text;
using Bioscope.Core;
using Bioscope.Server.Web;

namespace Bioscope.Server.Tracking;

/// <summary>
/// <c>GET /bioscope.js</c>: the script that counts visits, an <see cref="Asset"/> that pages of any origin may load. The embedded file is
/// the output of <c>tools/tracker</c>.
/// </summary>
internal static class Tracker
{
    private const string Path = "/bioscope.js";

    private static readonly Asset Script =
        new(Path, "text/javascript; charset=utf-8", Encoding.UTF8.GetBytes(EmbeddedText.Read(typeof(Tracker).Assembly, "bioscope.min.js")));

    /// <summary>The script's address for pages rendered by this server.</summary>
    public static string Url => Script.Url;

    public static void Map(IEndpointRouteBuilder root) => Script.Map(root, headers =>
    {
        // Pages with Cross-Origin-Embedder-Policy load only what allows it.
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    });
}
