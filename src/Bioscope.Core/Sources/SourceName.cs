using System.Collections.Frozen;

namespace Bioscope.Core;

/// <summary>A known source: its common name, and its mark (null if it has none).</summary>
public sealed record KnownSource(string Name, string? Mark);

/// <summary>
/// The common name of the service behind a referrer domain: <c>l.instagram.com</c> and <c>com.instagram.android</c> are Instagram.
/// Domains are compared label by label, so <c>netflix.com</c> is not <c>x.com</c>. The list is <c>sources.txt</c>.
/// </summary>
public static class SourceName
{
    private static readonly (
        FrozenDictionary<string, KnownSource> Domains,
        FrozenDictionary<string, KnownSource> Everywhere,
        FrozenDictionary<string, KnownSource> Apps) List = Read();

    /// <summary>All known sources, without duplicates.</summary>
    public static IEnumerable<KnownSource> All => List.Domains.Values.Concat(List.Everywhere.Values).Concat(List.Apps.Values).Distinct();

    private static readonly FrozenDictionary<string, KnownSource> ByName = All.DistinctBy(source => source.Name).ToFrozenDictionary(
        source => source.Name, StringComparer.Ordinal);

    /// <summary>The known source with that name; null when there is none.</summary>
    public static KnownSource? Named(string name) => ByName.GetValueOrDefault(name);

    /// <returns>The source of the referrer domain, or null when it is unknown.</returns>
    public static KnownSource? Of(string domain)
    {
        if (List.Apps.TryGetValue(domain, out var app))
        {
            return app;
        }

        // From the whole name down to its last label: the longest known suffix wins.
        for (var rest = domain.TrimEnd('.'); rest.Length > 0; rest = Parent(rest))
        {
            if (List.Domains.TryGetValue(rest, out var known)
                || (NationalName(rest) is { } name && List.Everywhere.TryGetValue(name, out known)))
            {
                return known;
            }
        }

        return null;
    }

    private static string Parent(string domain) =>
        domain.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? domain[(dot + 1)..] : "";

    /// <summary>
    /// <c>google</c> for <c>google.com</c>, <c>google.de</c>, <c>google.co.uk</c> and <c>google.com.br</c>; null for
    /// <c>google.example.de</c>.
    /// </summary>
    private static string? NationalName(string domain)
    {
        var labels = domain.Split('.');
        return labels switch
        {
            [var name, "com"] => name,
            [var name, { Length: 2 }] => name,
            [var name, "co" or "com", { Length: 2 }] => name,
            _ => null,
        };
    }

    private static (
        FrozenDictionary<string, KnownSource> Domains,
        FrozenDictionary<string, KnownSource> Everywhere,
        FrozenDictionary<string, KnownSource> Apps) Read()
    {
        Dictionary<string, KnownSource> domains = [], everywhere = [], apps = [];
        foreach (var line in EmbeddedText.Lines(typeof(SourceName).Assembly, "sources.txt"))
        {
            var fields = line.Split('|', StringSplitOptions.TrimEntries);
            var source = new KnownSource(fields[0], fields[1] == "-" ? null : fields[1]);
            foreach (var name in fields[2].Split(' '))
            {
                if (name.StartsWith("app:", StringComparison.Ordinal))
                {
                    // A host name has no capitals.
                    apps.Add(name[4..].ToLowerInvariant(), source);
                }
                else if (name.EndsWith(".*", StringComparison.Ordinal))
                {
                    everywhere.Add(name[..^2], source);
                }
                else
                {
                    domains.Add(name, source);
                }
            }
        }

        return (
            domains.ToFrozenDictionary(StringComparer.Ordinal),
            everywhere.ToFrozenDictionary(StringComparer.Ordinal),
            apps.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
