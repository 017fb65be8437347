using System.Globalization;
using Bioscope.Engine.Counting;
using Bioscope.Server.BioPages;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// <c>GET /dashboard/rows/{dimension}</c>: all values of a dimension, a hundred per page, with the period and the filters of the address;
/// with <c>by</c>, each combined with each value of another dimension, such as sources by link.
/// </summary>
internal static class RowsPage
{
    /// <summary>The number of rows per page.</summary>
    internal const int Size = 100;

    public static async Task AnswerAsync(HttpContext http)
    {
        var question = RowsQuestion.Of((string)http.Request.RouteValues["dimension"]!, http.Request.Query["by"].ToString());
        if (await Desk.OfCallerAsync(http) is not { } desk)
        {
            return;
        }

        if (question is null)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
            return;
        }

        var services = http.RequestServices;
        var number = int.TryParse(http.Request.Query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(
            asked, 1, int.MaxValue / Size) : 1;
        var answer = await question.AskAsync(
            services.GetRequiredService<QueryEngine>(), desk, Size, (number - 1) * Size, http.RequestAborted);
        var rows = new RowsView(desk, question, answer, number);
        await PageFrame.WriteAsync(
            http,
            PageColour.Of(desk.Page.Id),
            new DashboardWords(desk.Words).TitleOf(desk.Name, rows.TitleInSentence),
            rows.Render(services.GetRequiredService<FormGuard>().FieldFor(http)));
    }
}
