using NodaTime;
using NodaTime.Text;

namespace Bioscope.Engine.Tests.Counting;

/// <summary>Instants as tests write and read them.</summary>
internal static class LocalTime
{
    /// <summary>Milliseconds since 1970 of an instant such as 2026-04-01T00:00:00Z.</summary>
    public static long Ms(string instant) => InstantPattern.ExtendedIso.Parse(instant).Value.ToUnixTimeMilliseconds();

    /// <summary>The instant of that many milliseconds since 1970, such as 2026-04-01T00:00:00Z.</summary>
    public static string Text(long ms) => InstantPattern.ExtendedIso.Format(Instant.FromUnixTimeMilliseconds(ms));

    /// <summary>Zones with every kind of clock change: whole hours, half ones, two hours, at midnight, a whole day, and none.</summary>
    public static DateTimeZone[] Zones { get; } =
    [
        .. new[]
        {
            "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "America/Havana", "Africa/Cairo",
            "Africa/Monrovia", "Asia/Beirut", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati",
            "Antarctica/Troll",
        }.Select(name => DateTimeZoneProviders.Tzdb[name]),
    ];
}
