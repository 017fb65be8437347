using Bioscope.Server.BioPages;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Operating;

/// <summary>What stands around each of the operator's pages.</summary>
internal static class OperatorFrame
{
    public const string Creators = SessionCookie.OperatorPath + "/creators", Audit = SessionCookie.OperatorPath + "/audit";

    private static readonly PageColour Colour = PageColour.All[5];

    /// <param name="http">The request.</param>
    /// <param name="path">The page.</param>
    /// <param name="title">Its title.</param>
    /// <param name="content">What is below the title.</param>
    public static Task WriteAsync(HttpContext http, string path, string title, Html content)
    {
        var words = Words.Of(http);
        var (texts, form) = (new OperatorWords(words), new FormWords(words));
        (string Path, string Text)[] tabs = [(SessionCookie.OperatorPath, texts.State), (Creators, texts.Creators), (Audit, texts.Audit)];
        return PageFrame.WriteAsync(http, Colour, title, Html.Of($"""
            <a class="skip" href="#main">{form.SkipToContent}</a>
            <header class="top"><span class="face" aria-hidden="true">B</span><p><b>Bioscope</b>{texts.Title}</p>
            <form method="post" action="{SessionCookie.OperatorPath}/sign-out">{FieldFor(http)}<button class="quiet">{form.SignOut}</button></form></header>
            <main id="main" class="all-rows operator">
            <nav class="period" aria-label="{texts.Title}"><ul>{tabs.Select(tab => Html.Of($"""<li><a href="{tab.Path}"{(tab.Path == path ? Html.Trusted(" aria-current=\"page\"") : Html.Nothing)}>{tab.Text}</a></li>"""))}</ul></nav>
            <h1><bdi>{title}</bdi></h1>
            {content}
            </main>

            """));
    }

    /// <summary>What makes a form ours.</summary>
    public static Html FieldFor(HttpContext http) => http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http);

    /// <summary>A UTC day and time.</summary>
    public static string At(Words words, DateTimeOffset instant) => new DashboardWords(words).DayAndTime(
        words.Language.YearDay(DateOnly.FromDateTime(instant.UtcDateTime)), words.Language.Time(TimeOnly.FromDateTime(instant.UtcDateTime)));

    /// <summary>A refusal above a form.</summary>
    public static Html Problem(Words words, ApiError? refusal) => refusal is null ? Html.Nothing : Html.Of(
        $"""<p class="problem" role="alert">{new FormWords(words).NotDone(Problems.Of(words, refusal))}</p>""");

    /// <summary>What was done.</summary>
    public static Html Said(string? text) => text is null ? Html.Nothing : Html.Of($"""<p class="said" role="status">{text}</p>""");
}
