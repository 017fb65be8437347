using System.Collections.Frozen;
using NodaTime;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Time zones by their IANA names, including links such as <c>Asia/Calcutta</c>, ignoring case. Other ids that NodaTime accepts, such as
/// <c>UTC+05:30</c>, are not accepted here.
/// </summary>
public static class TimeZoneName
{
    private static readonly FrozenDictionary<string, string> Names =
        DateTimeZoneProviders.Tzdb.Ids.ToFrozenDictionary(name => name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Every name in IANA's spelling.</summary>
    public static IReadOnlyCollection<string> All => Names.Values;

    /// <summary>The zone with that name, with the name in IANA's spelling as its id; null when there is none.</summary>
    public static DateTimeZone? Find(string name) => Names.TryGetValue(name, out var id) ? DateTimeZoneProviders.Tzdb[id] : null;
}
