using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Counting;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Reports;

/// <summary>
/// <c>GET</c> and <c>PUT /api/v1/creators/analytics/rules</c>: how the creator names or hides visits to her page, from facts that are stored. PUT
/// replaces all rules. They act on the past too; the published reports do not know them. <c>POST …/rules/preview</c> answers <c>sources</c> as it
/// would be with the rules of the body, and stores nothing.
/// </summary>
internal sealed record SourceRules(IReadOnlyList<SourceRule> Rules)
{
    public static void Map(IEndpointRouteBuilder reports, Settings settings)
    {
        reports.MapGet("rules", http => CallerPage.WithOwnAsync(http, page => AnswerAsync(http, page))).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("rules", settings.BioReadsPerMinute, TimeSpan.FromMinutes(1)), KeyAccess.Read);
        reports.MapPut("rules", http => CallerPage.WithOwnAsync(http, page => PutAsync(http, page))).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("rules put", settings.BioEditsPerMinute, TimeSpan.FromMinutes(1)));
        reports.MapPost("rules/preview", http => CallerPage.WithOwnAsync(http, page => PreviewAsync(http, page))).RequireAuthorization()
            .WithMetadata(new ThrottlePolicy("rules preview", settings.ReportsPerMinute, TimeSpan.FromMinutes(1)));
    }

    private static async Task PutAsync(HttpContext http, Guid page)
    {
        var (rules, refusal) = await ReadAsync(http);
        if (rules is null)
        {
            await Errors.WriteAsync(http, refusal!);
            return;
        }

        await http.RequestServices.GetRequiredService<PageNaming>().KeepRulesAsync(page, TextOf(rules), http.RequestAborted);
        await Audit.WriteAsync(http, AuditKind.Rules, page: page);
        await AnswerAsync(http, page);
    }

    private static async Task PreviewAsync(HttpContext http, Guid page)
    {
        var (rules, refusal) = await ReadAsync(http);
        await (rules is null
            ? Errors.WriteAsync(http, refusal!)
            : NamedSources.AnswerAsync(http, page, naming => naming with { Rules = rules }));
    }

    private static async Task AnswerAsync(HttpContext http, Guid page)
    {
        var naming = await http.RequestServices.GetRequiredService<PageNaming>().ReadAsync(page, http.RequestAborted);
        await ApiResponse.OkAsync(http, Of(naming.Rules), SourceRulesJson.Default.SuccessSourceRules);
    }

    private static async Task<(EquatableList<NamingRule>? Rules, ApiError? Refusal)> ReadAsync(HttpContext http)
    {
        var (body, refusal) = await JsonRequest.ReadAsync(http);
        if (body is null)
        {
            return (null, refusal);
        }

        using (body)
        {
            var (rules, details) = RuleReader.Read(body.Root);
            return rules is null ? (null, ApiError.Invalid(details)) : (rules, null);
        }
    }

    /// <summary>The rules as they are stored; null for none.</summary>
    public static string? TextOf(IReadOnlyCollection<NamingRule> rules) =>
        rules.Count == 0 ? null : JsonSerializer.Serialize(Of(rules), SourceRulesJson.Default.SourceRules);

    private static SourceRules Of(IEnumerable<NamingRule> rules) => new(
        [.. rules.Select(rule => new SourceRule(MatchOf(rule.Match), rule.Name, rule.Channel, rule.Hide ? true : null))]);

    private static JsonArray MatchOf(Filter filter)
    {
        var match = new JsonArray(FilterReader.NameOf(filter.Operator), filter.Dimension.Name);
        if (filter.Values.Count > 0)
        {
            match.Add((JsonNode)new JsonArray([.. filter.Values.Select(value => (JsonNode)value)]));
        }

        return match;
    }
}

/// <summary>A rule: the first that matches a visit acts.</summary>
/// <param name="Match">A filter on a stored fact, as in a query.</param>
/// <param name="Name">The source that such visits are; absent where it stays.</param>
/// <param name="Channel">Their channel; absent where it follows from the name.</param>
/// <param name="Hide">True where they are in no answer, else absent.</param>
internal sealed record SourceRule(
    JsonArray Match,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Channel,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Hide);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<SourceRules>))]
[JsonSerializable(typeof(SourceRules))]
internal sealed partial class SourceRulesJson : JsonSerializerContext;
