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
        + "p{margin:.75rem 0;color:var(--m)}small{font-size:.8125rem;overflow-wrap:anywhere}";

    private static readonly string Policy = HtmlAnswer.PolicyFor(Style);

    public static Task WriteAsync(HttpContext http, ApiError error)
    {
        var (title, text) = Words(error);
        // A user who reports a server error needs the correlation id; a user who mistyped an address does not.
        var reference = error.Status >= 500 ? Html.Of($"<p><small>Reference: {http.TraceIdentifier}</small></p>") : Html.Nothing;
        http.Response.Headers.CacheControl = "no-store";
        return HtmlAnswer.WriteAsync(
            http,
            Html.Of($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>{title}</title>
            <meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
            <link rel="icon" href="data:,"><style>{Html.Trusted(Style)}</style></head>
            <body><main><h1>{title}</h1><p>{text}</p>{reference}</main></body></html>

            """),
            Policy);
    }

    private static (string Title, string Text) Words(ApiError error) => error.Status switch
    {
        421 => ("Unknown host name", $"{error.Message} {string.Join(' ', error.Details)}"),
        404 => ("Page not found", "There is no page at this address. It may have moved, or the link may have a typing error."),
        503 => ("Temporarily unavailable", "The page cannot be shown right now. Please try again in a minute."),
        >= 500 => ("Something went wrong", "The server could not handle the request. Please try again in a minute."),
        _ => ("Request refused", error.Message),
    };
}
