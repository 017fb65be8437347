using System.Text.Json.Serialization;
using Bioscope.Engine.Ingest;
using Bioscope.Engine.Rows;
using Bioscope.Server.Configuration;
using Bioscope.Server.Geo;
using Bioscope.Server.Web;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Bioscope.Server.Api.Ingest;

/// <summary>The routes to which visitors' browsers report, from pages of any origin.</summary>
internal static class Ingestion
{
    public static void AddIngestion(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(OptionsOf(settings));
        services.AddSingleton(provider =>
            OpenCountries(settings, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Countries>>()));
        services.AddSingleton<IngestMetrics>();
        services.AddSingleton<LinkPages>();
        services.AddSingleton<NumberedPages>();
        services.AddSingleton<PageSites>();
        services.AddSingleton<PublishedPages>();
        services.AddSingleton<VisitBudget>();
        services.AddSingleton<SessionOpening>();
        services.AddSingleton<HiEndpoint>();
        services.AddSingleton<AnonymousVisitors>();
        services.AddHostedService(provider => provider.GetRequiredService<AnonymousVisitors>());
        // Registered before the writer, so that it stops after the writer and can store the drops of its last batch.
        services.AddSingleton<DropCounter>();
        services.AddHostedService(provider => provider.GetRequiredService<DropCounter>());
        services.AddSingleton<PageMachines>();
        services.AddSingleton<IngestWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<IngestWriter>());
    }

    public static void Map(WebApplication app, Settings settings)
    {
        var analytics = app.MapGroup("/api/v1/analytics").RequireCors(AllowAnyOrigin);
        ((IEndpointConventionBuilder)analytics).Finally(LetIntoIsolatedPages);
        IdentifyEndpoint.Map(analytics, settings);
        // A back-end may send these for its visitors.
        var events = analytics.MapGroup("").WithMetadata(KeyAccess.Ingest);
        SessionEndpoint.Map(events, app.Services.GetRequiredService<SessionOpening>());
        PageViewEndpoint.Map(events, settings);
        HeartbeatEndpoint.Map(events, settings);
        LeaveEndpoint.Map(events, settings);
        ForgetEndpoint.Map(events, settings);
        var own = app.MapGroup("");
        ((IEndpointConventionBuilder)own).Finally(LetIntoIsolatedPages);
        HiEndpoint.Map(own, app.Services.GetRequiredService<HiEndpoint>());
    }

    /// <summary>The settings that the engine needs.</summary>
    public static IngestOptions OptionsOf(Settings settings) => new()
    {
        CountsAnonymously = settings.CountsAnonymously,
        VisitsPerMinutePerAddress = settings.ThrottleEnabled ? settings.VisitsPerMinutePerAddress : null,
    };

    /// <exception cref="SettingsException">The file disappeared or was damaged after the settings were read.</exception>
    public static Countries OpenCountries(Settings settings, TimeProvider clock, ILogger<Countries> log)
    {
        try
        {
            return new Countries(settings.GeoDatabase, clock, log);
        }
        catch (InvalidDataException e)
        {
            throw new SettingsException([$"Geo:Database: {e.Message}"]);
        }
    }

    /// <summary>How often an address, or a user, may use a route; requests over the limit are counted as dropped.</summary>
    public static ThrottlePolicy Limit(string route, int limit, TimeSpan window) => new(route, limit, window)
    {
        OnRefused = http =>
        {
            http.RequestServices.GetRequiredService<IngestMetrics>().Drop(DropReason.Throttle);
            return Task.CompletedTask;
        },
    };

    // Requests of sendBeacon get no CORS headers; a page with Cross-Origin-Embedder-Policy would report the response as refused.
    private static void LetIntoIsolatedPages(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = http =>
        {
            http.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
            return next(http);
        };
    }

    // No cookie is sent or read on these routes, so any page may use them; a browser sends a preflight at most once a day.
    public static void AllowAnyOrigin(CorsPolicyBuilder policy) => policy
        .AllowAnyOrigin()
        .WithMethods("POST", "PATCH")
        .WithHeaders("Content-Type", "Authorization", "X-Correlation-Id")
        .WithExposedHeaders("X-Correlation-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")
        .SetPreflightMaxAge(TimeSpan.FromDays(1));
}

/// <summary>The id of what was stored; null when nothing was stored.</summary>
internal sealed record StoredId(Guid? Id);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Success<StoredId>))]
internal sealed partial class StoredIdJson : JsonSerializerContext;
