using System.Net;
using MaxMind.Db;

namespace Bioscope.Server.Geo;

/// <summary>
/// An operator's .mmdb, in either of the two common layouts: <c>country.iso_code</c> (GeoLite2 and GeoIP2 Country and City, DB-IP Lite)
/// and <c>country_code</c> (IPinfo Lite).
/// </summary>
/// <remarks>
/// The file is read into memory, because truncating a memory-mapped file would end the process. <c>registered_country</c> is ignored,
/// because it is where the provider is registered, not where the visitor is.
/// </remarks>
internal sealed class CountryFile : IDisposable
{
    // The first records of a database often have no country. A file without a country in this many records is of another kind.
    private const int RecordsToTry = 10_000;

    private readonly Reader _reader;
    private readonly bool _nested;

    private CountryFile(Reader reader, bool nested) => (_reader, _nested) = (reader, nested);

    /// <summary>Its name and date, for display.</summary>
    public string Description => $"{_reader.Metadata.DatabaseType} of {_reader.Metadata.BuildDate:yyyy-MM-dd}";

    /// <exception cref="InvalidDataException">The file does not exist, or contains no countries; the message says which.</exception>
    public static CountryFile Open(string path)
    {
        Reader? reader = null;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            reader = new Reader(stream);
            return new CountryFile(reader, IsNested(reader) ?? throw new InvalidDataException($"'{path}' is an .mmdb without countries."));
        }
        // On damaged files the library throws more than the exceptions it documents.
        catch (Exception e)
        {
            reader?.Dispose();
            throw e switch
            {
                InvalidDataException => e,
                FileNotFoundException or DirectoryNotFoundException => new InvalidDataException($"the file '{path}' does not exist.", e),
                IOException or UnauthorizedAccessException => new InvalidDataException($"'{path}' cannot be read: {e.Message}", e),
                _ => new InvalidDataException($"'{path}' is not a valid .mmdb: {e.Message}", e),
            };
        }
    }

    /// <summary>The country's code, and region and city in English where the file has them; each null where it does not know.</summary>
    /// <exception cref="Exception">Any type: the file is damaged at this place.</exception>
    public (string? CountryCode, string? Region, string? City) Find(IPAddress address)
    {
        if (!_nested)
        {
            return (_reader.Find<Flat>(address)?.CountryCode, null, null);
        }

        var place = _reader.Find<Nested>(address);
        return (place?.Country?.IsoCode, place?.Subdivisions is [var region, ..] ? region.English : null, place?.City?.English);
    }

    public void Dispose() => _reader.Dispose();

    private static bool? IsNested(Reader reader)
    {
        foreach (var record in reader.FindAll<Dictionary<string, object>>().Take(RecordsToTry))
        {
            if (record.Data.GetValueOrDefault("country") is IDictionary<string, object> country && country.ContainsKey("iso_code"))
            {
                return true;
            }

            if (record.Data.GetValueOrDefault("country_code") is string)
            {
                return false;
            }
        }

        return null;
    }

    internal sealed class Nested
    {
        [MapKey("country")]
        public Country? Country { get; init; }

        /// <summary>The largest subdivision comes first.</summary>
        [MapKey("subdivisions")]
        public List<Named>? Subdivisions { get; init; }

        [MapKey("city")]
        public Named? City { get; init; }
    }

    internal sealed class Country
    {
        [MapKey("iso_code")]
        public string? IsoCode { get; init; }
    }

    internal sealed class Named
    {
        [MapKey("names")]
        public Dictionary<string, string>? Names { get; init; }

        public string? English => Names?.GetValueOrDefault("en");
    }

    internal sealed class Flat
    {
        [MapKey("country_code")]
        public string? CountryCode { get; init; }
    }
}
