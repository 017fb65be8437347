using System.Collections.Frozen;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Time zones by their IANA names, links such as <c>Asia/Calcutta</c> included, in any case of letters. What NodaTime reads beyond them,
/// such as <c>UTC+05:30</c>, is no zone here.
/// </summary>
public static class TimeZoneName
{
    private static readonly FrozenDictionary<string, string> Names =
        DateTimeZoneProviders.Tzdb.Ids.ToFrozenDictionary(name => name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Every name as IANA writes it.</summary>
    public static IReadOnlyCollection<string> All => Names.Values;

    /// <summary>The zone of that name, whose id is the name as IANA writes it; null when there is none.</summary>
    public static DateTimeZone? Find(string name) => Names.TryGetValue(name, out var id) ? DateTimeZoneProviders.Tzdb[id] : null;
}
