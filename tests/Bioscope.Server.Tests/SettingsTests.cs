using System.Net;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Configuration;

namespace Bioscope.Server.Tests;

/// <summary>What each setting takes, and what is said of a value that it does not take.</summary>
public sealed class SettingsTests
{
    /// <summary>All settings that are a count: a whole number above 0.</summary>
    public static TheoryData<string> Counts =>
    [
        .. Setting.All.Where(setting => int.TryParse(setting.Default, out var number) && number > 0 && setting.Key is not ("Otlp:TraceRatio" or "Query:Memory" or "Query:Cache"))
            .Select(setting => setting.Key).Append("Throttle:VisitsAddress"),
    ];

    [Theory, MemberData(nameof(Counts))]
    public void A_count_is_a_whole_number_above_0(string key)
    {
        foreach (var value in (string[])["0", "-1", "+1", "1.5", "1e3", "1,000", "0x10", "many", "2147483648", "９"])
        {
            Assert.Equal($"{key}: '{value}' is not a whole number above 0.", ProblemOf((key, value)));
        }

        foreach (var value in (string[])["1", " 7 ", "2147483647"])
        {
            Read((key, value));
        }
    }

    [Fact]
    public void Memory_of_questions_is_in_megabytes_and_has_bounds()
    {
        foreach (var value in (string[])["0", "31", "65537", "160 MB", "-160"])
        {
            Assert.Equal($"Query:Memory: '{value}' is not a number of megabytes from 32 to 65536.", ProblemOf(("Query:Memory", value)));
        }

        Assert.Equal(160L * 1024 * 1024, Read().QueryMemory);
        Assert.Equal(65_536L * 1024 * 1024, Read(("Query:Memory", "65536")).QueryMemory);
        Assert.Equal((128L << 20, 16L << 20), (Read().QueryCache, Read(("Query:Cache", "16")).QueryCache));
        Assert.Equal("Query:Cache: '15' is not a number of megabytes from 16 to 65536.", ProblemOf(("Query:Cache", "15")));
    }

    [Fact]
    public void Every_count_is_tested()
    {
        // A new setting of another name is found by its default.
        Assert.Equal(21, Counts.Count);
        Assert.Contains("Backup:Keep", Counts.Select(row => row.Data));
        Assert.Contains("Limits:ConnectionsPerAddress", Counts.Select(row => row.Data));
    }

    [Theory]
    [InlineData("Storage:Ownership", "own, shared", "SHARED")]
    [InlineData("Accounts:SignUp", "closed, invite, open", "Invite")]
    [InlineData("Counting:Mode", "consent, anonymous", "Anonymous")]
    [InlineData("Throttle:Enabled", "true, false", "False")]
    [InlineData("Mcp:Enabled", "true, false", "TRUE")]
    [InlineData("Log:Format", "text, json", "Json")]
    public void A_choice_is_one_of_the_words_in_any_case(string key, string words, string valid)
    {
        foreach (var value in (string[])["1", "yes", "no such word"])
        {
            Assert.Equal($"{key}: '{value}' is not one of {words}.", ProblemOf((key, value)));
        }

        Read((key, valid));
        foreach (var word in words.Split(", ").Where(word => word != "open")) // that one needs a mail server
        {
            Read((key, word));
        }
    }

    [Fact]
    public void Choices_take_effect()
    {
        var usual = Read();
        Assert.Equal(
            (false, false, false, false, true, false, false),
            (usual.SharedOwnership, usual.SignUpByInvitation, usual.SignUpIsOpen, usual.CountsAnonymously, usual.ThrottleEnabled, usual.McpEnabled, usual.LogsJson));
        var other = Read(
            ("Storage:Ownership", "shared"), ("Accounts:SignUp", "invite"), ("Counting:Mode", "anonymous"), ("Throttle:Enabled", "false"),
            ("Mcp:Enabled", "true"), ("Log:Format", "json"));
        Assert.Equal(
            (true, true, false, true, false, true, true),
            (other.SharedOwnership, other.SignUpByInvitation, other.SignUpIsOpen, other.CountsAnonymously, other.ThrottleEnabled, other.McpEnabled, other.LogsJson));
        var open = Read(("Accounts:SignUp", "open"), ("Mail:Server", "smtp.example"), ("Mail:From", "a@b.example"), ("PublicUrl", "https://links.example"));
        Assert.Equal((true, true), (open.SignUpByInvitation, open.SignUpIsOpen));
    }

