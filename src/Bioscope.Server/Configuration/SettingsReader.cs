using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Bioscope.Core;
using Bioscope.Server.Geo;
using Microsoft.Extensions.Configuration.Json;
using MimeKit;

namespace Bioscope.Server.Configuration;

/// <summary>Reads settings and collects every problem, so that an operator sees all of them at once.</summary>
internal sealed partial class SettingsReader(IConfiguration configuration)
{
    // A proxy may remove the base path or not; with one of these it would be unclear whether it did.
    private static readonly string[] OwnPaths =
    [
        "api", "dashboard", "operator", "docs", "openapi.json", "s", "proof", "mcp", "hi", "healthz", "readyz", "metrics", "bioscope.js",
        "dashboard.js", "dashboard-passkeys.js", "dashboard-world.svg",
    ];

    private readonly List<string> _problems = [];

    /// <summary>A misspelt setting would silently leave the default in force, so it is a problem.</summary>
    public void RejectUnknown()
    {
        var sections = Setting.All.Select(setting => setting.Key.Split(':')[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var keys = Setting.All.Select(setting => setting.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = configuration.AsEnumerable()
            .Where(pair => pair.Value is not null && pair.Key.Contains(':', StringComparison.Ordinal))
            .Select(pair => pair.Key)
            .Where(key => sections.Contains(key.Split(':')[0]) && !keys.Contains(key))
            .Concat(UnknownSectionsOfFile(sections));
        foreach (var key in unknown.Order(StringComparer.OrdinalIgnoreCase))
        {
            _problems.Add($"{key}: this setting does not exist.{Suggestion(key)}");
        }
    }

    public void ThrowIfAnyProblem()
    {
        if (_problems.Count > 0)
        {
            throw new SettingsException([.. _problems.Distinct()]); // a setting may be read twice
        }
    }

    /// <summary>Adds a problem: the key, a colon, and what to do.</summary>
    public void Refuse(string problem) => _problems.Add(problem);

    public string Text(string key) => Optional(key) ?? Setting.All.Single(setting => setting.Key == key).Default;

    public string? Optional(string key) => configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    public string Choice(string key, params string[] choices)
    {
        var text = Text(key);
        if (choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } choice)
        {
            return choice;
        }

        _problems.Add($"{key}: '{text}' is not one of {string.Join(", ", choices)}.");
        return choices[0];
    }

    public int Count(string key)
    {
        if (Whole(key) is > 0 and var count)
        {
            return count;
        }

        _problems.Add($"{key}: '{Text(key)}' is not a whole number above 0.");
        return 1;
    }

    /// <returns>In bytes.</returns>
    public long Megabytes(string key, int min, int max)
    {
        if (Whole(key) is { } count && count >= min && count <= max)
        {
            return (long)count << 20;
        }

        _problems.Add($"{key}: '{Text(key)}' is not a number of megabytes from {min} to {max}.");
        return (long)min << 20;
    }

    /// <summary>The published reports look back 365 days, so fewer months would take visits from them.</summary>
    public int RetentionMonths(string key)
    {
        if (Whole(key) is (0 or (>= 13 and <= 1200)) and var months)
        {
            return months;
        }

        _problems.Add($"{key}: '{Text(key)}' is neither 0 (visits are kept for ever) nor a number of months from 13 to 1200: reports look back up to 365 days.");
        return 0;
    }

    public string Secret(string key, int minBytes)
    {
        var secret = Optional(key) ?? "";
        if (secret.Length > 0 && Encoding.UTF8.GetByteCount(secret) < minBytes)
        {
            _problems.Add($"{key}: the secret is too short. It must have at least {minBytes} bytes.");
        }

        return secret;
    }

    /// <summary>A key of 32 bytes as hexadecimal characters; empty when it is not set.</summary>
    public string Key(string key)
    {
        var text = Optional(key) ?? "";
        if (text.Length > 0 && !(text.Length == 64 && text.All(char.IsAsciiHexDigit)))
        {
            _problems.Add($"{key}: it must have 64 hexadecimal characters, such as those of 'openssl rand -hex 32'.");
        }

        return text;
    }

    /// <summary>
    /// Addresses to listen on. The web server reads what it cannot parse as "all addresses of this machine", so only what is meant that way
    /// passes.
    /// </summary>
    public string Urls(string key)
    {
        var urls = Text(key).Split(';', StringSplitOptions.TrimEntries);
        foreach (var url in urls.Where(url => !IsUrl(url)))
        {
            _problems.Add(
                $"{key}: '{url}' is not an address to listen on, such as http://localhost:5000, http://192.168.0.5:5000, or http://*:8080 for " +
                "all addresses of this machine.");
        }

        return string.Join(';', urls);

        static bool IsUrl(string url)
        {
            if (UrlPattern().Match(url) is not { Success: true, Groups: var parts })
            {
                return false;
            }

            var (host, port) = (parts["host"].Value, parts["port"]);
            return (!port.Success || int.Parse(port.Value, CultureInfo.InvariantCulture) <= IPEndPoint.MaxPort)
                && (host.ToLowerInvariant() is "localhost" or "*" or "+" || host.StartsWith("unix:/", StringComparison.Ordinal)
                    || (IPAddress.TryParse(host, out _) && (host.StartsWith('[') || host.Count(c => c == '.') == 3)));
        }
    }

    public string? GeoDatabase(string key)
    {
        var path = Optional(key);
        try
        {
            using var file = path is null ? null : CountryFile.Open(path);
        }
        catch (InvalidDataException e)
        {
            _problems.Add($"{key}: {e.Message}");
        }

        return path;
    }

    /// <summary>
    /// An authority issues tokens for all the services it knows: without the audience, each of those services could act as its users
    /// here.
    /// </summary>
    public string? Authority(string key, string audienceKey)
    {
        if (Optional(key) is not { } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            || address.Query.Length + address.Fragment.Length + address.UserInfo.Length > 0)
        {
            _problems.Add($"{key}: '{text}' is not an address such as https://id.example/realms/main (http only for localhost).");
        }
        else if (Optional(audienceKey) is null)
        {
            _problems.Add(
                $"{audienceKey}: it must be set when {key} is set. Without it, Bioscope would accept tokens that {address.Host} issued " +
                "for other services.");
        }

        return text;
    }

    /// <summary>Who may open an account: whoever may do so by herself confirms her address by mail.</summary>
    public string SignUp(string key, string mailKey)
    {
        var choice = Choice(key, "closed", "invite", "open");
        if (choice == "open" && Optional(mailKey) is null)
        {
            _problems.Add($"{mailKey}: it must be set when {key} is 'open': addresses are confirmed by mail.");
        }

        return choice;
    }

    /// <summary>The server that sends mail, or null when none is set. Mails link to this server, whose address no request may choose.</summary>
    public MailServer? Mail(string publicUrlKey)
    {
        var others = new[] { "Mail:User", "Mail:Password", "Mail:From" };
        if (Optional("Mail:Server") is not { } text)
        {
            _problems.AddRange(others.Where(key => Optional(key) is not null).Select(key => $"{key}: it is of no use without Mail:Server."));
            return null;
        }

        var security = Choice("Mail:Security", "auto", "tls", "starttls", "none");
        var server = MailServer.Parse(text);
        if (server is null)
        {
            _problems.Add($"Mail:Server: '{text}' is not a host such as smtp.example or smtp.example:587.");
        }

        if (!MailboxAddress.TryParse(Text("Mail:From"), out var from) || !from.Address.Contains('@', StringComparison.Ordinal))
        {
            _problems.Add("Mail:From: it must be the address that sends mails, such as stats@links.example, when Mail:Server is set.");
        }

        if (Optional("Mail:User") is null != Optional("Mail:Password") is null)
        {
            _problems.Add("Mail:User and Mail:Password: set both, or none.");
        }

        if (Optional(publicUrlKey) is null)
        {
            _problems.Add($"{publicUrlKey}: it must be set when Mail:Server is set: mails link to this server.");
        }

        return server is var (host, port) && from is not null
            ? new MailServer(
                host, port, MailServer.SecurityOf(security, host, port), Optional("Mail:User"), Optional("Mail:Password") ?? "", from)
            : null;
    }

    /// <summary>A path such as <c>/stats</c>; empty when it is not set.</summary>
    public string PathBase(string key)
    {
        var path = Optional(key)?.TrimEnd('/') ?? "";
        if (path.Length > 0 && (!PathPattern().IsMatch(path) || OwnPaths.Contains(path.Split('/')[1])))
        {
            _problems.Add(
                $"{key}: '{path}' is not a path such as /stats: letters, digits, '-', '_' and '.', and not the name of one of this server's " +
                "own pages.");
        }

        return path;
    }

    /// <summary>Scheme, host and port of a web address, followed by the base path; null when it is not set.</summary>
    public string? PublicUrl(string key, string pathBase)
    {
        if (Optional(key) is not { } text)
        {
            return null;
        }

        if (OutboundUrl.IsAllowed(text) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Query: "", Fragment: "" })
        {
            var path = url.AbsolutePath.TrimEnd('/');
            if (path.Length > 0 && path != pathBase)
            {
                _problems.Add($"{key}: '{text}' has the path {path}. Set PathBase={path} too, so that all pages are below it.");
            }

            return url.GetLeftPart(UriPartial.Authority) + pathBase;
        }

        _problems.Add($"{key}: '{text}' is not the start of a web address, such as https://links.example.");
        return null;
    }

    /// <summary>Exact origins: a pattern would let in whoever gets a name that fits.</summary>
    public IReadOnlySet<string> Origins(string key)
    {
        var origins = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in Text(key).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (text.Contains("://", StringComparison.Ordinal) && !text.Contains('*', StringComparison.Ordinal)
                && SiteOrigin.Of(text) is { } origin && SiteOrigin.PathOf(text, maxLength: 2) == "/" && text.AsSpan().IndexOfAny("?#") < 0)
            {
                origins.Add(origin);
            }
            else
            {
                _problems.Add($"{key}: '{text}' is not an origin such as https://app.example or http://localhost:3000. Wildcards are not allowed.");
            }
        }

        return origins;
    }

