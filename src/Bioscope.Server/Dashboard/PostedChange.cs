using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// A form by which the creator changes her page: it must be ours, and after the change the browser is redirected, so that reloading does
/// not send it again. A refused one shows the page with the reason.
/// </summary>
internal static class PostedChange
{
    /// <param name="http">The request.</param>
    /// <param name="change">Makes the change and returns where to go next, or why there is no change.</param>
    /// <param name="show">Writes the page with the reason, in the reader's language, and the form.</param>
    /// <param name="maxFileBytes">The maximum of a file in the form; 0 for a form without files.</param>
    /// <param name="maxFields">The maximum of fields.</param>
    public static async Task AnswerAsync(
        HttpContext http, Func<Desk, IFormCollection, Task<(ApiError? Refusal, string Next)>> change,
        Func<Desk, IFormCollection, string, Task> show, int maxFileBytes = 0, int maxFields = 10)
    {
        if (await PostedForm.ReadAsync(http, maxFileBytes, maxFields) is not { } form || await Desk.OfCallerAsync(http) is not { } desk)
        {
            return;
        }

        var (refusal, next) = http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form)
            ? await change(desk, form)
            : (FormGuard.NotOurs, "");
        if (refusal is null)
        {
            SignInPage.GoTo(http, next);
            return;
        }

        http.Response.StatusCode = refusal.Status;
        await show(desk, form, Problems.Of(desk.Words, refusal));
    }
}
