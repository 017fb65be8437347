using Bioscope.Engine.Erasing;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Data;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// What a creator does with everything that the server has about her, at the end of <see cref="AccountPage"/>: she downloads it, or has it
/// erased together with her account, as <see cref="DataRoutes"/> do.
/// </summary>
internal static class OwnDataPage
{
    private const string DeletePath = AccountPage.Path + "/delete";

    public static async Task DownloadAsync(HttpContext http)
    {
        if (await Desk.UserOfCallerAsync(http) is not null)
        {
            await DataRoutes.DownloadAsync(http);
        }
    }

    public static async Task DeleteAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http) is not { } form || await Desk.OfCallerAsync(http) is not { } desk)
        {
            return;
        }

        var user = Sessions.UserOf(http)!.Value;
        var (erased, refusal) = http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form)
            ? await DataRoutes.EraseAsync(http, user, form["password"].ToString(), form["confirm"].ToString(), ErasureOrigin.Creator)
            : (null, FormGuard.NotOurs);
        if (erased is null)
        {
            http.Response.StatusCode = refusal!.Status;
            await AccountPage.WriteAsync(http, desk, null, Problems.Of(desk.Words, refusal));
            return;
        }

        SessionCookie.Clear(http);
        ChosenPage.Clear(http);
        var texts = new OwnDataWords(desk.Words);
        await PageFrame.WriteDoorAsync(http, texts.Deleted, Html.Of($"""
            <h1>{texts.Deleted}</h1>
            <p>{texts.NothingIsLeft}</p>
            """));
    }

    /// <summary>The section of the account's page.</summary>
    /// <param name="words">The reader's language.</param>
    /// <param name="user">The user.</param>
    /// <param name="hasPassword">Whether she has a password here, which she gives then.</param>
    /// <param name="formField">Makes the form ours.</param>
    public static Html Section(Words words, Guid user, bool hasPassword, Html formField)
    {
        var texts = new OwnDataWords(words);
        var proof = hasPassword
            ? Html.Of($"""<label>{texts.Password} <input name="password" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}"></label>""")
            : Html.Of($"""<input type="hidden" name="confirm" value="{user}">""");
        return Html.Of($"""
            <section class="block" aria-labelledby="data-title"><header><h2 id="data-title">{texts.Title}</h2></header>
            <p class="note">{texts.WhatIsInIt}</p>
            <p><a href="{AccountPage.Path}/data" download>{texts.Download}</a></p>
            <details class="zone"><summary>{texts.Delete}</summary><form class="whole" method="post" action="{DeletePath}">{formField}
            <p class="note">{texts.WhatIsDeleted}</p>
            <label class="check"><input type="checkbox" required> {texts.Understood}</label>{proof}<button>{texts.DeleteNow}</button></form></details></section>
            """);
    }
}
