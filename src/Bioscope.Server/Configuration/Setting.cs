namespace Bioscope.Server.Configuration;

/// <summary>
/// A setting as operators see it: in <c>appsettings.json</c>, as an environment variable (<c>:</c> becomes <c>__</c>) or on the command
/// line (<c>--Key value</c>). <c>--help</c> shows this list, and unknown settings are checked against it.
/// </summary>
internal sealed record Setting(string Key, string Default, string Help)
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("Data:Folder", "data", "Folder of the SQLite databases, secrets and keys that are made at the first start"),
        new(
            "Database",
            "",
            "Database for everything: 'Data Source=…' (SQLite), or 'Host=…' or postgres://user:password@host/database (PostgreSQL); when " +
            "empty, two SQLite files in Data:Folder"),
        new(
            "ConnectionStrings:Main",
            "",
            "Another database for creators, pages and links, in the same form; when empty, that of Database, or main.db in Data:Folder"),
        new(
            "ConnectionStrings:Analytics",
            "",
            "Another database for sessions and page views, in the same form; when empty, that of Database, or analytics.db in Data:Folder"),
        new("Storage:Ownership", "own", "'own': Bioscope creates and writes the tables; 'shared': it only reads another service's tables"),
        new("Auth:JwtSecret", "", "HS256 key of access tokens, at least 32 bytes; created at the first start when empty"),
        new("Auth:Issuer", "", "Accept only tokens of this issuer; any issuer when empty"),
        new("Auth:Audience", "", "Accept only tokens for this audience; any audience when empty"),
        new(
            "Auth:Authority",
            "",
            "Address of an OIDC authority whose tokens are accepted too, such as https://id.example; needs Auth:Audience"),
        new(
            "Accounts:SignUp",
            "closed",
            "Who may open an account: 'closed': nobody, accounts are added by 'bioscope creator add'; 'invite': who has an invitation of " +
            "'bioscope creator invite'; 'open': anybody, by a link to her address, which needs Mail:Server"),
        new("Tracking:HmacSecret", "", "Key of tracking tokens, at least 16 bytes; created at the first start when empty"),
        new(
            "Tracking:VisitorSecret",
            "",
            "Key of visitor hashes, at least 16 bytes; created at the first start when empty. Never change it, or every visitor counts " +
            "as new"),
        new("Proof:SigningKey", "", "Ed25519 key that signs frozen views, 64 hexadecimal characters; created at the first start when empty"),
        new(
            "Counting:Mode",
            "consent",
            "'consent': a banner asks visitors before they are counted; 'anonymous': no banner, visitors are counted by a hash that " +
            "changes every day"),
        new("Backup:Folder", "", "Folder in which the server makes backups of SQLite databases and its secrets; when empty, it makes none"),
        new("Backup:Hours", "24", "Hours between two backups"),
        new("Backup:Keep", "7", "How many backups are kept"),
        new(
            "Retention:Months", "0",
            "For how many whole months, besides the running one, visits are kept: 13 to 1200; 0 keeps them for ever"),
        new("Audit:Months", "12", "How many months it is kept who did what"),
        new("Query:Memory", "160", "Megabytes that all questions about pages may use together, from 32 to 65536"),
        new("Query:Cache", "128", "Megabytes in which what questions read and came to is kept for the next ones, from 16 to 65536"),
        new("Throttle:Enabled", "true", "Whether requests are limited: true or false"),
        new("Throttle:Reports", "60", "Requests per minute, for each report and caller; the dashboard counts as one report"),
        new("Throttle:Query", "600", "Queries per minute, for each caller"),
        new("Throttle:Bio", "60", "Requests per minute that read the caller's bio page or its links, for each route and caller"),
        new("Throttle:BioEdits", "30", "Requests per minute that change the caller's bio page or its links, for each route and caller"),
        new("Throttle:Session", "10", "Sessions per minute, for each address and visitor"),
        new("Throttle:Login", "20", "Logins per hour, for each caller"),
        new("Throttle:Refresh", "60", "Refreshes per hour, and logouts per hour, for each caller"),
        new("Throttle:SessionAddress", "600", "Sessions per minute, for each address"),
        new(
            "Throttle:VisitsAddress",
            "",
            "Visits per minute that one address may begin on one page, more on a page with many visitors; when empty, a tenth of " +
            "Throttle:SessionAddress, but at least 60"),
        new("Throttle:PageView", "30", "Page views and clicks per minute, for each address"),
        new("Throttle:Heartbeat", "5", "Heartbeats per 30 seconds, for each address"),
        new("Throttle:Leave", "10", "Leave events per minute, for each address"),
        new("Throttle:Events", "1200", "Requests of the tracker per minute, for each address"),
        new("Throttle:Data", "10", "Downloads of all data per hour, for each caller, and requests to forget a visitor per hour, for each address"),
        new("Throttle:Mcp", "120", "Requests of assistants per minute, for each API key"),
        new("Throttle:Key", "6000", "Requests per minute, for each API key, over all routes; each route's own limit counts too"),
        new("Throttle:Identify", "60", "Identify requests per minute, for each user"),
        new(
            "Proxies:Trusted",
            "",
            "Reverse proxies whose forwarded client address, scheme and host are trusted: addresses or CIDR ranges, separated by commas; " +
            "'none' if there is no proxy, which also ends the warning about forwarded headers"),
        new(
            "PathBase",
            "",
            "Path under which a reverse proxy shows the server, such as /stats; all pages, links and cookies are then below it"),
        new("Limits:ConnectionsPerAddress", "4000", "Connections that one address may hold open at a time; trusted proxies are exempt"),
        new(
            "Hosts:Allowed",
            "",
            "Host names to answer for besides that of PublicUrl, separated by commas, such as stats.example, *.example.com; any host " +
            "when both are empty"),
        new(
            "Cors:Origins",
            "",
            "Origins whose pages may read reports and sign in by the API from a browser, separated by commas, such as https://app.example; " +
            "none when empty"),
        new(
            "Metrics:Allowed",
            "127.0.0.0/8,::1",
            "Who may read /metrics, not through a proxy: addresses or CIDR ranges, separated by commas, or 'none'"),
        new(
            "Otlp:Endpoint",
            "",
            "Receiver of metrics and traces by OpenTelemetry's protocol, such as http://localhost:4318; nothing is sent when empty. Like the " +
            "other three, OTEL_EXPORTER_OTLP_ENDPOINT and its siblings count where it is not set"),
        new("Otlp:Protocol", "http/protobuf", "How they are sent: http/protobuf or grpc"),
        new("Otlp:Headers", "", "HTTP headers that are sent with them, such as api-key=…, separated by commas"),
        new("Otlp:TraceRatio", "1", "Which part of the traces is recorded, from 0 (none) to 1 (all)"),
        new("Mcp:Enabled", "false", "Whether assistants may ask for figures at /mcp, with an API key: true or false"),
        new("Log:Format", "text", "'text': one readable line per entry; 'json': one JSON object per line"),
        new("Geo:Database", "", "Path of an .mmdb file to find visitors' countries with; the built-in table when empty"),
        new("Mail:Server", "", "Server that sends mail, as host or host:port, such as smtp.example:587; without it, no mail is sent"),
        new(
            "Mail:Security",
            "auto",
            "'tls', 'starttls' or 'none'; 'auto' is tls on port 465, otherwise starttls, which only a server on this machine may lack"),
        new("Mail:User", "", "User that signs in to the mail server; nobody does when empty"),
        new("Mail:Password", "", "That user's password"),
        new("Mail:From", "", "Sender of mails, such as stats@links.example or Bioscope <stats@links.example>; needed with Mail:Server"),
        new(
            "Webhooks:Allowed",
            "",
            "Addresses or CIDR ranges of your own network that webhooks may post to, separated by commas; public addresses always are"),
        new(
            "PublicUrl",
            "",
            "Address at which visitors reach the server, such as https://links.example; bio pages then name it, shared caches may " +
            "keep them, and mails link to it"),
        new("Urls", "http://localhost:5000", "Addresses to listen on, separated by semicolons"),
    ];

    /// <summary>Sections and keys of the framework that may occur in the same places.</summary>
    public static IReadOnlyList<string> Framework { get; } = ["Logging", "Kestrel"];
}
