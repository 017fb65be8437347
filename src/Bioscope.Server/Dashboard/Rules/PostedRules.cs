using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>A posted form about rules, and the rules at this moment.</summary>
/// <param name="Form">The fields.</param>
/// <param name="Desk">Whose page it is, with these rules.</param>
/// <param name="Rules">The rules.</param>
/// <param name="Refusal">Why the form must change nothing; null when it may.</param>
internal sealed record PostedRules(IFormCollection Form, Desk Desk, PageRules Rules, ApiError? Refusal)
{
    // One for each fact, and for the other fields of the form.
    private const int MaxFields = SourceFacts.MaxFacts + 10;

    /// <summary>The form was shown with other rules than there are now.</summary>
    private static readonly ApiError Outdated = ApiError.Conflict("your rules have changed in the meantime, so look again");

    /// <summary>Why the form must change nothing, in the reader's language.</summary>
    public string Problem => Refusal == Outdated ? new RulesWords(Desk.Words).Outdated : new RulesWords(Desk.Words).NotOurs;

    /// <returns>Null when a response was already sent.</returns>
    public static async Task<PostedRules?> ReadAsync(HttpContext http)
    {
        if (await PostedForm.ReadAsync(http, maxFields: MaxFields, maxFieldBytes: HttpLimits.MaxBodyBytes) is not { } form || await Desk.OfCallerAsync(http) is not { } desk)
        {
            return null;
        }

        var rules = await ReadAsync(http, desk);
        var refusal = !http.RequestServices.GetRequiredService<FormGuard>().IsOurs(http, form)
            ? FormGuard.NotOurs
            : form["rules"] != rules.Version ? Outdated : null;
        return new PostedRules(form, desk with { Naming = desk.Naming with { Rules = rules.Rules } }, rules, refusal);
    }

    /// <summary>The same after another form was faster.</summary>
    public async Task<PostedRules> OvertakenAsync(HttpContext http)
    {
        var rules = await ReadAsync(http, Desk);
        return this with { Desk = Desk with { Naming = Desk.Naming with { Rules = rules.Rules } }, Rules = rules, Refusal = Outdated };
    }

    private static Task<PageRules> ReadAsync(HttpContext http, Desk desk) =>
        http.RequestServices.GetRequiredService<PageNaming>().ReadRulesAsync(desk.Page.Id, http.RequestAborted);
}
