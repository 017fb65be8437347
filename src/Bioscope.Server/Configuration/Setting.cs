namespace Bioscope.Server.Configuration;

/// <summary>
/// A setting as operators see it: in <c>appsettings.json</c>, as environment variable (<c>:</c> becomes <c>__</c>) or on the
/// command line (<c>--Key value</c>). This list is what <c>--help</c> shows and what an unknown setting is checked against.
/// </summary>
internal sealed record Setting(string Key, string Default, string Help)
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("ConnectionStrings:Main", "Data Source=data/main.db", "Database of creators: 'Data Source=…' (SQLite) or 'Host=…' (PostgreSQL)"),
        new("ConnectionStrings:Analytics", "Data Source=data/analytics.db", "Database of sessions and page views, likewise"),
        new("Storage:Ownership", "own", "'own': Bioscope makes and writes the tables; 'shared': it only reads another service's"),
        new("Auth:JwtSecret", "", "HS256 key of access tokens, at least 32 bytes; made on first start when empty"),
        new("Auth:Issuer", "", "Only accept tokens of this issuer; any when empty"),
        new("Auth:Audience", "", "Only accept tokens for this audience; any when empty"),
        new("Auth:Authority", "", "Also accept the tokens of this OIDC authority, for Auth:Audience: https://id.example"),
        new("Tracking:HmacSecret", "", "Key of tracking tokens; made on first start when empty"),
        new("Tracking:VisitorSecret", "", "Key of visitor hashes, never change it; made on first start when empty"),
        new("Counting:Mode", "consent", "'consent': visitors are asked before they are counted; 'anonymous': counted by a hash that holds for one day, without a banner"),
        new("Throttle:Enabled", "true", "Whether requests are limited"),
        new("Throttle:Reports", "60", "Report requests a minute, per report and caller; the dashboard counts as one"),
        new("Throttle:Query", "600", "Queries a minute, per caller"),
        new("Throttle:Bio", "60", "Requests a minute that read the caller's bio page or its links, per route and caller"),
        new("Throttle:BioEdits", "30", "Requests a minute that change them, per route and caller"),
        new("Throttle:Session", "10", "Sessions a minute, per address and visitor"),
        new("Throttle:Login", "20", "Logins an hour, per caller"),
        new("Throttle:Refresh", "60", "Refreshes and logouts an hour each, per caller"),
        new("Throttle:SessionAddress", "600", "Sessions a minute, per address"),
        new("Throttle:VisitsAddress", "", "Visits that one address may begin on a page in a minute, more on a page with many visitors; when empty, a tenth of Throttle:SessionAddress and at least 60"),
        new("Throttle:PageView", "30", "Page views and clicks a minute, per address"),
        new("Throttle:Heartbeat", "5", "Heartbeats in 30 seconds, per address"),
        new("Throttle:Leave", "10", "Page views left a minute, per address"),
        new("Throttle:Events", "1200", "Requests of the tracker a minute, per address"),
        new("Throttle:Identify", "60", "Sessions identified a minute, per user"),
        new("Proxies:Trusted", "", "Reverse proxies whose client address is believed: addresses or CIDR ranges, separated by commas"),
        new("Limits:ConnectionsPerAddress", "4000", "Connections that one address may hold open; trusted proxies are exempt"),
        new("Hosts:Allowed", "", "Host names to answer for besides that of PublicUrl, separated by commas: stats.example, *.example.com; any when both are empty"),
        new("Metrics:Allowed", "127.0.0.0/8,::1", "Who may read /metrics, not through a proxy: addresses or CIDR ranges, separated by commas, or none"),
        new("Log:Format", "text", "'text': a readable line an entry; 'json': an object a line"),
        new("Geo:Database", "", "An .mmdb by which visitors' countries are found; the built-in table when empty"),
        new("PublicUrl", "", "Where visitors reach it, such as https://links.example; bio pages then name it and may be kept by shared caches"),
        new("Urls", "http://localhost:5000", "Where to listen, separated by semicolons"),
    ];

    /// <summary>Sections and keys of the framework that may stand in the same places.</summary>
    public static IReadOnlyList<string> Framework { get; } = ["Logging", "Kestrel"];
}
