using Bioscope.Server.Web;

namespace Bioscope.Server.Mail;

/// <summary>
/// The HTML of a mail. Programs that read mail know little of CSS: so it is one column of tables, without pictures, and every colour of
/// the light form stands beside its element; those that can show it dark by the style. Some drop html and body, so the language stands on the
/// first table too.
/// </summary>
internal static class LetterHtml
{
    // Contrast of text on its ground: 15 and 6 in light, 13 and 7 in dark.
    private const string Style = """
        :root{color-scheme:light dark;supported-color-schemes:light dark}
        @media (prefers-color-scheme:dark){body,.ground{background:#16181d!important}.card{background:#1f2229!important}
        .ink{color:#e9eaee!important}.pale{color:#a9adb8!important}.line{border-color:#343842!important}.link{color:#9db8ff!important}.track{background:#343842!important}}
        """;

    public static string Of(Letter letter) => Html.Of($"""
        <!doctype html>
        <html lang="{letter.Words.Tag}" dir="{letter.Words.Direction}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
        <title>{letter.Subject}</title><style>{Html.Trusted(Style)}</style></head>
        <body class="ground" style="margin:0;padding:0;background:#f4f4f6">
        <table role="presentation" class="ground" width="100%" cellpadding="0" cellspacing="0" lang="{letter.Words.Tag}" dir="{letter.Words.Direction}" style="background:#f4f4f6"><tr><td align="center" style="padding:24px 12px">
        <table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:520px;background:#ffffff;border-radius:12px"><tr><td class="ink" style="padding:28px 24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1b1d22">
        {letter.Body}
        </td></tr></table></td></tr></table></body></html>

        """).ToString();

    /// <summary>A heading.</summary>
    public static Html Title(Html text) => Html.Of($"""<h1 class="ink" style="margin:0 0 12px;font-size:22px;line-height:1.3;color:#1b1d22">{text}</h1>""");

    /// <summary>A paragraph.</summary>
    public static Html Paragraph(Html text) => Html.Of($"""<p style="margin:0 0 16px">{text}</p>""");

    /// <summary>A paragraph of less importance.</summary>
    public static Html Note(Html text) =>
        Html.Of($"""<p class="pale" style="margin:16px 0 0;font-size:13px;color:#5c616c">{text}</p>""");

    /// <summary>A link that looks like a button.</summary>
    public static Html Button(string url, string text) => Html.Of(
        $"""<p style="margin:20px 0"><a href="{url}" style="display:inline-block;padding:12px 22px;border-radius:8px;background:#2f4fd0;color:#ffffff;text-decoration:none;font-weight:600">{text}</a></p>""");

    /// <summary>A link within text.</summary>
    public static Html Link(string url, string text) => Html.Of($"""<a class="link" href="{url}" style="color:#2f4fd0">{text}</a>""");
}
