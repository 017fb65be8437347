using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Bioscope.Server.Configuration;

/// <summary>The settings, read and validated once at start-up; see <see cref="Setting.All"/> for their meaning.</summary>
internal sealed record Settings
{
    /// <summary>Where databases, secrets and keys are that the operator did not place elsewhere.</summary>
    public required string DataFolder { get; init; }

    public required string MainConnection { get; init; }

    public required string AnalyticsConnection { get; init; }

    /// <summary>Reports are read from databases that another service writes: no DDL, no writes.</summary>
    public required bool SharedOwnership { get; init; }

    /// <summary>Empty until <see cref="Secrets.Complete"/> has filled it, like the other two.</summary>
    public required string JwtSecret { get; init; }

    /// <summary>The settings of secrets that the operator did not set: they were made at the first start, and are in files.</summary>
    public IReadOnlyList<string> KeptSecrets { get; init; } = [];

    public required string? Issuer { get; init; }

    public required string? Audience { get; init; }

    /// <summary>Address of the OIDC authority; if it is set, so is the audience.</summary>
    public required string? Authority { get; init; }

    /// <summary>
    /// People with an invitation of the operator open their accounts themselves; otherwise only the operator adds accounts.
    /// </summary>
    public required bool SignUpByInvitation { get; init; }

    /// <summary>Anybody may have an invitation sent to her address; mail can then be sent.</summary>
    public required bool SignUpIsOpen { get; init; }

    public required string HmacSecret { get; init; }

    public required string VisitorSecret { get; init; }

    /// <summary>The private key of proofs as 64 hexadecimal characters; empty where there is none.</summary>
    public required string ProofKey { get; init; }

    /// <summary>Bio pages count without a banner and without storing anything in the browser; otherwise visitors are asked first.</summary>
    public required bool CountsAnonymously { get; init; }

    /// <summary>In bytes, for all questions together.</summary>
    public required long QueryMemory { get; init; }

    /// <summary>In bytes, for what is kept of questions for the next ones.</summary>
    public required long QueryCache { get; init; }

    public required bool ThrottleEnabled { get; init; }

    public required int ReportsPerMinute { get; init; }

    public required int QueriesPerMinute { get; init; }

    public required int BioReadsPerMinute { get; init; }

    public required int BioEditsPerMinute { get; init; }

    public required int SessionsPerMinute { get; init; }

    public required int SessionsPerMinutePerAddress { get; init; }

    public required int VisitsPerMinutePerAddress { get; init; }

    // An operator who raises the limit of sessions per address also wants more of them counted.
    private const int MinVisitsPerMinutePerAddress = 60;

    public required int PageViewsPerMinute { get; init; }

    public required int HeartbeatsPerHalfMinute { get; init; }

    public required int LeavesPerMinute { get; init; }

    /// <summary>For our own tracker, per address.</summary>
    public required int EventsPerMinute { get; init; }

    public required int IdentifiesPerMinute { get; init; }

    public required int RequestsPerMinutePerKey { get; init; }

    /// <summary>Whether assistants may ask for figures.</summary>
    public required bool McpEnabled { get; init; }

    public required int McpPerMinute { get; init; }

    public required int LoginsPerHour { get; init; }

    public required int DataPerHour { get; init; }

    /// <summary>Where the server makes backups; null for none.</summary>
    public string? BackupFolder { get; init; }

    public required int BackupHours { get; init; }

    public required int BackupsKept { get; init; }

    /// <summary>How many whole months visits are kept, besides the running one; 0 for all.</summary>
    public required int RetentionMonths { get; init; }

    /// <summary>How long the audit is kept.</summary>
    public required int AuditMonths { get; init; }

    public required int RefreshesPerHour { get; init; }

    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>The operator has not said whether there is a proxy, so a sign of one is reported.</summary>
    public required bool MayHaveUnknownProxy { get; init; }

    /// <summary>The path below which everything is, such as <c>/stats</c>; empty when there is none.</summary>
    public required string PathBase { get; init; }

    public required int ConnectionsPerAddress { get; init; }

    /// <summary>In addition to the host of <see cref="PublicUrl"/>; when both are empty, any host is allowed.</summary>
    public required IReadOnlyList<AllowedHost> AllowedHosts { get; init; }

    /// <summary>Origins as browsers send them, whose pages may use the API.</summary>
    public required IReadOnlySet<string> CorsOrigins { get; init; }

    public required IReadOnlyList<IPNetwork> MetricsAllowed { get; init; }

    /// <summary>Where metrics and traces are sent to; null when they are not.</summary>
    public required OtlpReceiver? Otlp { get; init; }

    public required bool LogsJson { get; init; }

    /// <summary>Networks that webhooks may post to besides public addresses.</summary>
    public required IReadOnlyList<IPNetwork> WebhooksAllowed { get; init; }

    /// <summary>The path of an .mmdb, or null for the built-in table.</summary>
    public required string? GeoDatabase { get; init; }

    /// <summary>
    /// Scheme and host that visitors use, followed by <see cref="PathBase"/>, without a trailing slash; null when the operator has not set
    /// it.
    /// </summary>
    public required string? PublicUrl { get; init; }

    /// <summary>The server that sends mail; null when no mail is sent. With it, <see cref="PublicUrl"/> is set.</summary>
    public required MailServer? Mail { get; init; }

    public required string Urls { get; init; }

