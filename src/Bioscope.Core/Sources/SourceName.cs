namespace Bioscope.Core;

/// <summary>
/// A known source: its common name, its mark (null if it has none), and its <see cref="Core.Channel"/> when nothing says that it was paid.
/// </summary>
public sealed record KnownSource(string Name, string? Mark, string Channel);

/// <summary>
/// The common name of the service behind a referrer domain: <c>l.instagram.com</c> and <c>com.instagram.android</c> are Instagram.
/// Domains are compared label by label, so <c>netflix.com</c> is not <c>x.com</c>. The list is <c>sources.txt</c>.
/// </summary>
public static class SourceName
{
    /// <summary>No known domain has more labels; the rest of a longer one is not looked at.</summary>
    private const int MaxLabels = 6;

    /// <summary>Letters of small countries that anybody may register and that the great sites do not use.</summary>
    private static readonly string[] NotNational = ["ai", "cc", "io", "tv"];

    private static SourceList List => SourceList.Embedded;

    /// <summary>All known sources, without duplicates.</summary>
    public static IEnumerable<KnownSource> All => List.Names.Values;

    /// <summary>The known source with that name, in any case; null when there is none.</summary>
    public static KnownSource? Named(string name) => List.Names.GetValueOrDefault(name);

    /// <returns>The source of the referrer domain, or null when it is unknown.</returns>
    public static KnownSource? Of(string domain)
    {
        if (List.Apps.TryGetValue(domain, out var known) || List.Browsers.TryGetValue(domain, out known))
        {
            return known;
        }

        var domains = List.Domains.GetAlternateLookup<ReadOnlySpan<char>>();
        var national = List.National.GetAlternateLookup<ReadOnlySpan<char>>();
        var host = domain.AsSpan().TrimEnd('.');
        // From the whole name down to its last label: the longest known suffix wins.
        for (var rest = Last(host); !rest.IsEmpty; rest = Parent(rest))
        {
            if (domains.TryGetValue(rest, out known) || national.TryGetValue(WithoutNation(rest), out known))
            {
                return known;
            }
        }

        return host.Count('.') is 1 or 2
            && List.Hosts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(host[..host.IndexOf('.')], out known) ? known : null;
    }

    /// <summary>
    /// The source of an app by its package, as <c>X-Requested-With</c> carries it. Null for browsers: they send it with every page.
    /// </summary>
    public static KnownSource? OfPackage(string package) => List.Apps.GetValueOrDefault(package);

    private static ReadOnlySpan<char> Last(ReadOnlySpan<char> host)
    {
        var start = host.Length;
        for (var labels = 0; labels < MaxLabels && start > 0; labels++)
        {
            start = host[..(start - 1)].LastIndexOf('.') + 1;
        }

        return host[start..];
    }

    private static ReadOnlySpan<char> Parent(ReadOnlySpan<char> domain) =>
        domain.IndexOf('.') is >= 0 and var dot ? domain[(dot + 1)..] : [];

    /// <summary>
    /// <c>google</c> for <c>google.com</c>, <c>google.de</c>, <c>google.co.uk</c> and <c>google.com.br</c>; nothing for
    /// <c>google.example</c>.
    /// </summary>
    private static ReadOnlySpan<char> WithoutNation(ReadOnlySpan<char> domain)
    {
        var dot = domain.LastIndexOf('.');
        if (dot < 0)
        {
            return [];
        }

        var last = domain[(dot + 1)..].ToString();
        var rest = domain[..dot];
        if (last == "com" || last.Length != 2)
        {
            return last == "com" ? rest : [];
        }

        dot = rest.LastIndexOf('.');
        return dot >= 0 && rest[(dot + 1)..] is "co" or "com" ? rest[..dot] : NotNational.Contains(last) ? [] : rest;
    }
}
