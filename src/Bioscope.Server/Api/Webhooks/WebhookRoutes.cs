using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Bioscope.Core;
using Bioscope.Engine.Json;
using Bioscope.Engine.Storage;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Webhooks;

/// <summary>
/// <c>/api/v1/creators/webhooks</c>: the page's webhooks, oldest first, each with its secret; POST adds one, <c>DELETE …/{id}</c> removes
/// one, <c>POST …/{id}/test</c> sends it an event, and <c>GET …/{id}/deliveries</c> lists its last attempts. A webhook of another page
/// gets 404, like one that does not exist.
/// </summary>
internal static class WebhookRoutes
{
    /// <summary>The channel of webhooks in the outbox.</summary>
    public const string Channel = "webhook";

    /// <summary>How long it is tried: longer than a night in which a receiver is away.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(1);

    public static void Map(IEndpointRouteBuilder creators, Settings settings)
    {
        var webhooks = creators.MapGroup("webhooks").RequireAuthorization();
        webhooks.MapGet("", http => CallerPage.WithOwnAsync(http, page => ListAsync(http, page))).WithMetadata(BioEditing.Reads("webhooks", settings));
        webhooks.MapPost("", http => CallerPage.WithOwnAsync(http, page => PostAsync(http, page)))
            .WithMetadata(BioEditing.Edits("webhook post", settings));
        webhooks.MapDelete("{id}", http => CallerPage.WithOwnAsync(http, page => DeleteAsync(http, page)))
            .WithMetadata(BioEditing.Edits("webhook delete", settings));
        webhooks.MapPost("{id}/test", http => CallerPage.WithOwnAsync(http, page => TestAsync(http, page)))
            .WithMetadata(BioEditing.Edits("webhook test", settings));
        webhooks.MapGet("{id}/deliveries", http => CallerPage.WithOwnAsync(http, page => DeliveriesAsync(http, page)))
            .WithMetadata(BioEditing.Reads("webhook deliveries", settings));
    }

    /// <summary>Adds a webhook, or returns why the page cannot have it.</summary>
    public static Task<ApiError?> AddAsync(HttpContext http, Guid page, Webhook webhook) =>
        BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
            return await webhook.AddAsync(main, transaction, page, now, http.RequestAborted) < Webhook.Max
                ? null
                : ApiError.Conflict($"a page has at most {Webhook.Max} webhooks");
        });

    /// <summary>Has a test event sent to a webhook.</summary>
    /// <returns>False when the page does not have it.</returns>
    public static async Task<bool> TestAsync(HttpContext http, Guid page, Guid id)
    {
        var services = http.RequestServices;
        if (await Webhook.FindAsync(services.GetRequiredService<MainDatabase>(), page, id, http.RequestAborted) is null)
        {
            return false;
        }

        var outbox = services.GetRequiredService<Outbox>();
        var data = new JsonObject { ["webhook"] = id.ToString("D"), ["page"] = page.ToString("D") }.ToJsonString();
        var key = $"{Webhook.Test}:{id:D}:{Guid.NewGuid():N}";
        await outbox.AddAsync([outbox.New(Channel, Webhook.Test, key, data, TimeSpan.FromMinutes(1))], http.RequestAborted);
        return true;
    }

    /// <summary>Why an address cannot be a webhook's, as the continuation of its name; null when it can.</summary>
    public static string? ProblemOf(string url) =>
        url.Length > MaxUrl ? $"must have at most {MaxUrl} characters"
        : !OutboundUrl.IsAllowed(url) || !Uri.TryCreate(url, UriKind.Absolute, out _) ? "must be a web address, such as https://hooks.example/bioscope"
        : null;

    private const int MaxUrl = 2048;

    private static Webhook Read(JsonBody body, DateTimeOffset now)
    {
        var (url, events) = (body.RequiredText("url", 1, int.MaxValue).Trim(), body.OptionalTexts("events") ?? []);
        if (url.Length > 0 && ProblemOf(url) is { } problem)
        {
            body.Refuse("url", problem);
        }

        if (events.Count == 0 || events.Any(name => !Webhook.All.Contains(name)))
        {
            body.Refuse("events", $"must be some of {string.Join(", ", Webhook.All)}");
        }

        return new Webhook(Guid.CreateVersion7(now), url, [.. Webhook.All.Where(events.Contains)]);
    }

    private static async Task ListAsync(HttpContext http, Guid page)
    {
        var webhooks = await Webhook.ReadAsync(MainOf(http), page, http.RequestAborted);
        await ApiResponse.OkAsync(http, new OwnWebhooks([.. webhooks.Select(webhook => Own(http, webhook))]), WebhookJson.Default.SuccessOwnWebhooks);
    }

    private static async Task PostAsync(HttpContext http, Guid page)
    {
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var (webhook, refusal) = await JsonRequest.ReadAsync(http, body => Read(body, now));
        refusal ??= await AddAsync(http, page, webhook!);
        if (refusal is not null)
        {
            await Errors.WriteAsync(http, refusal);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        await ApiResponse.OkAsync(http, Own(http, webhook!), WebhookJson.Default.SuccessOwnWebhook);
    }

    private static async Task DeleteAsync(HttpContext http, Guid page) => await (
        IdOf(http) is { } id && await Webhook.RemoveAsync(MainOf(http), page, id, http.RequestAborted)
            ? ApiResponse.AcknowledgeAsync(http)
            : Errors.WriteAsync(http, ApiError.WebhookNotFound));

    private static async Task TestAsync(HttpContext http, Guid page) => await (
        IdOf(http) is { } id && await TestAsync(http, page, id) ? ApiResponse.AcknowledgeAsync(http) : Errors.WriteAsync(http, ApiError.WebhookNotFound));

    private static async Task DeliveriesAsync(HttpContext http, Guid page)
    {
        if (IdOf(http) is not { } id || await Webhook.FindAsync(MainOf(http), page, id, http.RequestAborted) is null)
        {
            await Errors.WriteAsync(http, ApiError.WebhookNotFound);
            return;
        }

        var deliveries = await WebhookDelivery.ReadAsync(MainOf(http), id, http.RequestAborted);
        await ApiResponse.OkAsync(http, new WebhookDeliveries(deliveries), WebhookJson.Default.SuccessWebhookDeliveries);
    }

    private static OwnWebhook Own(HttpContext http, Webhook webhook) =>
        new(webhook.Id, webhook.Url, webhook.Events, http.RequestServices.GetRequiredService<WebhookSigner>().SecretOf(webhook.Id));

    private static Guid? IdOf(HttpContext http) => Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id) ? id : null;

    private static MainDatabase MainOf(HttpContext http) => http.RequestServices.GetRequiredService<MainDatabase>();
}

/// <summary>A webhook as its owner sees it.</summary>
internal sealed record OwnWebhook(Guid Id, string Url, IReadOnlyList<string> Events, string Secret);

/// <summary>The page's webhooks.</summary>
internal sealed record OwnWebhooks(IReadOnlyList<OwnWebhook> Webhooks);

/// <summary>The last attempts of a webhook, newest first.</summary>
internal sealed record WebhookDeliveries(IReadOnlyList<WebhookDelivery> Deliveries);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(Success<OwnWebhook>))]
[JsonSerializable(typeof(Success<OwnWebhooks>))]
[JsonSerializable(typeof(Success<WebhookDeliveries>))]
internal sealed partial class WebhookJson : JsonSerializerContext;
