using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET</c> and <c>PUT /api/v1/creators/analytics/rules/referrer-spam</c>: whether visits whose referrer is in the list of known spam are
/// hidden, as by a rule after all others. They are, unless the creator says otherwise.
/// </summary>
/// <param name="Hide">Whether they are hidden.</param>
/// <param name="Domains">How many domains the list has.</param>
internal sealed record ReferrerSpamRule(bool Hide, int Domains)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings)
    {
        reports.MapGet("rules/referrer-spam", http => CallerPage.WithOwnAsync(http, page => AnswerAsync(http, page))).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("referrer spam", settings.BioReadsPerMinute, TimeSpan.FromMinutes(1)), KeyAccess.Read);
        reports.MapPut("rules/referrer-spam", http => CallerPage.WithOwnAsync(http, page => PutAsync(http, page))).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("referrer spam put", settings.BioEditsPerMinute, TimeSpan.FromMinutes(1)));
    }

    private static async Task PutAsync(HttpContext http, Guid page)
    {
        var (wanted, refusal) = await JsonRequest.ReadAsync(http, body => new ReferrerSpamRule(body.RequiredBoolean("hide"), 0));
        if (wanted is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        await http.RequestServices.GetRequiredService<PageNaming>().KeepSpamHiddenAsync(page, wanted.Hide, http.RequestAborted);
        await Audit.WriteAsync(http, AuditKind.Rules, page: page);
        await AnswerAsync(http, page);
    }

    private static async Task AnswerAsync(HttpContext http, Guid page)
    {
        var naming = await http.RequestServices.GetRequiredService<PageNaming>().ReadAsync(page, http.RequestAborted);
        await ApiResponse.OkAsync(
            http, new ReferrerSpamRule(naming.HidesSpam, ReferrerSpam.All.Count), ReferrerSpamJson.Default.SuccessReferrerSpamRule);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<ReferrerSpamRule>))]
internal sealed partial class ReferrerSpamJson : JsonSerializerContext;
