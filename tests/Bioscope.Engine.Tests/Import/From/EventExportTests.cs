using System.Text;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

/// <summary>Umami, Matomo and Shlink.</summary>
public sealed class EventExportTests
{
    [Fact]
    public async Task Umami_visits_keep_their_source_and_tags()
    {
        var reading = await ExportReading.OfAsync([("umami.zip", ExportReading.Zip(
            ("website_event.csv", """
                "website_id","session_id","visit_id","event_id","hostname","browser","os","device","screen","language","country","region","city","url_path","url_query","utm_source","referrer_path","referrer_query","referrer_domain","page_title","fbclid","event_type","event_name","created_at"
                "w","s1","v1","e1","anna.example","ios","iOS","mobile","390x844","de-DE","DE","DE-BE","Berlin","/","utm_source=letter","letter","/p","q=1","www.google.com","Anna","","1","","2026-03-01 10:00:00"
                "w","s1","v1","e2","anna.example","ios","iOS","mobile","390x844","de-DE","DE","DE-BE","Berlin","/more","","","/","","anna.example","More","","1","","2026-03-01 10:01:00"
                "w","s1","v1","e3","anna.example","ios","iOS","mobile","390x844","de-DE","DE","DE-BE","Berlin","/more","","","","","","","","2","My Shop","2026-03-01 10:02:00"
                "w","s1","v1","e3","anna.example","ios","iOS","mobile","390x844","de-DE","DE","DE-BE","Berlin","/more","","","","","","","","2","My Shop","2026-03-01 10:02:00"
                "w","s2","v2","e4","anna.example","edge-chromium","Windows 10","laptop","1440x900","en-US","US","","","/","","","","","anna.example","","x","1","","2026-03-02 09:00:00.123+00"
                "w","s2","v2","e5","anna.example","edge-chromium","Windows 10","laptop","1440x900","en-US","US","","","/","","","","","","","","5","","2026-03-02 09:00:01"
                """),
            ("event_data.csv", "\"website_id\",\"session_id\",\"event_id\",\"url_path\",\"data_key\",\"created_at\"\n\"w\",\"s1\",\"e3\",\"/\",\"url\",\"2026-03-01 10:02:00\"")))]);

        Assert.Equal("umami", reading.Tool!.Name);
        Assert.Equal(
            [
                "2026-03-01T10:00:00 google.com DE Berlin mobile Safari iOS de-DE / utm=letter 3p 120s",
                "2026-03-02T09:00:00 US desktop Edge Windows 10 en-US / fbclid 1p 0s",
            ],
            reading.Visits);
        Assert.Equal("https://www.google.com/p?q=1", reading.Sessions.First().Referrer);
        Assert.Equal(["10:00:00 /", "10:01:00 /more", "10:02:00 click", "09:00:00 /"], reading.Pages);
        Assert.Equal(["1 rows that are neither page views nor events"], reading.LeftOut);
    }

    [Fact]
    public async Task Umamis_events_tell_the_address_of_a_link_as_a_property()
    {
        var cloud = await ExportReading.OfAsync([("umami.zip", ExportReading.Zip(
            ("website_event.csv", """
                "website_id","session_id","visit_id","event_id","hostname","url_path","event_type","event_name","created_at"
                "w","s1","v1","e1","anna.example","/","1","","2026-03-01 10:00:00"
                "w","s1","v1","e2","anna.example","/","2","outbound-link-click","2026-03-01 10:01:00"
                "w","s1","v1","e3","anna.example","/","2","outbound-link-click","2026-03-01 10:02:00"
                """),
            ("event_data.csv", """
                "website_id","session_id","event_id","url_path","event_name","data_key","string_value","number_value","date_value","data_type","created_at","job_id"
                "w","s1","e2","/","outbound-link-click","url","https://shop.example/Sale","\N","\N","1","2026-03-01 10:01:00","\N"
                "w","s1","e2","/","outbound-link-click","place","top","\N","\N","1","2026-03-01 10:01:00","\N"
                "w","s1","e3","/","outbound-link-click","url","https://elsewhere.example/","\N","\N","1","2026-03-01 10:02:00","\N"
                """)))]);
        var dump = await ExportReading.OfAsync("""
            -- PostgreSQL database dump
            COPY public.event_data (event_data_id, website_id, website_event_id, data_key, string_value, data_type) FROM stdin;
            d1	w	e2	url	https://shop.example/Sale	1
            \.
            COPY public.session (session_id, website_id, created_at) FROM stdin;
            s1	w	2026-03-01 10:00:00+00
            \.
            COPY public.website_event (event_id, website_id, session_id, created_at, url_path, event_type, event_name, visit_id) FROM stdin;
            e1	w	s1	2026-03-01 10:00:00+00	/	1	\N	v1
            e2	w	s1	2026-03-01 10:01:00+00	/	2	outbound-link-click	v1
            e3	w	s1	2026-03-01 10:02:00+00	/	2	outbound-link-click	v1
            \.
            """);

        foreach (var reading in (ExportReading[])[cloud, dump])
        {
            Assert.Equal(["10:00:00 /", "10:01:00 click"], reading.Pages);
            Assert.Equal(["1 events that are not clicks on a link of the page"], reading.LeftOut);
            Assert.Equal(3, reading.Target.Rows);
        }

        Assert.Equal(cloud.Ids, dump.Ids);
    }

