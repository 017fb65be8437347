using Bioscope.Engine.Auditing;
using Bioscope.Engine.Counting;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Auditing;
using Bioscope.Server.BioPages;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>
/// <c>/dashboard/rules/source?name=TikTok</c>: renames or hides a source by the facts that make it. Its form leads to a page that says what
/// would change, and only that page's form stores rules.
/// </summary>
internal static class SourceRulePage
{
    public static async Task ShowAsync(HttpContext http)
    {
        if (await Desk.OfCallerAsync(http) is not { } desk)
        {
            return;
        }

        var rules = await http.RequestServices.GetRequiredService<PageNaming>().ReadRulesAsync(desk.Page.Id, http.RequestAborted);
        desk = desk with { Naming = desk.Naming with { Rules = rules.Rules } };
        await WriteFormAsync(http, desk, rules, http.Request.Query["name"].ToString(), null, null);
    }

    /// <summary><c>POST /dashboard/rules/preview</c>: what the form would change; with <c>back</c>, the form again.</summary>
    public static async Task PreviewAsync(HttpContext http)
    {
        if (await PostedRules.ReadAsync(http) is not { } posted)
        {
            return;
        }

        var form = RuleForm.Of(posted.Form);
        var (rules, problem) = posted.Refusal is null ? form.Before(posted.Rules.Rules, posted.Desk.Words) : (null, posted.Problem);
        if (rules is null || posted.Form["back"] == "1")
        {
            http.Response.StatusCode = posted.Refusal?.Status ?? (rules is null ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
            await WriteFormAsync(http, posted.Desk, posted.Rules, form.Source, form, problem);
            return;
        }

        await WritePreviewAsync(http, posted, form, rules, null);
    }

    /// <summary><c>POST /dashboard/rules</c>: stores the rules of the form.</summary>
    public static async Task StoreAsync(HttpContext http)
    {
        if (await PostedRules.ReadAsync(http) is not { } posted)
        {
            return;
        }

        var form = RuleForm.Of(posted.Form);
        var (rules, problem) = form.Before(posted.Rules.Rules, posted.Desk.Words);
        if (rules is null)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await WriteFormAsync(http, posted.Desk, posted.Rules, form.Source, form, problem);
            return;
        }

        if (posted.Refusal is null)
        {
            if (await http.RequestServices.GetRequiredService<PageNaming>().ReplaceRulesAsync(
                posted.Desk.Page.Id, SourceRules.TextOf(rules), posted.Rules, http.RequestAborted))
            {
                await Audit.WriteAsync(http, AuditKind.Rules, page: posted.Desk.Page.Id);
                RulesPage.GoToChanged(http);
                return;
            }

            posted = await posted.OvertakenAsync(http);
        }

        // What the form would change now.
        http.Response.StatusCode = posted.Refusal!.Status;
        await WritePreviewAsync(http, posted, form, form.Before(posted.Rules.Rules, posted.Desk.Words).Rules ?? rules, posted.Problem);
    }

    private static async Task WriteFormAsync(HttpContext http, Desk desk, PageRules rules, string source, RuleForm? form, string? problem)
    {
        var services = http.RequestServices;
        var facts = await SourceFacts.ReadAsync(services.GetRequiredService<QueryEngine>(), desk, source, http.RequestAborted);
        await WriteAsync(http, desk, source, new SourceRuleView(desk, rules, facts, form ?? RuleForm.Opened(facts), problem).Render);
    }

    private static async Task WritePreviewAsync(
        HttpContext http, PostedRules posted, RuleForm form, EquatableList<NamingRule> rules, string? problem)
    {
        var change = await RuleChange.CountAsync(
            http.RequestServices.GetRequiredService<QueryEngine>(), posted.Desk, posted.Rules.Rules, rules, http.RequestAborted);
        await WriteAsync(http, posted.Desk, form.Source, new RulePreviewView(posted.Desk, posted.Rules, form, change, problem).Render);
    }

    private static Task WriteAsync(HttpContext http, Desk desk, string source, Func<Html, Html> render) => PageFrame.WriteAsync(
        http,
        PageColour.Of(desk.Page.Id),
        new RulesWords(desk.Words).SourceTitle(desk.Name, desk.Dimensions.OfSource(source)),
        render(http.RequestServices.GetRequiredService<FormGuard>().FieldFor(http)));
}
