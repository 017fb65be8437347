using System.Collections.Frozen;

namespace Bioscope.Core;

/// <summary>The embedded list <c>sources.txt</c>, read once. A name that it has twice makes the start fail.</summary>
internal sealed class SourceList
{
    private readonly Dictionary<string, KnownSource> _domains = Empty(), _national = Empty(), _hosts = Empty(), _apps = Empty();
    private readonly Dictionary<string, KnownSource> _browsers = Empty(), _tags = Empty(), _paidTags = Empty(), _names = Empty();

    /// <param name="lines">As <c>sources.txt</c> has them.</param>
    /// <exception cref="InvalidDataException">An item is there twice or of no kind.</exception>
    internal SourceList(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Add(line.Split('|', StringSplitOptions.TrimEntries));
        }

        (Domains, National, Hosts) = (Frozen(_domains), Frozen(_national), Frozen(_hosts));
        (Apps, Browsers) = (Frozen(_apps), Frozen(_browsers));
        (Tags, PaidTags, Names) = (Frozen(_tags), Frozen(_paidTags), Frozen(_names));
    }

    /// <summary>The embedded one.</summary>
    public static SourceList Embedded { get; } = new(EmbeddedText.Lines(typeof(SourceList).Assembly, "sources.txt"));

    /// <summary>By domain: itself and all below it.</summary>
    public FrozenDictionary<string, KnownSource> Domains { get; }

    /// <summary>By the part of a domain before <c>.com</c> or what countries have for it.</summary>
    public FrozenDictionary<string, KnownSource> National { get; }

    /// <summary>By the first label of a host of two or three labels.</summary>
    public FrozenDictionary<string, KnownSource> Hosts { get; }

    /// <summary>By an Android app's package.</summary>
    public FrozenDictionary<string, KnownSource> Apps { get; }

    /// <summary>By a browser's package.</summary>
    public FrozenDictionary<string, KnownSource> Browsers { get; }

    /// <summary>By an alias without separators, names included.</summary>
    public FrozenDictionary<string, KnownSource> Tags { get; }

    /// <summary>By an alias without separators that only advertisements have.</summary>
    public FrozenDictionary<string, KnownSource> PaidTags { get; }

    /// <summary>By the source's name.</summary>
    public FrozenDictionary<string, KnownSource> Names { get; }

    /// <summary>An alias as it is compared: letters and digits in lower case.</summary>
    public static string Key(ReadOnlySpan<char> text)
    {
        var key = new char[text.Length];
        var length = 0;
        foreach (var c in text)
        {
            if (char.IsLetterOrDigit(c))
            {
                key[length++] = char.ToLowerInvariant(c);
            }
        }

        return new string(key, 0, length);
    }

    private void Add(string[] fields)
    {
        var source = new KnownSource(fields[0], fields[1] == "-" ? null : fields[1], fields[2]);
        _names.Add(source.Name, source);
        var items = fields[3].Split(' ');
        foreach (var item in items.Contains("tag:-") ? items.Where(item => item != "tag:-") : items.Append("tag:" + Key(source.Name)))
        {
            // "google.*" has no colon, and no domain has one.
            var colon = item.IndexOf(':', StringComparison.Ordinal);
            var (kind, value) = (item[..(colon + 1)], item[(colon + 1)..]);
            var table = kind switch
            {
                "" => value.EndsWith(".*", StringComparison.Ordinal) ? _national : _domains,
                "host:" => _hosts,
                "app:" => _apps,
                "browser:" => _browsers,
                "tag:" => _tags,
                "paid:" => _paidTags,
                _ => throw new InvalidDataException($"{source.Name} has {item}, which is nothing that a source may have."),
            };
            if (!table.TryAdd(table == _national ? value[..^2] : value, source))
            {
                throw new InvalidDataException($"{source.Name} has {item}, which is there already.");
            }
        }
    }

    private static Dictionary<string, KnownSource> Empty() => new(StringComparer.OrdinalIgnoreCase);

    private static FrozenDictionary<string, KnownSource> Frozen(Dictionary<string, KnownSource> table) =>
        table.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
}
