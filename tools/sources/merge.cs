#:project ../../src/Bioscope.Core
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false

// Merges other lists of sources into sources.txt and shows what that changes. See README.md.
using System.Text;
using System.Text.Json;
using Bioscope.Core;

const string Usage = """
    dotnet run tools/sources/merge.cs -- LIST... [--domains FILE] [--write]

      LIST            a list of sources: lines as in sources.txt, a .csv with the columns name, domain and perhaps channel,
                      or a .json of the form {"search": {"Name": {"domains": ["a.example"]}}}
      --domains FILE  referrer domains, one in each line: says which of them get another name
      --write         changes sources.txt; without it nothing is changed
    """;

try
{
    return Run(args);
}
catch (Exception e) when (e is MergeException or IOException or JsonException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

static int Run(string[] args)
{
    var (lists, domains, write) = (new List<string>(), (string?)null, false);
    for (var i = 0; i < args.Length; i++)
    {
        switch (args[i])
        {
            case "--help" or "-h":
                Console.WriteLine(Usage);
                return 0;
            case "--write":
                write = true;
                break;
            case "--domains" when i + 1 < args.Length:
                domains = args[++i];
                break;
            case ['-', ..]:
                throw new MergeException($"{args[i]} is no option.\n{Usage}");
            default:
                lists.Add(args[i]);
                break;
        }
    }

    if (lists.Count == 0)
    {
        throw new MergeException(Usage);
    }

    var table = new SourceTable(Path.Combine(Root(), "src/Bioscope.Core/Sources/sources.txt"));
    foreach (var lines in lists.SelectMany(ListReader.Read).GroupBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase))
    {
        var channel = lines.Select(entry => entry.Channel).FirstOrDefault(channel => channel is not null);
        table.Merge(new Entry(lines.Key, channel, [.. lines.SelectMany(entry => entry.Facts).Distinct()]));
    }

    table.Report(domains is null ? [] : File.ReadLines(domains), Console.Out);
    if (write)
    {
        table.Write();
        Console.WriteLine("sources.txt is changed: read the difference, then run the tests of Bioscope.Core.");
    }

    return 0;
}

static string Root()
{
    var folder = new DirectoryInfo(Environment.CurrentDirectory);
    while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Bioscope.slnx")))
    {
        folder = folder.Parent;
    }

    return folder?.FullName ?? throw new MergeException("Run this inside the repository.");
}

internal sealed class MergeException(string message) : Exception(message);

/// <summary>A source of another list. Facts are written as in sources.txt.</summary>
internal sealed record Entry(string Name, string? Channel, IReadOnlyList<string> Facts);

/// <summary>Reads the forms of lists.</summary>
internal static class ListReader
{
    public static IEnumerable<Entry> Read(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".json" => ReadJson(path),
        ".csv" => ReadCsv(path),
        _ => ReadLines(path),
    };

    private static IEnumerable<Entry> ReadLines(string path)
    {
        foreach (var (i, line) in File.ReadLines(path).Index())
        {
            if (line.Trim() is "" or ['#', ..])
            {
                continue;
            }

            var fields = line.Split('|', StringSplitOptions.TrimEntries);
            yield return fields is [var name, _, var channel, var facts]
                ? Checked(path, i, new Entry(name, channel, facts.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                : throw new MergeException($"{path}:{i + 1}: must have four fields: name | mark | channel | facts");
        }
    }

    private static IEnumerable<Entry> ReadCsv(string path)
    {
        var lines = File.ReadAllLines(path);
        var head = lines.Length == 0 ? [] : lines[0].Split(',', StringSplitOptions.TrimEntries);
        var (name, domain, channel) = (Array.IndexOf(head, "name"), Array.IndexOf(head, "domain"), Array.IndexOf(head, "channel"));
        if (name < 0 || domain < 0)
        {
            throw new MergeException($"{path}:1: the first line must name the columns, with name and domain among them");
        }

        foreach (var (i, line) in lines.Index().Skip(1))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var fields = line.Split(',', StringSplitOptions.TrimEntries);
            yield return fields.Length == head.Length && !line.Contains('"')
                ? Checked(path, i, new Entry(fields[name], channel < 0 ? null : fields[channel], [fields[domain]]))
                : throw new MergeException($"{path}:{i + 1}: must have {head.Length} fields, without quotation marks and commas in them");
        }
    }

    private static IEnumerable<Entry> ReadJson(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        foreach (var medium in json.RootElement.EnumerateObject())
        {
            var channel = medium.Name switch
            {
                "search" => Channel.OrganicSearch,
                "social" => Channel.OrganicSocial,
                "email" => Channel.Email,
                "video" => Channel.OrganicVideo,
                _ => null,
            };
            foreach (var source in medium.Value.EnumerateObject())
            {
                if (source.Value.TryGetProperty("domains", out var domains))
                {
                    // A path cannot be told by a referrer's domain.
                    var facts = domains.EnumerateArray().Select(domain => domain.GetString()!).Where(domain => !domain.Contains('/'));
                    yield return Checked(path, 0, new Entry(source.Name, channel, [.. facts]));
                }
            }
        }
    }

    private static Entry Checked(string path, int line, Entry entry)
    {
        if (entry.Name.Length == 0 || entry.Name.Contains('|'))
        {
            throw new MergeException($"{path}:{line + 1}: \"{entry.Name}\" is no name");
        }

        if (entry.Channel is { Length: > 0 } channel && !Channel.All.Contains(channel))
        {
            throw new MergeException($"{path}:{line + 1}: {channel} is no channel; these are: {string.Join(", ", Channel.All)}");
        }

        var facts = entry.Facts.Select(fact => WithoutWww(fact.Trim().ToLowerInvariant())).Where(fact => fact.Length > 0);
        return new Entry(entry.Name, entry.Channel is "" ? null : entry.Channel, [.. facts]);
    }

    private static string WithoutWww(string fact) => fact.StartsWith("www.", StringComparison.Ordinal) ? fact[4..] : fact;
}

/// <summary>The lines of sources.txt, and what is merged into them.</summary>
internal sealed class SourceTable
{
    private readonly string _path;
    private readonly List<string> _lines;
    private readonly Dictionary<string, int> _names = new(StringComparer.OrdinalIgnoreCase); // line by name
    private readonly Dictionary<string, string> _owners = new(StringComparer.OrdinalIgnoreCase); // name by fact
    private readonly Dictionary<string, string> _added = new(StringComparer.OrdinalIgnoreCase); // name by fact
    private readonly List<string> _news = [], _conflicts = [];
    private int _known;

