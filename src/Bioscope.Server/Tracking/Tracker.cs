using System.Text;
using System.Text.RegularExpressions;
using Bioscope.Core;
using Bioscope.Server.Web;

namespace Bioscope.Server.Tracking;

/// <summary>
/// <c>GET /bioscope.js</c>: the script that counts visits, made small and compressed once; an <see cref="Asset"/> that pages of any
/// origin may load.
/// </summary>
internal static partial class Tracker
{
    private const string Path = "/bioscope.js";

    // Letters that the script's own words have most of come first: they compress best.
    private const string Letters = "etnoiasrcldpghumvfbywkjxqzISCDOPTMALEURNBHYVFZJKQXGW";

    private static readonly Asset Script = new(Path, "text/javascript; charset=utf-8", Encoding.UTF8.GetBytes(Shorten(EmbeddedText.Read(typeof(Tracker).Assembly, "bioscope.js"))));

    /// <summary>The script's address for pages that this server makes itself.</summary>
    public static string Url => Script.Url;

    public static void Map(IEndpointRouteBuilder root) => Script.Map(root, headers =>
    {
        // Pages of any origin may load it, also those that let nothing in unasked (Cross-Origin-Embedder-Policy).
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    });

    /// <summary>
    /// Takes lines of comment away, blanks beside punctuation, and punctuation that a closing bracket makes needless; and gives each
    /// <c>$name</c> one letter. It knows nothing else of JavaScript: <c>bioscope.js</c> is written for it.
    /// </summary>
    public static string Shorten(string source)
    {
        var code = CommentLine().Replace(source.ReplaceLineEndings("\n"), "");
        code = Blanks().Replace(code, match => match.Groups[1] is { Success: true, Value: var mark } ? mark : " ").Trim();
        code = NeedlessMark().Replace(code, "");
        var names = Name().Matches(code)
            .GroupBy(match => match.Value)
            .OrderByDescending(uses => uses.Count())
            .Select((uses, index) => (uses.Key, Letter: Letters[index].ToString()))
            .ToDictionary();
        return Name().Replace(code, match => names[match.Value]);
    }

    [GeneratedRegex(@"^\s*//.*\n", RegexOptions.Multiline)]
    private static partial Regex CommentLine();

    [GeneratedRegex(@"\s*([-+*/=<>&|?:;,!(){}\[\]])\s*|\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"[;,](?=[)}\]])")]
    private static partial Regex NeedlessMark();

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Name();
}