    public IReadOnlyList<AllowedHost> Hosts(string key)
    {
        var hosts = new List<AllowedHost>();
        foreach (var text in Text(key).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (AllowedHost.Parse(text) is { } host)
            {
                hosts.Add(host);
            }
            else
            {
                _problems.Add($"{key}: '{text}' is not a host name such as stats.example, *.example.com or stats.example:8443.");
            }
        }

        return hosts;
    }

    public IReadOnlyList<IPNetwork> Networks(string key)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in Text(key).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (IPAddress.TryParse(text, out var given))
            {
                // The zone of a link-local address is a number of this machine, and not part of a range.
                var address = new IPAddress((given.IsIPv4MappedToIPv6 ? given.MapToIPv4() : given).GetAddressBytes());
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else
            {
                _problems.Add($"{key}: '{text}' is neither an address nor a range such as 10.0.0.0/8.");
            }
        }

        return networks;
    }

    /// <summary>In our own file, even an unknown section is a typo; the environment is full of other programs' names.</summary>
    private IEnumerable<string> UnknownSectionsOfFile(HashSet<string> sections)
    {
        if (configuration is not IConfigurationRoot root)
        {
            return [];
        }

        var known = sections.Concat(Setting.Framework).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return root.Providers.OfType<JsonConfigurationProvider>()
            .SelectMany(file => file.GetChildKeys([], null))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Where(key => !known.Contains(key));
    }

    [GeneratedRegex("^(/[A-Za-z0-9_][A-Za-z0-9._-]*)+$")]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"^https?://(?<host>unix:/[^;]+|[^\[\]:/;\s]+|\[[^\]\s]+\])(:(?<port>[0-9]{1,5}))?/?$", RegexOptions.IgnoreCase)]
    private static partial Regex UrlPattern();

    /// <summary>A number of digits only; null where it is none.</summary>
    private int? Whole(string key) =>
        int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Suggestion(string key)
    {
        var (section, end) = (key.Split(':')[0], key[(key.LastIndexOf(':') + 1)..]);
        var close = Setting.All.OrderByDescending(setting => setting.Key.Split(':')[0].Equals(section, StringComparison.OrdinalIgnoreCase))
            .FirstOrDefault(setting => setting.Key.Split(':')[^1].StartsWith(end[..Math.Min(3, end.Length)], StringComparison.OrdinalIgnoreCase));
        return close is null ? "" : $" Did you mean {close.Key}?";
    }
}

/// <summary>The settings cannot be used; the message has a line for each problem.</summary>
internal sealed class SettingsException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems));
