using System.Globalization;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Auditing;
using Bioscope.Server.BioPages;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>
/// <c>/dashboard/rules</c>: the creator's rules for sources, in words. A form removes one, another undoes the last change; new ones come
/// from <see cref="SourceRulePage"/>.
/// </summary>
internal static class RulesPage
{
    public const string Path = "/dashboard/rules", SourcePath = Path + "/source";

    // What was just done, in the address: the figures beside it are counted, so that no address can make up any.
    private const string Changed = Path + "?done=change", Undone = Path + "?done=undo";

    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is { } desk)
        {
            var rules = await http.RequestServices.GetRequiredService<PageNaming>().ReadRulesAsync(desk.Page.Id, http.RequestAborted);
            await WriteAsync(http, desk with { Naming = desk.Naming with { Rules = rules.Rules } }, rules, null);
        }
    }

    /// <summary><c>POST /dashboard/rules/remove</c>: the rule at the place that <c>rule</c> names, from 0.</summary>
    public static Task RemoveAsync(HttpContext http) => PostAsync(http, Changed, (posted, naming) =>
    {
        var isPlace = int.TryParse(posted.Form["rule"], NumberStyles.None, CultureInfo.InvariantCulture, out var place);
        var rest = posted.Rules.Rules.Where((_, i) => !isPlace || i != place).ToList();
        return naming.ReplaceRulesAsync(posted.Desk.Page.Id, SourceRules.TextOf(rest), posted.Rules, http.RequestAborted);
    });

    /// <summary><c>POST /dashboard/rules/undo</c>: the last change, which may have been an undo.</summary>
    public static Task UndoAsync(HttpContext http) => PostAsync(http, Undone, (posted, naming) =>
        naming.UndoRulesAsync(posted.Desk.Page.Id, posted.Rules, http.RequestAborted));

    /// <summary><c>POST /dashboard/rules/spam</c>: hides visits of known referrer spam, or shows them.</summary>
    public static Task SpamAsync(HttpContext http) => PostAsync(http, Path, async (posted, naming) =>
    {
        await naming.KeepSpamHiddenAsync(posted.Desk.Page.Id, posted.Form["hide"] == "1", http.RequestAborted);
        return true;
    });

    /// <summary>Shows the list after a change.</summary>
    public static void GoToChanged(HttpContext http) => SignInPage.GoTo(http, Changed);

    private static async Task PostAsync(HttpContext http, string then, Func<PostedRules, PageNaming, Task<bool>> change)
    {
        if (await PostedRules.ReadAsync(http) is not { } posted)
        {
            return;
        }

        if (posted.Refusal is null)
        {
            if (await change(posted, http.RequestServices.GetRequiredService<PageNaming>()))
            {
                await Audit.WriteAsync(http, AuditKind.Rules, page: posted.Desk.Page.Id);
                SignInPage.GoTo(http, then);
                return;
            }

            posted = await posted.OvertakenAsync(http);
        }

        http.Response.StatusCode = posted.Refusal!.Status;
        await WriteAsync(http, posted.Desk, posted.Rules, posted.Problem);
    }

    private static async Task WriteAsync(HttpContext http, Desk desk, PageRules rules, string? problem)
    {
        var services = http.RequestServices;
        var engine = services.GetRequiredService<QueryEngine>();
        var done = http.Request.Query["done"].ToString();
        var change = done is "change" or "undo" && rules.Before is { } before
            ? await RuleChange.CountAsync(engine, desk, before, rules.Rules, http.RequestAborted)
            : null;
        var view = new RulesView(desk, rules, await VisitsAsync(engine, desk, http.RequestAborted), change, done == "undo", problem);
        await PageFrame.WriteAsync(
            http,
            PageColour.Of(desk.Page.Id),
            new RulesWords(desk.Words).PageTitle(desk.Name),
            view.Render(services.GetRequiredService<FormGuard>().FieldFor(http)));
    }

    /// <summary>The visits of the last 30 days by the place of the rule that acts on them.</summary>
    private static async Task<Dictionary<int, long>> VisitsAsync(QueryEngine engine, Desk desk, CancellationToken cancellationToken)
    {
        if (desk.Naming.Rules.Count == 0)
        {
            return [];
        }

        var request = AllTime.Of(desk, [Dimension.Rule], [new Filter(FilterOperator.IsNotNull, Dimension.Rule, [])], Questions.All) with
        {
            Range = RangeRequest.Default,
        };
        var answers = await engine.AnswerAsync(desk.Page.Id, [request], desk.Timeframe.Zone, desk.Naming, cancellationToken);
        return answers[0].Answer.Rows.ToDictionary(
            row => int.Parse(row.Dimensions[0]!, CultureInfo.InvariantCulture), row => (long)row.Metrics[0]);
    }
}
