using System.Collections.Frozen;

namespace Bioscope.Engine.Counting;

/// <summary>Finds the name that another one was meant to be: a misspelt one, or what other tools call the same.</summary>
public static class NearestName
{
    // Longer texts are not misspelt names, and the work grows with the length.
    private const int MaxLength = 60;

    // Shorter names are parts of many words.
    private const int MinPart = 4;

    // What other tools and languages say, in lower case without separators, by our name.
    private static readonly FrozenDictionary<string, string> OtherWords = new Dictionary<string, string[]>
    {
        ["is"] = ["=", "==", "eq", "equal", "equals", "in", "any", "anyof"],
        ["isNot"] = ["!=", "<>", "ne", "neq", "not", "notequal", "notequals", "doesnotequal", "notin", "nin", "none", "noneof"],
        ["contains"] = ["~", "like", "ilike", "includes", "has", "substring"],
        ["containsNot"] = ["!~", "doesnotcontain", "notcontain", "notcontains", "notlike", "excludes"],
        ["matches"] = ["regex", "regexp", "glob", "wildcard", "startswith", "beginswith", "endswith"],
        ["isNull"] = ["null", "empty", "isempty", "notset", "isnotset"],
        ["isNotNull"] = ["notnull", "notempty", "isnotempty", "set", "isset", "exists"],
        ["visits"] = ["sessions"],
        ["visitors"] = ["users", "uniques", "people", "visitor"],
        ["views"] = ["hits", "impressions", "pageloads"],
        ["clicks"] = ["events", "conversions"],
        ["clickRate"] = ["ctr", "conversionrate"],
        ["visitDuration"] = ["time", "timeonpage", "averageduration", "avgduration", "sessionduration"],
        ["viewsPerVisit"] = ["pagespersession", "pagespervisit", "viewspersession"],
        ["share"] = ["percent", "percentage"],
        ["channel"] = ["channelgroup"],
        ["referrerDomain"] = ["host", "hostname"],
        ["os"] = ["operatingsystem", "platform", "system"],
        ["language"] = ["lang", "locale"],
        ["day"] = ["date"],
        ["7d"] = ["7days", "last7days"],
        ["30d"] = ["30days", "last30days"],
        ["90d"] = ["90days", "last90days"],
        ["365d"] = ["365days", "last365days"],
        ["asc"] = ["ascending", "up"],
        ["desc"] = ["descending", "down"],
        ["range"] = ["daterange", "period", "days"],
        ["timeZone"] = ["tz"],
        ["dimensions"] = ["groupby", "breakdown", "property"],
        ["filters"] = ["where", "segment"],
        ["compare"] = ["comparison"],
        ["orderBy"] = ["sort", "sortby", "order"],
    }.SelectMany(ours => ours.Value.Select(other => (Other: other, Ours: ours.Key)))
        .ToFrozenDictionary(pair => pair.Other, pair => pair.Ours);

    /// <summary>
    /// The name with the fewest edits (a letter added, removed or replaced, or two neighbours swapped; ignoring case), the first in case
    /// of a tie. Where even that needs more than a third of the letters changed: what other tools call so, else the longest name that is a
    /// part of the text, else the shortest one that the text is a part of; null when there is none.
    /// </summary>
    public static string? Of(string text, IReadOnlyCollection<string> names)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return null;
        }

        var lower = text.ToLowerInvariant();
        var word = string.Concat(lower.Split('_', '-', ' ', ':'));
        return Misspelt(lower, names)
            ?? (OtherWords.TryGetValue(word, out var ours) && names.Contains(ours) ? ours : null)
            ?? names.Where(name => IsPart(name, word)).MaxBy(name => name.Length)
            ?? names.Where(name => IsPart(word, name)).MinBy(name => name.Length);

        static bool IsPart(string part, string of) => part.Length >= MinPart && of.Contains(part, StringComparison.OrdinalIgnoreCase);
    }

    private static string? Misspelt(string text, IEnumerable<string> names)
    {
        var nearest = (Name: (string?)null, Edits: int.MaxValue);
        foreach (var name in names)
        {
            var most = Math.Max(1, Math.Max(name.Length, text.Length) / 3);
            if (Math.Abs(name.Length - text.Length) <= most
                && Edits(text, name.ToLowerInvariant()) is var edits
                && edits <= most
                && edits < nearest.Edits)
            {
                nearest = (name, edits);
            }
        }

        return nearest.Name;
    }

    /// <summary>The optimal string alignment distance: like Levenshtein's, with a swap of two neighbours as one edit.</summary>
    public static int Edits(string from, string to)
    {
        var (twoBack, back, row) = (new int[to.Length + 1], new int[to.Length + 1], new int[to.Length + 1]);
        for (var j = 0; j <= to.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= from.Length; i++)
        {
            (twoBack, back, row) = (back, row, twoBack);
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = back[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(changed, 1 + Math.Min(back[j], row[j - 1]));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    row[j] = Math.Min(row[j], twoBack[j - 2] + 1);
                }
            }
        }

        return row[to.Length];
    }
}
