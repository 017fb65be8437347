using Bioscope.Engine.Counting;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.WebUtilities;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>POST /dashboard/zone</c>: stores the creator's time zone with her page. The form is at the foot of the dashboard; while no zone is
/// stored, the script sends the browser's own once, which never replaces a stored one.
/// </summary>
internal static class ZoneForm
{
    public static Html Render(Desk desk, Html formField)
    {
        var words = new ZoneWords(desk.Words);
        var zone = Html.Of($"<b>{desk.Timeframe.Zone.Id}</b>");
        return Html.Of($"""
            <p>{(desk.Address.Zone is null ? words.DaysBegin(zone) : words.DaysBeginAsAsked(zone))}</p>
            {(desk.MayEdit ? Form(desk, words, formField) : Html.Nothing)}
            """);
    }

    private static Html Form(Desk desk, ZoneWords words, Html formField) => Html.Of($"""
        <details class="zone"><summary>{words.Change}</summary><form method="post" action="/dashboard/zone" id="zone"{(desk.KeptZone is null ? Html.Trusted(" data-first") : Html.Nothing)} data-shown="{desk.Timeframe.Zone.Id}">{formField}<input type="hidden" name="back" value="{desk.Address.To("")}"><label>{words.TimeZone} <input name="zone" value="{(desk.KeptZone ?? desk.Timeframe.Zone).Id}" list="zones" required maxlength="64" autocomplete="off" spellcheck="false" autocapitalize="off"></label><datalist id="zones"></datalist><button>{new FormWords(desk.Words).Save}</button></form>
        <p class="note">{words.Note(Html.Trusted("<code>query</code>"))}</p></details>
        """);

    public static async Task AnswerAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || await Desk.PageOfCallerAsync(http) is not { } page)
        {
            return;
        }

        if (!http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form))
        {
            await Errors.WriteAsync(
                http,
                ApiError.Invalid(
                    "This form was open for too long, or the browser refuses cookies. Load the dashboard again and send the form once " +
                    "more."));
            return;
        }

        var (name, back) = (
            form["zone"].ToString().Trim(), Address.Of(new QueryCollection(QueryHelpers.ParseQuery(form["back"]))) with { Zone = null });
        var isFirst = form["first"] == "1";
        if (TimeZoneName.Find(name) is { } zone)
        {
            await http.RequestServices.GetRequiredService<PageZone>().KeepAsync(page.Id, zone, isFirst, http.RequestAborted);
            SignInPage.GoTo(http, back.Link);
        }
        else if (isFirst)
        {
            // For the script, which would otherwise reload the page again and again.
            await Errors.WriteAsync(http, ApiError.Invalid("zone must be the name of an IANA time zone."));
        }
        else
        {
            // The dashboard reports the problem.
            SignInPage.GoTo(http, back.To(Address.Dashboard, ("zone", name)));
        }
    }
}
