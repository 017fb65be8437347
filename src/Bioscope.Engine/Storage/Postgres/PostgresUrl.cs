using System.Collections.Frozen;
using System.Globalization;
using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Connection addresses as hosting platforms give them, <c>postgres://user:password@host:port/database?sslmode=require</c>, in the driver's
/// format. Rules: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS. No message contains a part that may be
/// of a password.
/// </summary>
internal static class PostgresUrl
{
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    // libpq's names, and three that others have made usual (Prisma, JDBC). Any keyword of the driver works as well.
    private static readonly FrozenDictionary<string, string> Keywords = new Dictionary<string, string>
    {
        ["user"] = "Username",
        ["password"] = "Password",
        ["host"] = "Host",
        ["port"] = "Port",
        ["dbname"] = "Database",
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslpassword"] = "SSL Password",
        ["sslnegotiation"] = "SSL Negotiation",
        ["channel_binding"] = "Channel Binding",
        ["gssencmode"] = "GSS Encryption Mode",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["options"] = "Options",
        ["passfile"] = "Passfile",
        ["target_session_attrs"] = "Target Session Attributes",
        ["client_encoding"] = "Client Encoding",
        ["keepalives_idle"] = "TCP Keepalive Time",
        ["pgbouncer"] = "PgBouncer",
        ["connection_limit"] = "Maximum Pool Size",
        ["schema"] = "Search Path",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static bool Is(string text) => Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>The same in the driver's format.</summary>
    /// <exception cref="FormatException">It is not such an address; the message says which part.</exception>
    public static string ToConnectionString(string url)
    {
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (beforeQuery, query) = Cut(rest, '?');
        // In a password '/' and '?' must be escaped, but '@' often is not.
        var (authority, path) = Cut(beforeQuery, '/');
        var at = authority.LastIndexOf('@');
        var keywords = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (at >= 0)
        {
            var (user, password) = Cut(authority[..at], ':');
            Add(keywords, "Username", user, "the user");
            Add(keywords, "Password", password, "the password");
        }

        AddHosts(keywords, authority[(at + 1)..]);
        Add(keywords, "Database", path, "the database");
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(part, '=');
            AddParameter(keywords, Decode(name, "the name of a parameter"), value);
        }

        if (!keywords.ContainsKey("Host"))
        {
            throw new FormatException("The address names no host; it must be like postgres://user:password@host:5432/database.");
        }

        return Build(keywords);
    }

    private static string Build(Dictionary<string, string> keywords)
    {
        var builder = new System.Data.Common.DbConnectionStringBuilder();
        var known = new NpgsqlConnectionStringBuilder();
        foreach (var (keyword, value) in keywords)
        {
            try
            {
                if (keyword != "PgBouncer")
                {
                    known[keyword] = value;
                }
            }
            catch (ArgumentException)
            {
                throw new FormatException($"The parameter '{keyword}' is not known, or its value is not valid.");
            }

            builder[keyword] = value;
        }

        return builder.ConnectionString;
    }

    // Several hosts, for a cluster whose primary changes.
    private static void AddHosts(Dictionary<string, string> keywords, string text)
    {
        var hosts = text.Length == 0 ? [] : text.Split(',').Select(HostOf).ToList();
        if (hosts is [var (host, port)])
        {
            keywords["Host"] = host;
            Add(keywords, "Port", port, "the port");
        }
        else if (hosts.Count > 1)
        {
            keywords["Host"] = string.Join(
                ',', hosts.Select(one => (one.Host.Contains(':', StringComparison.Ordinal) ? $"[{one.Host}]" : one.Host) + (one.Port.Length > 0 ? ":" + one.Port : "")));
        }
    }

    private static (string Host, string Port) HostOf(string text)
    {
        var colon = text.LastIndexOf(':');
        var (name, port) = colon > text.LastIndexOf(']') ? (text[..colon], text[(colon + 1)..]) : (text, "");
        var host = Decode(name is ['[', .., ']'] ? name[1..^1] : name, "the host");
        var isHost = host.StartsWith('/') || Uri.CheckHostName(host) != UriHostNameType.Unknown; // a path is that of a socket
        if (!isHost || (port.Length > 0 && !(ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)))
        {
            throw new FormatException(
                "Its host or port cannot be read. In user and password, write '/' as %2F, '?' as %3F, '#' as %23, '%' as %25 and '@' as %40.");
        }

        return (host, port);
    }

    private static void AddParameter(Dictionary<string, string> keywords, string name, string value)
    {
        var keyword = Keywords.GetValueOrDefault(name, name);
        Add(keywords, keyword, value, $"the parameter {name}");
        if (keyword == "SSL Mode" && keywords.TryGetValue(keyword, out var mode))
        {
            keywords[keyword] = mode.Replace("-", "", StringComparison.Ordinal); // verify-full
        }
    }

    private static void Add(Dictionary<string, string> keywords, string keyword, string text, string part)
    {
        if (text.Length > 0)
        {
            keywords[keyword] = Decode(text, part);
        }
    }

    private static string Decode(string text, string part)
    {
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]) || text.AsSpan(i + 1, 2) is "00")
            {
                throw new FormatException($"A '%' in {part} is not followed by two hexadecimal digits. Write '%' itself as %25.");
            }
        }

        return Uri.UnescapeDataString(text);
    }

    private static (string Before, string After) Cut(string text, char separator) =>
        text.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, "");
}
