using Bioscope.Engine.Counting;
using Bioscope.Server.Dashboard;
using Bioscope.Server.Translations;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace Bioscope.Server.Tests;

/// <summary>What an address of the dashboard requests, and the instants of that.</summary>
public sealed class DashboardAddressTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 15, 12, 34, 56, 789, TimeSpan.Zero);

    [Theory]
    [InlineData("?range=7d")]
    [InlineData("?range=lastMonth&compare=none")]
    [InlineData("?from=2026-04-01&until=2026-04-15&compare=lastYear&zone=Europe/Berlin")]
    [InlineData("?range=all&filter=is:country:DE&filter=is:country:AT&filter=isNull:language")]
    [InlineData("?range=30d&filter=contains:referrer:a:b/c%26d%22%3C%F0%9F%98%80")]
    public void An_address_survives_a_round_trip(string address)
    {
        var read = Read(address);

        Assert.Empty(read.Problems);
        Assert.Equal("/dashboard" + address, read.Link);
    }

    [Theory]
    [InlineData("", "?range=30d")]
    [InlineData("?days=today", "?range=today")]
    [InlineData("?days=365", "?range=365d")]
    [InlineData("?RANGE=week", "?range=week")]
    [InlineData("?compare=previous&range=24h", "?range=24h")]
    public void Other_spellings_are_normalized(string address, string known)
    {
        var read = Read(address);

        Assert.Empty(read.Problems);
        Assert.Equal("/dashboard" + known, read.Link);
    }

    [Theory]
    [InlineData("?range=8d", "“8d”")]
    [InlineData("?days=8", "“8d”")]
    [InlineData("?range=7D", "“7D”")]
    [InlineData("?from=2026-02-30&until=2026-03-01", "two dates")]
    [InlineData("?from=2026-03-01", "two dates")]
    [InlineData("?from=1969-12-31&until=2026-03-01", "two dates")]
    [InlineData("?from=2026-03-02&until=2026-03-01", "after its last")]
    [InlineData("?compare=yesterday", "“yesterday”")]
    [InlineData("?zone=Europe/Berln", "Did you mean \"Europe/Berlin\"?")]
    [InlineData("?filter=", "“”")]
    [InlineData("?filter=is:country", "no value")]
    [InlineData("?filter=is:country:", "no value")]
    [InlineData("?filter=equals:country:DE", "not a filter")]
    [InlineData("?filter=0:country:DE", "not a filter")]
    [InlineData("?filter=is:Country:DE", "not a filter")]
    [InlineData("?filter=isNull:country:DE", "one value too many")]
    public void Invalid_parts_are_reported_and_ignored(string address, string problem)
    {
        var read = Read(address);

        Assert.Contains(problem, Assert.Single(read.Problems)(English), StringComparison.Ordinal);
        Assert.Empty(read.Filters);
        Assert.Empty(Read(read.Link["/dashboard".Length..]).Problems);
    }

    [Fact]
    public void Filters_keep_any_value() => Gen.String[1, QueryRequest.MaxValueLength].Sample(value =>
    {
        var filter = new Filter(FilterOperator.Is, Dimension.Named("source")!, [value]);
        var address = Read("").With(filter);

        var read = Read(address.Link["/dashboard".Length..]);

        // Half of a surrogate pair is not a text, and cannot be stored either.
        Assert.Equal(value.Any(char.IsSurrogate) ? read.Filters : [filter], read.Filters);
    });

    [Fact]
    public void More_filters_than_a_query_may_have_are_left_out()
    {
        var read = Read("?" + string.Join("&", Enumerable.Range(0, 150).Select(i => $"filter=is:source:{i}")));

        Assert.Equal(QueryRequest.MaxFilterValues, Assert.Single(read.Filters).Values.Count);
        Assert.Single(read.Problems);
        Assert.Contains(
            "2,048 characters", Assert.Single(Read("?filter=is:source:" + new string('a', 2_049)).Problems)(English), StringComparison.Ordinal);
    }

    [Theory]
    // Running days are compared with the same hours.
    [InlineData("?range=today", "UTC", "2026-04-15T00:00 2026-04-16T00:00", "2026-04-14T00:00 2026-04-14T12:34")]
    [InlineData("?range=7d", "UTC", "2026-04-09T00:00 2026-04-16T00:00", "2026-04-02T00:00 2026-04-08T12:34")]
    [InlineData("?range=7d", "Asia/Kolkata", "2026-04-08T18:30 2026-04-15T18:30", "2026-04-01T18:30 2026-04-08T12:34")]
    [InlineData("?range=week", "UTC", "2026-04-13T00:00 2026-04-16T00:00", "2026-04-06T00:00 2026-04-08T12:34")]
    [InlineData("?range=month", "UTC", "2026-04-01T00:00 2026-04-16T00:00", "2026-03-01T00:00 2026-03-15T12:34")]
    [InlineData("?range=year", "UTC", "2026-01-01T00:00 2026-04-16T00:00", "2025-01-01T00:00 2025-04-15T12:34")]
    [InlineData("?range=30d&compare=lastYear", "UTC", "2026-03-17T00:00 2026-04-16T00:00", "2025-03-17T00:00 2025-04-15T12:34")]
    [InlineData("?from=2026-04-10&until=2026-04-15", "UTC", "2026-04-10T00:00 2026-04-16T00:00", "2026-04-04T00:00 2026-04-09T12:34")]
    // Complete periods are compared with the same number of days, or with the calendar unit before.
    [InlineData("?range=yesterday", "UTC", "2026-04-14T00:00 2026-04-15T00:00", "2026-04-13T00:00 2026-04-14T00:00")]
    [InlineData("?range=lastMonth", "UTC", "2026-03-01T00:00 2026-04-01T00:00", "2026-02-01T00:00 2026-03-01T00:00")]
    [InlineData("?range=lastYear", "UTC", "2025-01-01T00:00 2026-01-01T00:00", "2024-01-01T00:00 2025-01-01T00:00")]
    [InlineData("?from=2026-03-01&until=2026-03-10", "UTC", "2026-03-01T00:00 2026-03-11T00:00", "2026-02-19T00:00 2026-03-01T00:00")]
    [InlineData(
        "?from=2026-03-01&until=2026-03-10&compare=lastYear",
        "UTC",
        "2026-03-01T00:00 2026-03-11T00:00",
        "2025-03-01T00:00 2025-03-11T00:00")]
    // Clocks went forward an hour on 29 March.
    [InlineData(
        "?from=2026-03-29&until=2026-03-29", "Europe/Berlin", "2026-03-28T23:00 2026-03-29T22:00", "2026-03-27T23:00 2026-03-28T23:00")]
    [InlineData("?range=24h", "Europe/Berlin", "2026-04-14T12:34 2026-04-15T12:34", "2026-04-13T12:34 2026-04-14T12:34")]
    // Future days have nothing to show.
    [InlineData("?from=2026-04-14&until=9999-12-31", "UTC", "2026-04-14T00:00 2026-04-16T00:00", "2026-04-12T00:00 2026-04-13T12:34")]
    [InlineData("?from=2027-01-01&until=2027-02-01", "UTC", "2026-04-15T00:00 2026-04-16T00:00", "2026-04-14T00:00 2026-04-14T12:34")]
    [InlineData("?range=7d&compare=none", "UTC", "2026-04-09T00:00 2026-04-16T00:00", null)]
    [InlineData("?range=all", "UTC", "2026-02-01T00:00 2026-04-16T00:00", null)]
    public void A_period_is_compared_with_the_same_part_before(string address, string zone, string range, string? compared)
    {
        var timeframe = Timeframe.Of(
            Read(address), DateTimeZoneProviders.Tzdb[zone], Now, new DateTimeOffset(2026, 2, 1, 7, 0, 0, TimeSpan.Zero));

        Assert.Equal((range, compared), (Text(timeframe.Range), timeframe.Comparison is { } other ? Text(other) : null));

        static string Text(InstantRange range) => $"{At(range.From)} {At(range.Until)}";

        static string At(long ms) =>
            DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("?range=today", "hour")]
    [InlineData("?from=2026-03-28&until=2026-03-29", "hour")]
    [InlineData("?range=7d", "day")]
    [InlineData("?range=365d", "day")]
    [InlineData("?from=2024-01-01&until=2026-04-15", "week")]
    [InlineData("?from=1970-01-01&until=2026-04-15", "month")]
    public void A_charts_points_are_limited(string address, string grain) =>
        Assert.Equal(grain, Timeframe.Of(Read(address), DateTimeZoneProviders.Tzdb["Europe/Berlin"], Now, null).Grain.Name);

    private static readonly FilterWords English = new(Words.All[0]);

    private static Address Read(string query) => Address.Of(new QueryCollection(QueryHelpers.ParseQuery(query)));
}