    /// <exception cref="SettingsException">A setting is unknown or invalid; every problem is listed, one per line.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        reader.RejectUnknown();
        var shared = reader.Choice("Storage:Ownership", "own", "shared") == "shared";
        var folder = reader.Text("Data:Folder");
        var (main, analytics) = DatabaseSettings.Read(reader, folder);
        var pathBase = reader.PathBase("PathBase");
        var signUp = reader.SignUp("Accounts:SignUp", "Mail:Server");
        var settings = new Settings
        {
            DataFolder = folder,
            MainConnection = main,
            AnalyticsConnection = analytics,
            SharedOwnership = shared,
            JwtSecret = reader.Secret("Auth:JwtSecret", minBytes: 32),
            Issuer = reader.Optional("Auth:Issuer"),
            Audience = reader.Optional("Auth:Audience"),
            Authority = reader.Authority("Auth:Authority", "Auth:Audience"),
            SignUpByInvitation = signUp is not "closed",
            SignUpIsOpen = signUp is "open",
            HmacSecret = reader.Secret("Tracking:HmacSecret", minBytes: 16),
            VisitorSecret = reader.Secret("Tracking:VisitorSecret", minBytes: 16),
            ProofKey = reader.Key("Proof:SigningKey"),
            CountsAnonymously = reader.Choice("Counting:Mode", "consent", "anonymous") == "anonymous",
            QueryMemory = reader.Megabytes("Query:Memory", 32, 65_536),
            QueryCache = reader.Megabytes("Query:Cache", 16, 65_536),
            ThrottleEnabled = reader.Choice("Throttle:Enabled", "true", "false") == "true",
            ReportsPerMinute = reader.Count("Throttle:Reports"),
            QueriesPerMinute = reader.Count("Throttle:Query"),
            BioReadsPerMinute = reader.Count("Throttle:Bio"),
            BioEditsPerMinute = reader.Count("Throttle:BioEdits"),
            SessionsPerMinute = reader.Count("Throttle:Session"),
            SessionsPerMinutePerAddress = reader.Count("Throttle:SessionAddress"),
            VisitsPerMinutePerAddress = reader.Optional("Throttle:VisitsAddress") is null
                ? Math.Max(MinVisitsPerMinutePerAddress, reader.Count("Throttle:SessionAddress") / 10)
                : reader.Count("Throttle:VisitsAddress"),
            PageViewsPerMinute = reader.Count("Throttle:PageView"),
            HeartbeatsPerHalfMinute = reader.Count("Throttle:Heartbeat"),
            LeavesPerMinute = reader.Count("Throttle:Leave"),
            EventsPerMinute = reader.Count("Throttle:Events"),
            IdentifiesPerMinute = reader.Count("Throttle:Identify"),
            McpEnabled = reader.Choice("Mcp:Enabled", "true", "false") == "true",
            McpPerMinute = reader.Count("Throttle:Mcp"),
            RequestsPerMinutePerKey = reader.Count("Throttle:Key"),
            LoginsPerHour = reader.Count("Throttle:Login"),
            DataPerHour = reader.Count("Throttle:Data"),
            BackupFolder = reader.Optional("Backup:Folder"),
            BackupHours = reader.Count("Backup:Hours"),
            BackupsKept = reader.Count("Backup:Keep"),
            RetentionMonths = reader.RetentionMonths("Retention:Months"),
            AuditMonths = reader.Count("Audit:Months"),
            RefreshesPerHour = reader.Count("Throttle:Refresh"),
            TrustedProxies = reader.Networks("Proxies:Trusted"),
            MayHaveUnknownProxy = !"none".Equals(reader.Optional("Proxies:Trusted"), StringComparison.OrdinalIgnoreCase),
            PathBase = pathBase,
            ConnectionsPerAddress = reader.Count("Limits:ConnectionsPerAddress"),
            AllowedHosts = reader.Hosts("Hosts:Allowed"),
            CorsOrigins = reader.Origins("Cors:Origins"),
            MetricsAllowed = reader.Networks("Metrics:Allowed"),
            Otlp = OtlpReceiver.Read(reader),
            WebhooksAllowed = reader.Networks("Webhooks:Allowed"),
            LogsJson = reader.Choice("Log:Format", "text", "json") == "json",
            GeoDatabase = reader.GeoDatabase("Geo:Database"),
            PublicUrl = reader.PublicUrl("PublicUrl", pathBase),
            Mail = reader.Mail("PublicUrl"),
            Urls = reader.Urls("Urls"),
        };
        reader.ThrowIfAnyProblem();
        return settings;
    }

    /// <summary>
    /// The settings from <c>appsettings.json</c> in the working directory, the environment and the command line; later ones win.
    /// </summary>
    /// <exception cref="SettingsException">As for <see cref="Read"/>, or the file is not JSON.</exception>
    public static Settings Load(IReadOnlyDictionary<string, string?> commandLine)
    {
        try
        {
            return Read(Configure(new ConfigurationBuilder(), commandLine).Build());
        }
        catch (InvalidDataException e)
        {
            var (cause, place) = ((Exception)e, "");
            for (; cause.InnerException is { } inner; cause = inner)
            {
            }

            if (cause is JsonException { LineNumber: { } line, BytePositionInLine: { } at })
            {
                // Its own message counts from 0.
                place = string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, byte {at + 1}: ");
            }

            throw new SettingsException([$"appsettings.json: {place}{cause.Message.Split(" LineNumber:")[0]}"]);
        }
    }

    /// <summary>Adds the sources of <see cref="Load"/>.</summary>
    public static IConfigurationBuilder Configure(IConfigurationBuilder builder, IReadOnlyDictionary<string, string?> commandLine) =>
        builder
        .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true, reloadOnChange: false)
        .AddEnvironmentVariables()
        .AddInMemoryCollection(commandLine);
}
