using NodaTime;
using NodaTime.Text;

namespace Bioscope.Engine.Tests.Counting;

/// <summary>Instants in the notation of the tests.</summary>
internal static class LocalTime
{
    /// <summary>An instant such as 2026-04-01T00:00:00Z in milliseconds since 1970.</summary>
    public static long Ms(string instant) => InstantPattern.ExtendedIso.Parse(instant).Value.ToUnixTimeMilliseconds();

    /// <summary>The instant, such as 2026-04-01T00:00:00Z, of a number of milliseconds since 1970.</summary>
    public static string Text(long ms) => InstantPattern.ExtendedIso.Format(Instant.FromUnixTimeMilliseconds(ms));

    /// <summary>Zones with every kind of clock change: whole hours, half hours, two hours, at midnight, a whole day, and none.</summary>
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
