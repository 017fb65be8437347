using Bioscope.Server.Translations;

namespace Bioscope.Server.Web;

/// <summary>The page that a browser shows for an error.</summary>
internal static class ErrorPage
{
    private const string Style =
        ":root{color-scheme:light dark;--b:#eef4ff;--g:#bed5fe;--i:#161f30;--m:#4f5b72}"
        + "@media(prefers-color-scheme:dark){:root{--b:#0c121b;--g:#223b6c;--i:#edf2fa;--m:#a7b2c5}}"
        + "body{margin:0;min-height:100vh;display:grid;place-items:center;color:var(--i);font:1.0625rem/1.55 system-ui,sans-serif;"
        + "background:radial-gradient(48rem 30rem at 15% -6rem,var(--g),transparent) no-repeat var(--b)}"
        + "main{max-width:26rem;padding:2rem 1.5rem 6rem}"
        + "h1{font:600 2.5rem/1.1 ui-serif,'Iowan Old Style','Palatino Linotype',Palatino,Georgia,serif;letter-spacing:-.02em;margin:0 " +
            "0 .75rem;text-wrap:balance}"
        // Letters of these scripts are joined.
        + "h1:lang(ar),h1:lang(hi){letter-spacing:0}"
        + "p{margin:.75rem 0;color:var(--m)}small{font-size:.8125rem;overflow-wrap:anywhere}";

    private static readonly string Policy = HtmlAnswer.PolicyFor(Style);

    public static Task WriteAsync(HttpContext http, ApiError error)
    {
        var words = Words.Of(http);
        var texts = new ErrorWords(words);
        var (title, text) = TextsOf(error, texts);
        // A user who reports a server error needs the correlation id; a user who mistyped an address does not.
        var reference = error.Status >= 500
            ? Html.Of($"<p><small>{texts.Reference(http.TraceIdentifier)}</small></p>")
            : Html.Nothing;
        http.Response.Headers.CacheControl = "no-store";
        return HtmlAnswer.WriteAsync(
            http,
            Html.Of($"""
            <!doctype html>
            <html lang="{words.Tag}" dir="{words.Direction}"><head><meta charset="utf-8"><title>{title}</title>
            <meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
            <link rel="icon" href="data:,"><style>{Html.Trusted(Style)}</style></head>
            <body><main><h1>{title}</h1>{text}{reference}</main></body></html>

            """),
            Policy);
    }

    private static (string Title, Html Text) TextsOf(ApiError error, ErrorWords texts) => error.Status switch
    {
        421 => (texts.UnknownHostTitle, InEnglish($"{error.Message} {string.Join(' ', error.Details)}")),
        404 => (texts.NotFoundTitle, Paragraph(texts.NotFound)),
        429 => (texts.TooManyRequestsTitle, Paragraph(texts.TooManyRequests)),
        503 => (texts.UnavailableTitle, Paragraph(texts.Unavailable)),
        >= 500 => (texts.FailedTitle, Paragraph(texts.Failed)),
        _ => (texts.RefusedTitle, InEnglish(string.Join(' ', [error.Message, .. error.Details]))),
    };

    private static Html Paragraph(string text) => Html.Of($"<p>{text}</p>");

    // The API's messages are in English only.
    private static Html InEnglish(string text) => Html.Of($"<p lang=\"en\" dir=\"ltr\">{text}</p>");
}
