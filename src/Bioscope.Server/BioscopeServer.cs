using System.Net;
using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Retention;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Api.Data;
using Bioscope.Server.Api.Ingest;
using Bioscope.Server.Api.Keys;
using Bioscope.Server.Api.Mails;
using Bioscope.Server.Api.Pages;
using Bioscope.Server.Api.Reports;
using Bioscope.Server.Api.Sharing;
using Bioscope.Server.Api.Team;
using Bioscope.Server.Api.Webhooks;
using Bioscope.Server.Auditing;
using Bioscope.Server.Backups;
using Bioscope.Server.BioPages;
using Bioscope.Server.Configuration;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Dashboard.Sharing;
using Bioscope.Server.Docs;
using Bioscope.Server.Geo;
using Bioscope.Server.Mail;
using Bioscope.Server.Mcp;
using Bioscope.Server.Operations;
using Bioscope.Server.Proofs;
using Bioscope.Server.Tracking;
using Bioscope.Server.Web;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Npgsql;

namespace Bioscope.Server;

/// <summary>The web server: its services and its middleware. Commands, tests and benchmarks start it in the same way.</summary>
internal static partial class BioscopeServer
{
    // Database and server are often started together, and the database becomes ready later.
    private static readonly TimeSpan MaxWaitForDatabase = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Builds the server, brings its own databases to this version's schema and starts listening. Databases of another service are not
    /// used at start-up: while they are unavailable, the reports return 503.
    /// </summary>
    public static async Task<WebApplication> StartAsync(
        Settings settings, IConfiguration configuration, TimeProvider clock, CancellationToken cancellationToken)
    {
        var app = Build(settings, configuration, clock);
        try
        {
            if (!settings.SharedOwnership)
            {
                await MigrateAsync(app, clock, cancellationToken);
            }

            await app.StartAsync(cancellationToken);
            if (!settings.SharedOwnership)
            {
                _ = Task.Run(() => WarmUp(app.Services.GetRequiredService<Countries>()), CancellationToken.None);
            }

            return app;
        }
        catch
        {
            await StopAsync(app);
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops what has started of a server whose start failed; else each part would be logged as failed when it is disposed of.</summary>
    private static async Task StopAsync(WebApplication app)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await app.StopAsync(patience.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Why the start failed is what matters.
        }
    }

    /// <summary>Loads the embedded lists, which takes tens of milliseconds, before the first visitor has to wait for it.</summary>
    private static void WarmUp(Countries countries)
    {
        UserAgent.IsBot("Mozilla/5.0");
        UserAgent.Facts("Mozilla/5.0");
        countries.Of(IPAddress.Loopback);
        Referrer.Domain("https://bücher.example/");
    }

    /// <summary>Asks something of a database that may still be starting, as the migrations do.</summary>
    public static async Task<T> WhenStartedAsync<T>(Func<Task<T>> ask, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (NpgsqlException e) when (IsStarting(e) && clock.GetElapsedTime(started) < MaxWaitForDatabase)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    private static async Task MigrateAsync(WebApplication app, TimeProvider clock, CancellationToken cancellationToken)
    {
        Database[] databases = [app.Services.GetRequiredService<MainDatabase>(), app.Services.GetRequiredService<AnalyticsDatabase>()];
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                foreach (var name in await Migrator.MigrateAsync(databases, clock, cancellationToken))
                {
                    Log.Migrated(app.Logger, name);
                }

                return;
            }
            catch (NpgsqlException e) when (IsStarting(e) && clock.GetElapsedTime(started) < MaxWaitForDatabase)
            {
                Log.Waiting(app.Logger, e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    // The connection was refused, or the server says "the database system is starting up".
    private static bool IsStarting(NpgsqlException failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } or (not PostgresException and { IsTransient: true });

    private static WebApplication Build(Settings settings, IConfiguration configuration, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddConfiguration(configuration);
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.Configure(configuration.GetSection("Kestrel"));
            HttpLimits.Configure(kestrel);
            kestrel.ConfigureEndpointDefaults(endpoint =>
            {
                endpoint.ApplicationServices.GetRequiredService<ConnectionLimit>().Apply(endpoint);
                BareRefusals.GiveEnvelope(endpoint, clock);
            });
        }).UseUrls(settings.Urls.Split(';'));
        builder.Logging
            .AddConfiguration(configuration.GetSection("Logging"))
            .AddConsole(console => console.FormatterName = settings.LogsJson ? JsonLogLine.FormatterName : LogLine.FormatterName)
            .AddFilter("Microsoft", LogLevel.Warning)
            // Otherwise the host would create an activity and a scope for every request; our own scope has the correlation id.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            // Its messages below that level are about malformed requests, with stack traces; our own failures are logged by Errors.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical)
            // Likewise; failures of tools are logged by McpTools.
            .AddFilter("ModelContextProtocol", LogLevel.Critical)
            // The command prints a failed start in one line.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // Not by AddConsoleFormatter, whose options a trimmed program could lose: ours have none.
        builder.Services.AddSingleton<ConsoleFormatter, LogLine>().AddSingleton<ConsoleFormatter, JsonLogLine>();
        AddServices(builder.Services, settings, clock);

        var app = builder.Build();
        if (settings.Otlp is { HasTraces: true })
        {
            app.UseMiddleware<RequestSpans>();
        }

        app.UseMiddleware<CorrelationId>();
        if (settings.PathBase.Length > 0)
        {
            app.UseMiddleware<BasePath>();
        }

        app.UseResponseCompression();
        app.UseMiddleware<Errors>();
        app.UseMiddleware<HttpLimits>();
        // Both the name that the request was sent to and the one that a trusted proxy forwards must be known: proxies often pass on
        // X-Forwarded-Host as the client sent it, and by it a foreign name could pass for ours.
        app.UseMiddleware<KnownHosts>();
        app.UseMiddleware<ForwardedHeaders>();
        app.UseMiddleware<KnownHosts>();
        app.UseRouting();
        app.UseCors();
        // Without this flag the framework inserts its own before all others.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        app.UseMiddleware<AuthenticationMiddleware>();
        app.UseMiddleware<ThrottleMiddleware>();
        if (!settings.SharedOwnership)
        {
            app.UseMiddleware<KeyAccessMiddleware>();
        }

        app.UseAuthorization();
        MapRoutes(app, settings);
        return app;
    }

    private static void AddServices(IServiceCollection services, Settings settings, TimeProvider clock)
    {
        services.Replace(ServiceDescriptor.Singleton(clock));
        services.AddSingleton(settings);
        services.AddSingleton(provider =>
            new MainDatabase(settings.MainConnection, settings.SharedOwnership, provider.GetRequiredService<DatabaseTimings>()));
        services.AddSingleton(provider =>
            new AnalyticsDatabase(settings.AnalyticsConnection, settings.SharedOwnership, provider.GetRequiredService<DatabaseTimings>())
            {
                Dialect = { AsksOtherClocks = clock == TimeProvider.System },
            });
        services.AddSingleton<RollupReader>();
        services.AddSingleton(_ => new MemoryBudget(settings.QueryMemory, Math.Max(2, Environment.ProcessorCount)));
        services.AddSingleton(services => new QueryEngine(
            services.GetRequiredService<AnalyticsDatabase>(),
            services.GetRequiredService<RollupReader>(),
            settings.SharedOwnership ? null : services.GetRequiredService<PageHistory>(),
            services.GetRequiredService<MemoryBudget>(),
            services.GetRequiredService<TimeProvider>()));
        services.AddSingleton<KeptVisits>();
        services.AddRouting();
        services.AddCors();
        services.AddCompression();
        services.AddMetrics();
        services.AddBearer(settings, clock);
        services.AddSingleton<ClientAddress>();
        services.AddSingleton<UntrustedProxies>();
        services.AddSingleton<ConnectionLimit>();
        services.AddSingleton<CallerPage>();
        services.AddSingleton<PageZone>();
        services.AddSingleton<PageNaming>();
        services.AddSingleton<InstanceCount>();
        services.AddSingleton<SharedBudgets>();
        services.AddSingleton<Throttle>();
        services.AddSingleton<DatabaseTimings>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton<ProcessMetrics>();
        services.AddHostedService<IdleMemory>();
        if (settings.Otlp is { } receiver)
        {
            services.AddSingleton(receiver);
            services.AddHostedService<OtlpExport>(); // before the others, so that it stops after them
        }

        if (!settings.SharedOwnership)
        {
            services.AddSingleton<ApiKeys>();
            services.AddSingleton<SealedCountsCache>();
            services.AddSingleton<DamagedPages>();
            services.AddSingleton<LongTails>();
            services.AddSingleton(services => new PageHistory(services.GetRequiredService<DamagedPages>(), settings.QueryCache));
            services.AddHostedService<Instances>(); // first: nothing is counted beside an instance with other secrets
            if (settings.ThrottleEnabled)
            {
                services.AddHostedService(provider => provider.GetRequiredService<SharedBudgets>());
            }

            services.AddHostedService<SealingService>();
            services.AddHostedService(services => new RetentionService(
                services.GetRequiredService<AnalyticsDatabase>(), services.GetRequiredService<KeptVisits>(), settings.RetentionMonths,
                services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<RetentionService>>()));
            services.AddSingleton<SuspendedCreators>();
            services.AddSingleton<AuditLog>();
            services.AddSingleton<Audit>();
            services.AddIngestion(settings);
            services.AddAccounts();
            services.AddMail(settings);
            services.AddSingleton<Members>();
            services.AddSingleton<ILetterKind, TeamLetter>();
            services.AddSingleton<SharedLinks>();
            services.AddData();
            if (settings.BackupFolder is not null)
            {
                services.AddHostedService<BackupService>();
            }

            services.AddDashboard();
            if (settings.McpEnabled)
            {
                services.AddAssistants();
            }
        }
    }

    private static void MapRoutes(WebApplication app, Settings settings)
    {
        var analytics = app.MapGroup("/api/v1/creators/analytics");
        // Compressed: no browser sends the bearer by itself, so a stranger cannot have a report made, and reports hold no secret.
        var reports = analytics.MapGroup("").AllowOrigins(settings).Compressed().WithMetadata(KeyAccess.Read);
        Overview.Map(reports, settings);
        Trend.Map(reports, settings);
        TrafficSources.Map(reports, settings);
        GeoLocations.Map(reports, settings);
        DeviceSegments.Map(reports, settings);
        LinkClicks.Map(reports, settings);
        SessionQuality.Map(reports, settings);
        Export.Map(reports, settings);
        QueryEndpoint.Map(reports, settings);
        NamedSources.Map(reports, settings);

        Health.Map(app);
        MetricsEndpoint.Map(app, settings);
        ApiDocs.Map(app, settings);

        // Databases of another service are read-only.
        if (!settings.SharedOwnership)
        {
            Ingestion.Map(app, settings);
            Drops.Map(reports, settings);
            var rules = analytics.MapGroup("").WithMetadata(PageAccess.Editors);
            SourceRules.Map(rules, settings);
            ReferrerSpamRule.Map(rules, settings);
            SharedViewRoutes.Map(rules, settings);
            FrozenView.Map(rules, settings);
            ProofPages.Map(app);
            AccountServices.Map(app, settings);
            BioPageEndpoint.Map(app);
            AvatarEndpoint.Map(app);
            var creators = app.MapGroup("/api/v1/creators");
            var edited = creators.MapGroup("").WithMetadata(PageAccess.Editors);
            BioEditing.Map(edited, settings);
            BioLinks.Map(edited, settings);
            BioPlacements.Map(edited, settings);
            BioSites.Map(edited, settings);
            BioAvatar.Map(edited, settings);
            WebhookRoutes.Map(edited, settings);
            KeyRoutes.Map(creators, settings);
            MailSubscription.Map(creators, settings);
            TeamRoutes.Map(creators, settings);
            PageList.Map(creators, settings);
            DataRoutes.Map(creators, settings);
            Tracker.Map(app);
            DashboardRoutes.Map(app, settings);
            if (settings.McpEnabled)
            {
                McpEndpoint.Map(app, settings);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Applied migration {Name}")]
        public static partial void Migrated(ILogger logger, string name);

        [LoggerMessage(LogLevel.Warning, "The database does not respond yet. The server waits for it: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);
    }
}
