using System.Net;
using Bioscope.Core;
using Bioscope.Server.Api.Ingest;
using Bioscope.Server.Configuration;
using Bioscope.Server.Geo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Bioscope.Server.Tests;

public sealed class CountriesTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly TestClock _clock = new(TestApp.Start);
    private readonly LogOfTest _log = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("bioscope-geo-").FullName;

    private string Database => Path.Combine(_folder, "countries.mmdb");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_an_mmdb_the_built_in_table_is_used()
    {
        var countries = new Countries(null, _clock, _log);
        Assert.Equal(("NL", "Netherlands"), Country(countries, IPAddress.Parse("91.198.174.192")));
        Assert.Equal(("NL", "Netherlands"), Country(countries, IPAddress.Parse("::ffff:91.198.174.192")));
        Assert.Equal((null, null), Country(countries, IPAddress.Loopback));
        Assert.Equal((null, null), Country(countries, IPAddress.None));
    }

    [Fact]
    public void The_mmdb_decides_the_code_and_Bioscope_the_name()
    {
        MmdbFile.WriteNested(
            Database, ("9.9.9.0/24", null), ("91.198.174.0/24", "TR"), ("10.0.0.0/8", "KR"), ("2001:db8::/32", "GB"), ("8.8.8.8/32", "EU"));
        var countries = new Countries(Read(Database).GeoDatabase, _clock, _log);
        Assert.Equal(("TR", "Türkiye"), Country(countries, IPAddress.Parse("91.198.174.192")));
        Assert.Equal(("TR", "Türkiye"), Country(countries, IPAddress.Parse("::ffff:91.198.174.192")));
        Assert.Equal(("KR", "South Korea"), Country(countries, IPAddress.Parse("10.1.2.3")));
        Assert.Equal(("GB", "United Kingdom"), Country(countries, IPAddress.Parse("2001:db8::1")));
        // Only where its provider is registered; no country; and nothing at all.
        Assert.Equal((null, null), Country(countries, IPAddress.Parse("9.9.9.9")));
        Assert.Equal((null, null), Country(countries, IPAddress.Parse("8.8.8.8")));
        Assert.Equal((null, null), Country(countries, IPAddress.Parse("91.198.175.1")));
    }

    [Fact]
    public void A_city_mmdb_also_gives_region_and_city()
    {
        var names = (string name) => MmdbFile.Map(("names", MmdbFile.Map(("de", "anders"), ("en", name))));
        MmdbFile.Write(
            Database,
            "Test-City",
            ("91.198.174.0/24", MmdbFile.Map(
                ("country", MmdbFile.Map(("iso_code", "NL"))),
                ("subdivisions", new object[] { names("North Holland"), names("Haarlemmermeer") }), ("city", names("Amsterdam")))),
            ("9.9.9.0/24", MmdbFile.Map(("country", MmdbFile.Map(("iso_code", "CH"))), ("subdivisions", Array.Empty<object>()), ("city", MmdbFile.Map(("geoname_id", 1u))))),
            ("8.8.8.0/24", MmdbFile.Map(("city", names("Nowhere")))));
        var countries = new Countries(Read(Database).GeoDatabase, _clock, _log);

        Assert.Equal(new Place("NL", "Netherlands", "North Holland", "Amsterdam"), countries.Of(IPAddress.Parse("91.198.174.192")));
        Assert.Equal(new Place("CH", "Switzerland", null, null), countries.Of(IPAddress.Parse("9.9.9.9")));
        Assert.Equal(Place.Unknown, countries.Of(IPAddress.Parse("8.8.8.8")));
    }

    [Fact]
    public void An_mmdb_with_plain_codes_works()
    {
        MmdbFile.WriteFlat(Database, ("1.2.3.0/24", "CZ"), ("2a00::/16", "DE"));
        var countries = new Countries(Read(Database).GeoDatabase, _clock, _log);
        Assert.Equal(("CZ", "Czechia"), Country(countries, IPAddress.Parse("1.2.3.4")));
        Assert.Equal(("DE", "Germany"), Country(countries, IPAddress.Parse("2a00::1")));
    }

    [Fact]
    public void An_unusable_mmdb_stops_the_start()
    {
        Assert.Equal($"Geo:Database: the file '{Database}' does not exist.", Refusal());
        File.WriteAllText(Database, "no such thing");
        Assert.StartsWith($"Geo:Database: '{Database}' is not a valid .mmdb: ", Refusal());
        File.WriteAllBytes(Database, []);
        Assert.StartsWith($"Geo:Database: '{Database}' is not a valid .mmdb: ", Refusal());
        MmdbFile.Write(Database, "Test-ASN", ("1.2.3.0/24", MmdbFile.Map(("autonomous_system_number", 1u))));
        Assert.Equal($"Geo:Database: '{Database}' is an .mmdb without countries.", Refusal());
        MmdbFile.WriteNested(Database, ("1.2.3.0/24", "DE"));
        File.WriteAllBytes(Database, File.ReadAllBytes(Database)[..^40]);
        Assert.StartsWith($"Geo:Database: '{Database}' is not a valid .mmdb: ", Refusal());
        File.Delete(Database);
        Directory.CreateDirectory(Database);
        Assert.StartsWith($"Geo:Database: '{Database}' cannot be read: ", Refusal());
    }

    [Fact]
    public void An_mmdb_that_breaks_during_the_start_stops_it()
    {
        MmdbFile.WriteNested(Database, ("1.2.3.0/24", "DE"));
        var settings = Read(Database);
        File.Delete(Database);
        Assert.Throws<SettingsException>(() => Ingestion.OpenCountries(settings, _clock, _log));
    }

    [Fact]
    public async Task A_replaced_mmdb_is_used_within_a_minute()
    {
        MmdbFile.WriteNested(Database, ("1.2.3.0/24", "DE"));
        var countries = new Countries(Read(Database).GeoDatabase, _clock, _log);
        Replace(path => MmdbFile.WriteFlat(path, ("1.2.3.0/24", "AT"), ("1.2.4.0/24", "CH")));
        _clock.Advance(Minute - TimeSpan.FromSeconds(1));
        Assert.Equal("DE", await CodeAfterCheckAsync(countries));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("AT", await CodeAfterCheckAsync(countries));
        Assert.Equal([(LogLevel.Information, $"Countries are now read from the new {Database}: test flat of 2026-03-31")], _log.Entries);
    }

    [Fact]
    public async Task A_symlink_to_another_mmdb_counts_as_a_replacement()
    {
        var (first, second) = (Path.Combine(_folder, "1.mmdb"), Path.Combine(_folder, "2.mmdb"));
        MmdbFile.WriteNested(first, ("1.2.3.0/24", "DE"));
        MmdbFile.WriteNested(second, ("1.2.3.0/24", "AT"), ("1.2.4.0/24", "CH"));
        File.CreateSymbolicLink(Database, first);
        var countries = new Countries(Read(Database).GeoDatabase, _clock, _log);
        File.Delete(Database);
        File.CreateSymbolicLink(Database, second);
        _clock.Advance(Minute);
        Assert.Equal("AT", await CodeAfterCheckAsync(countries));
    }

    [Fact]
    public async Task A_broken_replacement_keeps_the_old_mmdb_and_warns_once()
    {
        MmdbFile.WriteNested(Database, ("1.2.3.0/24", "DE"));
        var countries = new Countries(Read(Database).GeoDatabase, _clock, _log);
        Replace(path => File.WriteAllText(path, "half of a download"));
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(Minute);
            Assert.Equal("DE", await CodeAfterCheckAsync(countries));
        }

        var (level, message) = Assert.Single(_log.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.StartsWith(
            $"The new file of Geo:Database cannot be used, so the previous one stays in use: '{Database}' is not a valid .mmdb: ", message);

        File.Delete(Database);
        _clock.Advance(Minute);
        Assert.Equal("DE", await CodeAfterCheckAsync(countries));
        Assert.Equal(
            $"The new file of Geo:Database cannot be used, so the previous one stays in use: the file '{Database}' does not exist.",
            _log.Entries[^1].Message);

        MmdbFile.WriteNested(Database, ("1.2.3.0/24", "AT"));
        _clock.Advance(Minute);
        Assert.Equal("AT", await CodeAfterCheckAsync(countries));
    }

    [Fact]
    public async Task Lookups_survive_replacing_the_mmdb()
    {
        MmdbFile.WriteNested(Database, ("1.2.3.0/24", "DE"));
        var countries = new Countries(Read(Database).GeoDatabase, _clock, _log);
        var asking = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                Assert.Contains(countries.Of(IPAddress.Parse("1.2.3.4")).CountryCode, (string[])["DE", "AT", "CH"]);
            }
        })).ToList();
        foreach (var (replaced, code) in ((string[])["AT", "CH", "AT", "CH"]).Index())
        {
            // Each with another length: two may be written within one tick of the file system's clock.
            Replace(
                path => MmdbFile.WriteNested(
                    path, [("1.2.3.0/24", code), .. Enumerable.Range(0, replaced + 1).Select(i => ($"1.{i}.4.0/24", (string?)code))]));
            _clock.Advance(Minute);
            // The check may have been triggered by another request and may not have begun yet.
            await Patience.UntilAsync(async () => await CodeAfterCheckAsync(countries) == code);
        }

        await Task.WhenAll(asking);
    }

    [Fact]
    public void A_randomly_damaged_mmdb_loses_no_visit()
    {
        MmdbFile.WriteNested(Database, [.. Enumerable.Range(0, 40).Select(i => ($"1.2.{i}.0/24", (string?)"DE")), ("2a00::/16", "AT")]);
        var sound = File.ReadAllBytes(Database);
        var random = new Random(1);
        var opened = 0;
        for (var i = 0; i < 400; i++)
        {
            var bytes = sound.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(Database, bytes);
            try
            {
                var countries = new Countries(Read(Database).GeoDatabase, _clock, _log);
                opened++;
                foreach (var address in (string[])["1.2.0.1", "1.2.17.1", "1.2.39.1", "1.3.0.1", "2a00::1", "::1", "255.255.255.255"])
                {
                    var (code, name) = Country(countries, IPAddress.Parse(address));
                    Assert.Equal(name, CountryName.Of(code));
                }
            }
            catch (SettingsException)
            {
                // Damaged where it is detected at once.
            }
        }

        Assert.InRange(opened, 1, 399);
        Assert.Contains(_log.Entries, entry =>
            entry.Message.StartsWith(
                $"{Database} is damaged, so some visits get no country. Replace the file: ", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task Doctor_names_the_source_of_countries(EngineKind engine)
    {
        using var databases = await TestDatabases.CreateAsync(engine);
        using var cli = Cli.For(databases);
        await cli.SucceedAsync(["migrate"]);
        Assert.Contains($"ok    countries: from the built-in table of {CountryTable.Made}\n", (await cli.RunAsync(["doctor"])).Output);

        MmdbFile.WriteNested(Path.Combine(cli.Folder, "mine.mmdb"), ("1.2.3.0/24", "DE"));
        cli.Environment["Geo__Database"] = "mine.mmdb";
        Assert.Contains("ok    countries: from mine.mmdb, Test-Country of 2026-03-31\n", (await cli.RunAsync(["doctor"])).Output);

        cli.Environment["Geo__Database"] = "other.mmdb";
        var (exitCode, _, error) = await cli.RunAsync(["serve"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("Geo:Database: the file 'other.mmdb' does not exist.", error);
    }

    private static Settings Read(string? database) =>
        Settings.Read(new ConfigurationBuilder().AddInMemoryCollection([new("Geo:Database", database)]).Build());

    private string Refusal() => Assert.Throws<SettingsException>(() => Read(Database)).Message;

    /// <summary>Like geoipupdate: writes a file next to it, then renames it.</summary>
    private void Replace(Action<string> write)
    {
        write(Database + ".new");
        File.Move(Database + ".new", Database, overwrite: true);
    }

    private static async Task<string?> CodeAfterCheckAsync(Countries countries)
    {
        Country(countries, IPAddress.Parse("1.2.3.4"));
        await countries.Check;
        return countries.Of(IPAddress.Parse("1.2.3.4")).CountryCode;
    }

    private sealed class LogOfTest : ILogger<Countries>
    {
        public List<(LogLevel Level, string Message)> Entries { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add((logLevel, formatter(state, exception)));
    }
    private static (string?, string?) Country(Countries countries, IPAddress address) =>
        countries.Of(address) is var place ? (place.CountryCode, place.Country) : default;

}