    [Fact]
    public async Task Umami_without_visits_begins_a_new_one_after_half_an_hour()
    {
        var reading = await ExportReading.OfAsync(
            "view_id\twebsite_id\tsession_id\tcreated_at\turl\treferrer\n1\t1\t7\t2022-03-01 10:00:00\t/\thttps://t.co/x\n2\t1\t7\t2022-03-01 10:29:00\t/a\t\\N\n3\t1\t7\t2022-03-01 11:00:00\t/\tNULL\n",
            zone: "Europe/Berlin");

        Assert.Equal(["2022-03-01T09:00:00 t.co / 2p 1740s", "2022-03-01T10:00:00 / 1p 0s"], reading.Visits);
        Assert.Single(reading.Sessions.Select(row => row.VisitorId).Distinct());
    }

    [Fact]
    public async Task Umami_dumps_are_read_as_its_exports_are()
    {
        const string Dump = """
            --
            -- PostgreSQL database dump
            --
            COPY public."user" (user_id, username) FROM stdin;
            1	umami
            \.

            COPY public.session (session_id, website_id, browser, os, device, screen, language, country, created_at, city) FROM stdin;
            s1	w1	chrome	Mac OS	laptop	1440x900	en-US	US	2025-01-01 00:00:00+00	Austin
            \.

            COPY public.website_event (event_id, website_id, session_id, created_at, url_path, url_query, referrer_domain, event_type, event_name, visit_id) FROM stdin;
            e1	w1	s1	2025-01-02 10:00:00.5+00	/	\N	t.co	1	\N	v1
            e2	w1	s1	2025-01-02 10:00:30+00	/b	\N	\N	1	\N	v1
            \.
            """;
        var reading = await ExportReading.OfAsync(Dump);

        Assert.Equal("umami", reading.Tool!.Name);
        Assert.Equal(["2025-01-02T10:00:00 t.co US Austin desktop Chrome macOS en-US / 2p 29s"], reading.Visits);
        var several = await Assert.ThrowsAsync<InvalidDataException>(() => ExportReading.OfAsync(
            Dump.Replace("e2	w1", "e2	w2", StringComparison.Ordinal)));
        Assert.Contains("choose one with --site", several.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(0), InlineData(14_400)]
    public async Task Matomo_visits_have_their_actions(int shift)
    {
        var reading = await ExportReading.OfAsync($$"""
            [{"idVisit":"7","visitorId":"a1b2","firstActionTimestamp":1700000000,"lastActionTimestamp":"1700000100","visitDuration":"130","referrerType":"social",
              "referrerUrl":"https://www.instagram.com/","countryCode":"de","city":null,"browserName":"Mobile Safari","operatingSystemName":"iOS","operatingSystemVersion":"17.1",
              "deviceType":"Téléphone","deviceTypeIcon":"plugins/Morpheus/icons/dist/devices/smartphone.png","languageCode":"de-de",
              "actionDetails":[
                {"type":"action","url":"https://anna.example/?utm_source=x","pageTitle":"Anna","timestamp":{{1_700_000_000 - shift}}},
                {"type":"outlink","url":"https://shop.example/Sale","timestamp":{{1_700_000_060 - shift}}},
                {"type":"outlink","url":"https://other.example/","timestamp":{{1_700_000_070 - shift}}},
                {"type":"event","eventCategory":"Alert","timestamp":"{{1_700_000_080 - shift}}"}]},
             {"idVisit":8,"visitorId":"a1b2","serverTimestamp":1700090000,"referrerType":"campaign","referrerName":"spring","countryCode":"xx","browserName":"Unknown",
              "actionDetails":[{"type":"action","url":"https://anna.example/b","timestamp":1700090000}]}]
            """);

        Assert.Equal("matomo", reading.Tool!.Name);
        Assert.Equal(
            ["2023-11-14T22:13:20 instagram.com DE mobile Safari iOS 17.1 de-DE / utm=x 2p 130s", "2023-11-15T23:13:20 Unknown /b 1p 0s"], reading.Visits);
        Assert.Equal(["22:13:20 /", "22:14:20 click", "23:13:20 /b"], reading.Pages);
        Assert.Equal("spring", reading.Sessions.Last().Attribution.UtmCampaign);
        Assert.Single(reading.Sessions.Select(row => row.VisitorId).Distinct());
        Assert.Equal(["1 actions that are neither page views nor clicks", "1 clicks on what is not a link of the page"], reading.LeftOut);
    }

    [Fact]
    public async Task Matomo_errors_and_cut_files_are_said()
    {
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => ExportReading.OfAsync(
            """{"result":"error","message":"You can't access this resource"}"""));
        Assert.Contains("You can't access this resource", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(() => ExportReading.OfAsync("""[{"idVisit":"7","actionDetails":[]},{"idVi"""));
    }

    [Theory]
    [InlineData("""
        Date,"Potential bot","User agent",Referer,Country,Region,City,"Visited URL","Redirect URL",Type
        2025-05-20T05:05:03+04:00,,"{ua}",https://t.co/x,"United States",California,Cupertino,https://s.example/abc,https://shop.example/Sale,valid_short_url
        2025-05-20T06:05:03+04:00,"Potential bot","{ua}",,Unknown,Unknown,Unknown,https://s.example/abc,https://shop.example/Sale,valid_short_url
        2025-05-20T07:05:03+04:00,,"{ua}",,Unknown,Unknown,Unknown,https://s.example/nothing,Unknown,invalid_short_url
        """)]
    [InlineData("""
        "date","potentialBot","userAgent","browser","os","referer","country","region","city","latitude","longitude","visitedUrl","type"
        "2025-05-20T01:05:03Z","false","{ua}","Chrome","Windows","t.co","United States","California","Cupertino","37.3","-122","https://shop.example/Sale",""
        "2025-05-20T02:05:03Z","true","{ua}","Chrome","Windows","Direct","Unknown","Unknown","Unknown","","","https://s.example/abc",""
        "2025-05-20T02:05:03Z","false","{ua}","Chrome","Windows","Direct","Unknown","Unknown","Unknown","","","https://s.example/abc","regular_404"
        """)]
    [InlineData("""
        {"visits":{"data":[
          {"referer":"https://t.co/x","date":"2025-05-20T01:05:03+00:00","userAgent":"{ua}","visitLocation":{"cityName":"Cupertino","countryCode":"US","countryName":"United States","regionName":"California"},"potentialBot":false,"visitedUrl":"https://s.example/abc","redirectUrl":"https://shop.example/Sale"},
          {"referer":null,"date":"2025-05-20T01:05:03+00:00","userAgent":"some_web_crawler/1.4","visitLocation":null,"potentialBot":true,"visitedUrl":null},
          {"referer":"","date":"2025-05-20T01:05:03+00:00","userAgent":"{ua}","visitLocation":null,"potentialBot":false,"visitedUrl":"https://s.example/x","type":"base_url"}
        ],"pagination":{"currentPage":1,"pagesCount":1}}}
        """)]
    public async Task Shlink_visits_click_the_link_that_they_led_to(string export)
    {
        var reading = await ExportReading.OfAsync(export.Replace(
            "{ua}", "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.103 Safari/537.36", StringComparison.Ordinal));

        Assert.Equal("shlink", reading.Tool!.Name);
        Assert.Equal(["2025-05-20T01:05:03 t.co US Cupertino desktop Chrome Windows 7 2p 0s"], reading.Visits);
        Assert.Equal("click", reading.Pages.Single(page => page.EndsWith("click", StringComparison.Ordinal))[9..]);
        Assert.Equal(1, reading.Target.Bots);
        Assert.Equal(["1 visits that did not reach a link"], reading.LeftOut);
    }

    [Fact]
    public async Task Garbage_is_no_export_and_does_not_crash()
    {
        var random = new Random(1);
        var starts = new[]
        {
            "", "2Path,Session,Referrer scheme,Date\n", "session_id,created_at,url_path\n", "date,referer,useragent\n", "[{\"idVisit\":1,", "{\"links\":[{\"button_id\":",
            "203.0.113.7 - - [01/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"\n", "PK\u0003\u0004", "<html>linktr.ee",
        };
        foreach (var start in starts)
        {
            for (var i = 0; i < 30; i++)
            {
                var bytes = new byte[random.Next(5_000)];
                random.NextBytes(bytes);
                try
                {
                    var reading = await ExportReading.OfAsync([("g", [.. Encoding.Latin1.GetBytes(start), .. bytes])]);
                    Assert.DoesNotContain(reading.Views, view => view.Path?.Contains('\0') == true);
                }
                catch (InvalidDataException)
                {
                    // The operator reads that it is damaged.
                }
            }
        }
    }

    [Fact]
    public async Task A_zip_bomb_ends_with_an_error() => await Assert.ThrowsAsync<InvalidDataException>(() => ExportReading.OfAsync(
        [("bomb.zip", ExportReading.Zip(("e.csv", "2Path,Session,Referrer scheme,Date\n" + string.Concat(Enumerable.Repeat(new string('a', 1_000_000) + '\n', 80)))))]));
}
