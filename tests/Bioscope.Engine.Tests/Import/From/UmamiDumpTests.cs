using Bioscope.Engine.Import.From;
using Xunit;

namespace Bioscope.Engine.Tests.Import.From;

public sealed class UmamiDumpTests
{
    // As COPY writes texts: a backslash is two, and only what it was before tells which letter follows it.
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData(@"C:\\temp\\new", @"C:\temp\new")]
    [InlineData(@"one\ttwo\nthree\rfour", "one two three four")]
    [InlineData(@"\\", @"\")]
    [InlineData(@"\\\\t", @"\\t")]
    [InlineData(@"\\\t", @"\ ")]
    [InlineData(@"at the end\", @"at the end\")]
    [InlineData(@"\N", null)]
    [InlineData("", null)]
    public async Task A_cell_is_the_text_that_the_database_had(string cell, string? text) => Assert.Equal(text, (await ReadAsync($"""
        COPY public.website_event (event_id, page_title) FROM stdin;
        1	{cell}
        \.
        """)).Single()["pagetitle"]);

    [Fact]
    public async Task An_event_has_the_facts_of_its_session_behind_its_own_columns()
    {
        var rows = await ReadAsync("""
            COPY public.session (session_id, browser, city, created_at) FROM stdin;
            s1	chrome	Austin	2025-01-01
            s2	safari	\N	2025-01-01
            \.
            COPY public.website_event (event_id, session_id, created_at) FROM stdin;
            e1	s2	2025-01-02
            e2	s1	2025-01-03
            e3	s3	2025-01-04
            \.
            """);

        Assert.Equal(["e1 s2 2025-01-02 safari -", "e2 s1 2025-01-03 chrome Austin", "e3 s3 2025-01-04 - -"], rows.Select(row =>
            string.Join(' ', new[] { "eventid", "sessionid", "createdat", "browser", "city" }.Select(column => row[column] ?? "-"))));
        Assert.Equal([6, 7, 8], rows.Select(row => row.Line));
    }

    [Fact]
    public async Task Only_rows_of_umamis_tables_are_read()
    {
        var rows = await ReadAsync("""
            -- PostgreSQL database dump
            website_event	no row
            COPY public."user" (user_id) FROM stdin;
            u1
            \.
            COPY public.website_event (event_id) FROM stdin;
            e1
            \.
            ALTER TABLE public.website_event ADD PRIMARY KEY (event_id);
            COPY public.event_data (event_data_id, data_key) FROM stdin;
            d1	url
            \.
            """);

        Assert.Equal(["e1", "d1"], rows.Select(row => row["eventid"] ?? row["eventdataid"]));
    }

    [Theory]
    [InlineData("--\n-- PostgreSQL database dump\n--\n", true)]
    [InlineData("COPY public.session (a) FROM stdin;", true)]
    [InlineData("COPY public.website_event (a) FROM stdin;", true)]
    [InlineData("COPY public.users (a) FROM stdin;", false)]
    [InlineData("session_id,created_at", false)]
    [InlineData("", false)]
    public void A_dump_is_known_by_its_beginning(string text, bool isDump) =>
        Assert.Equal(isDump, UmamiDump.Reads(ExportReading.PartOf(text)));

    private static async Task<List<CsvRow>> ReadAsync(string dump)
    {
        var rows = new List<CsvRow>();
        await foreach (var row in UmamiDump.Read(ExportReading.PartOf(dump), TestContext.Current.CancellationToken))
        {
            rows.Add(row);
        }

        return rows;
    }
}