    public SourceTable(string path)
    {
        (_path, _lines) = (path, [.. File.ReadLines(path)]);
        foreach (var (i, line) in _lines.Index().Where(line => line.Item.Contains('|') && line.Item[0] != '#'))
        {
            var fields = line.Split('|', StringSplitOptions.TrimEntries);
            _names.Add(fields[0], i);
            foreach (var fact in fields[3].Split(' '))
            {
                _owners.TryAdd(fact, fields[0]);
            }

            // A name is a tag too. Where it says otherwise, it keeps the tag from others no less.
            _owners.TryAdd(TagOf(fields[0]), fields[0]);
        }
    }

    /// <summary>
    /// Adds what nobody has. What another name has stays there: who is right is for a person to decide, by a change of sources.txt.
    /// </summary>
    public void Merge(Entry entry)
    {
        var owned = entry.Facts.Select(fact => (Fact: fact, Owner: OwnerOf(fact))).ToList();
        // A word such as "mail" says less than a domain or an app.
        var owners = owned.Where(fact => !fact.Fact.Contains("tag:") && !fact.Fact.Contains("paid:"))
            .Select(fact => fact.Owner).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        // The same service may have another name there, as X has: one that tags give it, or the only one that its facts have here.
        var name = _names.ContainsKey(entry.Name) ? entry.Name
            : _owners.GetValueOrDefault(TagOf(entry.Name)) ?? (owners is [var only] ? only : entry.Name);
        foreach (var (fact, owner) in owned)
        {
            if (owner is null)
            {
                _added.Add(fact, name);
            }
            else if (string.Equals(owner, name, StringComparison.OrdinalIgnoreCase))
            {
                _known++;
            }
            else
            {
                _conflicts.Add($"! {fact} is {owner} here, {entry.Name} there");
            }
        }

        Add(entry, name, [.. owned.Where(fact => fact.Owner is null).Select(fact => fact.Fact)]);
    }

    /// <summary>Writes what changes.</summary>
    public void Report(IEnumerable<string> domains, TextWriter to)
    {
        foreach (var line in _news.Concat(_conflicts))
        {
            to.WriteLine(line);
        }

        foreach (var domain in domains.Select(line => line.Split([' ', '\t', ',']) is [var first, ..] ? first : line))
        {
            if (SourceName.Of(domain) is null && AddedAbove(domain) is { } name)
            {
                to.WriteLine($"~ visits from {domain} become {name}");
            }
        }

        to.WriteLine($"{_added.Count} facts are new, {_known} were known, {_conflicts.Count} belong to another name here and stay there.");
    }

    public void Write() => File.WriteAllText(_path, string.Join('\n', _lines) + "\n", new UTF8Encoding(false));

    private void Add(Entry entry, string name, List<string> facts)
    {
        if (facts.Count == 0)
        {
            return;
        }

        var text = string.Join(' ', facts);
        if (_names.TryGetValue(name, out var line))
        {
            _lines[line] += " " + text;
            var there = string.Equals(name, entry.Name, StringComparison.OrdinalIgnoreCase) ? "" : $", {entry.Name} there,";
            _news.Add($"+ {name}{there} gets {text}");
            return;
        }

        var channel = entry.Channel ?? Channel.Referral;
        _names.Add(name, _lines.Count);
        _lines.Add($"{name} | - | {channel} | {text}");
        _news.Add($"+ {name} is new ({channel}): {text}");
    }

    // Also by a domain above it, by its like in another country, or by a pattern of hosts.
    private string? OwnerOf(string fact) => _owners.GetValueOrDefault(fact)
        ?? (fact.Contains(':') ? _added.GetValueOrDefault(fact) : SourceName.Of(fact)?.Name ?? AddedAbove(fact));

    private static string TagOf(string name) => "tag:" + string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private string? AddedAbove(string domain)
    {
        for (var rest = domain; ; rest = rest[(rest.IndexOf('.') + 1)..])
        {
            if (_added.TryGetValue(rest, out var name) || !rest.Contains('.'))
            {
                return name;
            }
        }
    }
}
