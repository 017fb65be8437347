using Bioscope.Core;
using Bioscope.Engine.Rows;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class DailySumsTests
{
    [Fact]
    public async Task Plausible_has_its_totals_in_the_file_of_visitors()
    {
        var reading = await ExportReading.OfAsync([("plausible.zip", ExportReading.Zip(
            ("imported_devices_20230209_20230210.csv", "\"date\",\"device\",\"visitors\",\"visits\",\"visit_duration\",\"bounces\",\"pageviews\"\n\"2023-02-09\",\"Mobile\",12,13,140,10,17\n"),
            ("imported_pages_20230209_20230210.csv", "\"date\",\"hostname\",\"page\",\"visits\",\"visitors\",\"pageviews\"\n\"2023-02-09\",\"a.example\",\"/\",13,12,17\n"),
            ("imported_visitors_20230209_20230210.csv", "\"date\",\"visitors\",\"pageviews\",\"bounces\",\"visits\",\"visit_duration\"\n\"2023-02-09\",12,17,10,13,140\n\"2023-02-10\",5,9,1,\"\",1\n\"tomorrow\",5,9,1,2,1\n")))]);

        Assert.Equal("plausible", reading.Tool!.Name);
        Assert.Equal(["2023-02-09 plausible 13 12 17", "2023-02-10 plausible - 5 9"], Days(reading));
        Assert.Equal(["4: the row has no day"], reading.Problems);
    }

    [Fact]
    public async Task Sums_of_hours_are_added_and_those_of_months_refused()
    {
        var hours = await ExportReading.OfAsync(
            "date,visitors,pageviews,visits,views_per_visit,bounce_rate,visit_duration\n2021-05-01 00:00:00,1,2,1,1.0,100,0\n2021-05-01 01:00:00,1,3,1,1.0,100,0\n");
        Assert.Equal(["2021-05-01 plausible 2 - 5"], Days(hours));
        await Assert.ThrowsAsync<InvalidDataException>(() => ExportReading.OfAsync(
            "date,visitors,pageviews,visits,views_per_visit,bounce_rate,visit_duration\n2021-05-01,1,1,1,1.0,100,0\n2021-06-01,0,0,0,0.0,0.0,\n"));
    }

    [Fact]
    public async Task Google_Analytics_numbers_its_days_from_a_comment()
    {
        var reading = await ExportReading.OfAsync("""
            # ----------------------------------------
            # Reports snapshot
            # Account: Anna
            # ----------------------------------------
            #
            # All Users
            # Start date: 20260401
            # End date: 20260403
            Nth day,Active users,New users
            0000,12,10
            0002,3,1

            # All Users
            # Start date: 20260401
            Country,Active users
            Germany,15
            # All Users
            Nth day,Views,Sessions
            0000,40,14
            0002,6,4
            # All Users
            Nth day,Views
            0000,40
            """);

        Assert.Equal("ga4", reading.Tool!.Name);
        Assert.Equal(["2026-04-01 ga4 14 12 40", "2026-04-03 ga4 4 3 6"], Days(reading));
        Assert.Equal(["1 rows without a day"], reading.LeftOut);
    }

    [Fact]
    public async Task Google_Analytics_explorations_have_dates_and_a_grand_total()
    {
        var reading = await ExportReading.OfAsync("""
            # ----------------------------------------
            # Free form
            # 20260401-20260402
            # ----------------------------------------

            Date,Country,Views,Sessions,Total users
            ,,,,,Grand total
            20260401,Germany,3,2,2
            20260401,France,4,1,1
            20260402,Germany,5,1,1
            """);

        Assert.Equal(["2026-04-01 ga4 3 - 7", "2026-04-02 ga4 1 1 5"], Days(reading));
    }

    [Fact]
    public async Task Google_Analytics_has_hours_of_days_and_reports_without_views()
    {
        var reading = await ExportReading.OfAsync("""
            # ----------------------------------------,,,
            Session primary channel group (Default channel group),Date + hour (YYYYMMDDHH),Users,Sessions
            Direct,2024041623,237,300
            Organic Social,2024041619,208,267
            Direct,2024041700,188,233
            """);

        Assert.Equal(["2024-04-16 ga4 567 - -", "2024-04-17 ga4 233 188 -"], Days(reading));
        Assert.Equal(["2 days in the chart, which has only views: add the metric Views to the report and import it again"], reading.LeftOut);
    }

    [Fact]
    public async Task A_report_without_days_is_an_error() => await Assert.ThrowsAsync<InvalidDataException>(() => ExportReading.OfAsync(
        "# ----------------------------------------\n# Start date: 20260401\nCountry,Active users\nGermany,15\n"));

    // A damaged comment is no reason to stop with a stack trace.
    [Fact]
    public async Task Days_after_the_year_9999_are_left_out()
    {
        var reading = await ExportReading.OfAsync("# Start date: 99991230\nNth day,Views\n0000,1\n0001,2\n0002,3\n");

        Assert.Empty(Days(reading));
        Assert.Equal(["3: the time is more than a day in the future", "4: the time is more than a day in the future"], reading.Problems);
        Assert.Equal(["1 rows without a day"], reading.LeftOut);
    }

    [Fact]
    public async Task Visitors_of_several_rows_of_a_day_are_not_known()
    {
        var reading = await ExportReading.OfAsync(
            "date,visitors,pageviews,visits\n2026-04-01,1,2,\n2026-04-01,1,999999999999,3\n2026-04-02,,-5,NaN\n2026-04-03,7,,\n");

        Assert.Equal(["2026-04-01 plausible 3 - 1000000000000", "2026-04-03 plausible - 7 -"], Days(reading));
    }

    // As GoatCounter 2.7 writes it.
    private static readonly byte[] GoatCounter = ExportReading.Zip(
        ("goatcounter-export-anna-20260502T101112Z/browser_stats.jsonl", "{\"day\":\"2026-04-01\",\"path_id\":1,\"browser_id\":1,\"count\":7}\n"),
        ("goatcounter-export-anna-20260502T101112Z/hit_stats.jsonl", """
            {"hour":"2026-04-01T19:00:00Z","path_id":1,"ref_id":1,"count":4}
            {"hour":"2026-04-01T19:00:00Z","path_id":1,"ref_id":2,"count":1}
            {"hour":"2026-04-01T19:00:00Z","path_id":3,"ref_id":2,"count":9}
            {"hour":"2026-04-01T23:00:00Z","path_id":2,"ref_id":2,"count":2}
            {"hour":"2026-04-03T00:00:00Z","path_id":1,"ref_id":1,"count":6}
            {"hour":"2026-04-03T00:00:00Z","path_id":4,"ref_id":1,"count":6}
            {"hour":"2026-04-03T00:00:00Z","path_id":1,"ref_id":1}
            """),
        ("goatcounter-export-anna-20260502T101112Z/info.json", "{\n  \"export_version\": \"1.0\"\n}\n"),
        ("goatcounter-export-anna-20260502T101112Z/paths.jsonl", """
            {"id":1,"path":"/","title":"Anna's links"}
            {"id":2,"path":"/blog","title":""}
            {"id":3,"path":"click-shop","title":"Shop","event":true}
            """),
        ("goatcounter-export-anna-20260502T101112Z/refs.jsonl", "{\"id\":1,\"ref\":\"\",\"ref_scheme\":\"o\"}\n"));

    [Fact]
    public async Task GoatCounter_has_its_hours_beside_a_list_of_paths()
    {
        var reading = await ExportReading.OfAsync([("e.zip", GoatCounter)]);

        Assert.Equal("goatcounter", reading.Tool!.Name);
        Assert.Equal(["2026-04-01 goatcounter - - 7", "2026-04-03 goatcounter - - 6"], Days(reading));
        Assert.Equal(["1 counts of events"], reading.LeftOut);
        Assert.Equal(["6: its path_id is in no paths.jsonl; give the whole ZIP", "7: the field count has no number"], reading.Problems);
    }

    [Fact]
    public async Task GoatCounters_hours_become_days_of_a_zone_and_of_one_path()
    {
        var reading = await ExportReading.OfAsync([("e.zip", GoatCounter)], "Europe/Berlin", paths: ["/blog"]);

        Assert.Equal(["2026-04-02 goatcounter - - 2"], Days(reading));
        Assert.Equal(["1 counts of events", "3 of other paths"], reading.LeftOut);
    }

    private static IEnumerable<string> Days(ExportReading reading) => reading.Items.Select(item => item.Row).OfType<ImportedDay>()
        .Select(day => $"{day.Day.ToText()[..10]} {day.Tool} {Text(day.Visits)} {Text(day.Visitors)} {Text(day.PageViews)}");

    private static string Text(long? count) => count?.ToString() ?? "-";
}