    [Fact]
    public void Open_sign_up_needs_a_mail_server() => Assert.Equal(
        "Mail:Server: it must be set when Accounts:SignUp is 'open': addresses are confirmed by mail.", ProblemOf(("Accounts:SignUp", "open")));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("13", 13)]
    [InlineData("1200", 1200)]
    [InlineData("12", null)]
    [InlineData("1", null)]
    [InlineData("1201", null)]
    [InlineData("-13", null)]
    [InlineData("13.0", null)]
    [InlineData("ever", null)]
    public void Visits_are_kept_13_to_1200_months_or_for_ever(string value, int? months)
    {
        if (months is { } valid)
        {
            Assert.Equal(valid, Read(("Retention:Months", value)).RetentionMonths);
            return;
        }

        Assert.Equal(
            $"Retention:Months: '{value}' is neither 0 (visits are kept for ever) nor a number of months from 13 to 1200: reports look back up " +
            "to 365 days.",
            ProblemOf(("Retention:Months", value)));
    }

    [Theory]
    [InlineData(null, "600", 60)]
    [InlineData(null, "599", 60)] // not fewer than 60
    [InlineData(null, "1", 60)]
    [InlineData(null, "6010", 601)]
    [InlineData("5", "6000", 5)] // what the operator says counts, however small
    [InlineData("  ", "1000", 100)] // blank is not set
    public void An_address_may_begin_a_tenth_of_its_sessions_on_one_page(string? visits, string sessions, int expected) =>
        Assert.Equal(expected, Read(("Throttle:VisitsAddress", visits), ("Throttle:SessionAddress", sessions)).VisitsPerMinutePerAddress);

    [Theory]
    [InlineData("Auth:JwtSecret", 32)]
    [InlineData("Tracking:HmacSecret", 16)]
    [InlineData("Tracking:VisitorSecret", 16)]
    public void A_secret_has_a_number_of_bytes_not_of_characters(string key, int bytes)
    {
        var problem = $"{key}: the secret is too short. It must have at least {bytes} bytes.";
        Assert.Equal(problem, ProblemOf((key, new string('x', bytes - 1))));
        Assert.Equal(problem, ProblemOf((key, "  " + new string('x', bytes - 1) + "  "))); // blanks around it are no part of it
        Assert.DoesNotContain("xxxx", ProblemOf((key, new string('x', bytes - 1))), StringComparison.Ordinal);
        Read((key, new string('x', bytes)));
        Read((key, new string('é', bytes / 2)));
        Read((key, "")); // made at the first start
    }

    [Theory]
    [InlineData("64 of them", true)]
    [InlineData("63", false)]
    [InlineData("65", false)]
    [InlineData("a g among them", false)]
    [InlineData("digits of another script", false)]
    public void A_signing_key_has_64_hexadecimal_characters(string what, bool isValid)
    {
        var key = what switch
        {
            "63" => new string('a', 63),
            "65" => new string('a', 65),
            "a g among them" => new string('a', 63) + "g",
            "digits of another script" => new string('٣', 64),
            _ => new string('a', 32) + new string('F', 32),
        };
        if (isValid)
        {
            Assert.Equal(key, Read(("Proof:SigningKey", key)).ProofKey);
            return;
        }

        Assert.Equal(
            "Proof:SigningKey: it must have 64 hexadecimal characters, such as those of 'openssl rand -hex 32'.", ProblemOf(("Proof:SigningKey", key)));
    }

    [Theory]
    [InlineData("http://localhost:5000")]
    [InlineData("http://LOCALHOST")]
    [InlineData("https://*:443")]
    [InlineData("http://+:80/")]
    [InlineData("http://[::1]:5000")]
    [InlineData("http://[::]")]
    [InlineData("http://127.0.0.1:65535")]
    [InlineData("http://unix:/run/bioscope.sock")]
    [InlineData("http://127.0.0.1:0; https://localhost:0")]
    public void An_address_to_listen_on_is_taken(string urls) => Assert.Equal(urls.Replace("; ", ";", StringComparison.Ordinal), Read(("Urls", urls)).Urls);

    [Theory]
    [InlineData("links.example", "links.example")]
    [InlineData("http://links.example", "http://links.example")] // the web server would take it for all addresses
    [InlineData("http://127.1:80", "http://127.1:80")]
    [InlineData("http://2130706433", "http://2130706433")]
    [InlineData("http://::1:80", "http://::1:80")]
    [InlineData("http://[::1", "http://[::1")]
    [InlineData("http://[localhost]:80", "http://[localhost]:80")]
    [InlineData("http://localhost:65536", "http://localhost:65536")]
    [InlineData("http://localhost:", "http://localhost:")]
    [InlineData("http://localhost:80/x", "http://localhost:80/x")]
    [InlineData("ftp://localhost", "ftp://localhost")]
    [InlineData("http://localhost:80;", "")]
    [InlineData("http://localhost;nonsense", "nonsense")]
    public void Any_other_address_to_listen_on_is_refused(string urls, string named) => Assert.Equal(
        $"Urls: '{named}' is not an address to listen on, such as http://localhost:5000, http://192.168.0.5:5000, or http://*:8080 for all " +
        "addresses of this machine.",
        ProblemOf(("Urls", urls)));

    [Theory]
    [InlineData("https://id.example/realms/main", true)]
    [InlineData("http://localhost:8080", true)]
    [InlineData("http://127.0.0.1", true)]
    [InlineData("http://[::1]:1", true)]
    [InlineData("http://id.example", false)]
    [InlineData("id.example", false)]
    [InlineData("https://anna@id.example", false)]
    [InlineData("https://id.example#x", false)]
    [InlineData("ldap://id.example", false)]
    public void An_authority_is_asked_by_https_except_on_this_machine(string address, bool isValid)
    {
        if (isValid)
        {
            Assert.Equal(address, Read(("Auth:Authority", address), ("Auth:Audience", "bioscope")).Authority);
            return;
        }

        Assert.Equal(
            $"Auth:Authority: '{address}' is not an address such as https://id.example/realms/main (http only for localhost).",
            ProblemOf(("Auth:Authority", address), ("Auth:Audience", "bioscope")));
    }

    [Fact]
    public void An_authority_needs_an_audience() => Assert.Equal(
        "Auth:Audience: it must be set when Auth:Authority is set. Without it, Bioscope would accept tokens that id.example issued for other services.",
        ProblemOf(("Auth:Authority", "https://id.example/x"), ("Auth:Audience", " ")));

    [Theory]
    [InlineData("https://links.example", "https://links.example")]
    [InlineData("https://Links.Example:443/", "https://links.example")]
    [InlineData("http://links.example:8080", "http://links.example:8080")]
    [InlineData("  https://links.example ", "https://links.example")]
    [InlineData("https://bücher.example", "https://bücher.example")]
    public void A_public_address_is_an_origin(string text, string read) => Assert.Equal(read, Read(("PublicUrl", text)).PublicUrl);

    [Theory]
    [InlineData("links.example")]
    [InlineData("ftp://links.example")]
    [InlineData("https://anna:secret@links.example")]
    [InlineData("https://links.example?x")]
    [InlineData("https://links.example/#x")]
    [InlineData("https://")]
    [InlineData("javascript:alert(1)")]
    public void Any_other_public_address_is_refused(string text) => Assert.Equal(
        $"PublicUrl: '{text}' is not the start of a web address, such as https://links.example.", ProblemOf(("PublicUrl", text)));

    [Fact]
    public void A_public_address_with_a_path_says_what_to_set_too() => Assert.Equal(
        "PublicUrl: 'https://links.example/stats/' has the path /stats. Set PathBase=/stats too, so that all pages are below it.",
        ProblemOf(("PublicUrl", "https://links.example/stats/")));

    [Fact]
    public void Hosts_are_names_with_or_without_a_port()
    {
        var hosts = Read(("Hosts:Allowed", " Stats.Example. , *.example.com,, [2001:DB8::1]:8443 ")).AllowedHosts;

        Assert.Equal(["stats.example ", "*.example.com ", "2001:db8::1 8443"], hosts.Select(host => $"{host.Pattern} {host.Port}"));
        Assert.Equal(
            string.Join(Environment.NewLine, ((string[])["https://stats.example", "a b", "*"]).Select(
                text => $"Hosts:Allowed: '{text}' is not a host name such as stats.example, *.example.com or stats.example:8443.")),
            ProblemOf(("Hosts:Allowed", "https://stats.example,good.example,a b,*")));
    }

    [Theory]
    [InlineData("Proxies:Trusted")]
    [InlineData("Metrics:Allowed")]
    [InlineData("Webhooks:Allowed")]
    public void Networks_are_addresses_or_ranges(string key)
    {
        var networks = NetworksOf(Read((key, " 10.0.0.0/8 ,::1,::ffff:192.0.2.7,fe80::1%3,, NONE")));

        Assert.Equal(["10.0.0.0/8", "::1/128", "192.0.2.7/32", "fe80::1/128"], networks.Select(network => network.ToString()));
        Assert.Empty(NetworksOf(Read((key, "none"))));
        foreach (var text in (string[])["10.0.0.0/33", "proxy.example", "10.0.0.0/", "10.0.0.0-10.0.0.9", "::1/129"])
        {
            Assert.Equal($"{key}: '{text}' is neither an address nor a range such as 10.0.0.0/8.", ProblemOf((key, $"127.0.0.1,{text}")));
        }

        IReadOnlyList<IPNetwork> NetworksOf(Settings settings) => key switch
        {
            "Proxies:Trusted" => settings.TrustedProxies,
            "Metrics:Allowed" => settings.MetricsAllowed,
            _ => settings.WebhooksAllowed,
        };
    }

    [Fact]
    public void Only_the_word_none_says_that_there_is_no_proxy()
    {
        Assert.True(Read().MayHaveUnknownProxy);
        Assert.True(Read(("Proxies:Trusted", "10.0.0.1")).MayHaveUnknownProxy);
        Assert.False(Read(("Proxies:Trusted", "None")).MayHaveUnknownProxy);
    }

    [Theory]
    [InlineData("https://app.example", "https://app.example")]
    [InlineData("https://APP.example:443/", "https://app.example")]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    public void An_origin_is_taken_as_browsers_send_it(string text, string origin) => Assert.Equal([origin], Read(("Cors:Origins", text)).CorsOrigins);

    [Theory]
    [InlineData("app.example")]
    [InlineData("https://*.example")]
    [InlineData("*")]
    [InlineData("https://app.example/x")]
    [InlineData("https://app.example?x")]
    [InlineData("null")]
    public void A_pattern_or_path_is_no_origin(string text) => Assert.Equal(
        $"Cors:Origins: '{text}' is not an origin such as https://app.example or http://localhost:3000. Wildcards are not allowed.",
        ProblemOf(("Cors:Origins", text)));

    [Fact]
    public void All_problems_are_told_at_once_unknown_settings_first()
    {
        var problems = ProblemOf(
            ("Urls", "nonsense"), ("Throttle:Login", "0"), ("Throttle:Logins", "9"), ("Backup:Foldr", "x"), ("Geo:Nothing", "x"), ("Storage:Ownership", "x"))
            .Split(Environment.NewLine);

        Assert.Equal(
            [
                "Backup:Foldr: this setting does not exist. Did you mean Backup:Folder?",
                "Geo:Nothing: this setting does not exist.",
                "Throttle:Logins: this setting does not exist. Did you mean Throttle:Login?",
                "Storage:Ownership: 'x' is not one of own, shared.",
                "Throttle:Login: '0' is not a whole number above 0.",
            ],
            problems[..5]);
        Assert.StartsWith("Urls: 'nonsense'", problems[5], StringComparison.Ordinal);
        Assert.Equal(6, problems.Length);
    }

    [Fact]
    public void Settings_of_other_programs_and_other_cases_of_ours_are_no_problem()
    {
        var settings = Read(("PATH", "/bin"), ("Logging:LogLevel:Default", "None"), ("Kestrel:Limits:MaxConcurrentConnections", "9"), ("Other:Thing", "x"),
            ("tHROTTLE:rEPORTS", "7"));

        Assert.Equal(7, settings.ReportsPerMinute);
    }

    private static Settings Read(params (string Key, string? Value)[] values) => Settings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, pair.Value))).Build());

    private static string ProblemOf(params (string Key, string? Value)[] values) => Assert.Throws<SettingsException>(() => Read(values)).Message;
}
