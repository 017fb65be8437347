using Bioscope.Core;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// What the dashboard looks back on: the day that began at 00:00 UTC, or a number of days as the API counts them, 24 hours each until now.
/// </summary>
/// <param name="Days">How many days, which is also what the API's <c>days</c> would be.</param>
/// <param name="IsToday">Whether it is today instead.</param>
internal readonly record struct Period(int Days, bool IsToday = false)
{
    /// <summary>The ones to choose from, in the order in which they are offered.</summary>
    public static IReadOnlyList<Period> All { get; } = [new(1, IsToday: true), new(7), new(30), new(90), new(365)];

    /// <summary>The value of the address' <c>days</c>.</summary>
    public string Key => IsToday ? "today" : Days.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The one that the address names; 30 days when it names none that is offered.</summary>
    public static Period Of(string? key) => All.FirstOrDefault(period => period.Key == key, new Period(Core.Days.Default));

    /// <summary>Where the window starts; it ends now.</summary>
    public DateTimeOffset Since(DateTimeOffset now) => IsToday ? new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) : Core.Days.Since(now, Days);

    /// <summary>
    /// The period before: as long, and for today yesterday until this time of the day. Its start is included, its end is not.
    /// </summary>
    public (DateTimeOffset From, DateTimeOffset Until) Before(DateTimeOffset now) => (Since(now).AddDays(-Days), now.TruncateToMillisecond().AddDays(-Days));
}
