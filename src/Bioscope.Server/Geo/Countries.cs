using System.Net;
using Bioscope.Core;

namespace Bioscope.Server.Geo;

/// <summary>The location of an address.</summary>
/// <param name="CountryCode">ISO 3166-1 alpha-2; null when the country is unknown, and then everything else is null too.</param>
/// <param name="Country">Its English name.</param>
/// <param name="Region">The largest subdivision of the country, in English.</param>
/// <param name="City">In English.</param>
internal sealed record Place(string? CountryCode, string? Country, string? Region, string? City)
{
    public static Place Unknown { get; } = new(null, null, null, null);
}

/// <summary>
/// Finds the country of an address, and with a City file its region and city: in the operator's .mmdb if <c>Geo:Database</c> names one,
/// otherwise in the built-in table. The address is neither stored nor logged.
/// </summary>
/// <remarks>
/// A replaced file is noticed within a minute, by its time and length, because file watchers do not work on network drives and in
/// containers. If the new file cannot be used, the old one stays in use and a warning is logged.
/// </remarks>
internal sealed partial class Countries
{
    private const int MaxText = 255;

    private static readonly TimeSpan BetweenChecks = TimeSpan.FromMinutes(1);

    private readonly string? _path;
    private readonly TimeProvider _clock;
    private readonly ILogger<Countries> _logger;
    private readonly Lock _checking = new();
    private volatile CountryFile? _file;
    private Stamp _stamp;
    private long _lastCheck;
    private int _damageIsKnown;

    /// <param name="path">The operator's .mmdb, or null for the built-in table.</param>
    /// <param name="clock">The clock for detecting a replaced file.</param>
    /// <param name="logger">Logs replaced and damaged files.</param>
    /// <exception cref="InvalidDataException">The file disappeared or was damaged after the settings were read.</exception>
    public Countries(string? path, TimeProvider clock, ILogger<Countries> logger)
    {
        (_path, _clock, _logger) = (path, clock, logger);
        if (_path is null)
        {
            return;
        }

        _stamp = Stamp.Of(_path);
        _file = CountryFile.Open(_path);
        _lastCheck = clock.GetTimestamp();
    }

    /// <summary>The latest check for a new file; completed when none is running.</summary>
    internal Task Check { get; private set; } = Task.CompletedTask;

    /// <summary>The location of an address; the built-in table knows countries only.</summary>
    public Place Of(IPAddress address)
    {
        var (code, region, city) = _file is { } file ? Find(file, address) : (CountryTable.Find(address), null, null);
        var name = CountryName.Of(code);
        // Some databases have codes for more than a country, such as EU.
        return name is null ? Place.Unknown : new Place(code, name, Cut(region), Cut(city));
    }

    private static string? Cut(string? text) => text is { Length: > MaxText } ? text[..MaxText] : text;

    private (string? CountryCode, string? Region, string? City) Find(CountryFile file, IPAddress address)
    {
        CheckNowAndThen();
        try
        {
            return file.Find(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        }
        // The file is damaged in a place that was not read when it was opened, or lacks IPv6. The visit is counted without a country.
        catch (Exception e)
        {
            if (e is not ArgumentException && Interlocked.Exchange(ref _damageIsKnown, 1) == 0)
            {
                Log.Damaged(_logger, _path!, e.Message);
            }

            return default;
        }
    }

    // A visit triggers the check, but does not wait for it.
    private void CheckNowAndThen()
    {
        var last = Interlocked.Read(ref _lastCheck);
        if (_clock.GetElapsedTime(last) >= BetweenChecks
            && Interlocked.CompareExchange(ref _lastCheck, _clock.GetTimestamp(), last) == last)
        {
            Check = Task.Run(TakeReplacement);
        }
    }

    private void TakeReplacement()
    {
        lock (_checking)
        {
            // Taken before the file is read, so that a change during the read is found by the next check.
            var stamp = Stamp.Of(_path!);
            if (stamp == _stamp)
            {
                return;
            }

            _stamp = stamp;
            try
            {
                // The old one is not disposed, because another thread may be reading it.
                _file = CountryFile.Open(_path!);
                _damageIsKnown = 0;
                Log.Replaced(_logger, _path!, _file.Description);
            }
            catch (InvalidDataException e)
            {
                Log.Kept(_logger, e.Message);
            }
        }
    }

    /// <summary>Distinguishes a file from its successor with the same name; all zero when there is none.</summary>
    private readonly record struct Stamp(long Written, long Length)
    {
        public static Stamp Of(string path)
        {
            try
            {
                var file = new FileInfo(path);
                // The time of a symbolic link does not change when its target does.
                file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                return new Stamp(file.LastWriteTimeUtc.Ticks, file.Length);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return default;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Countries are now read from the new {Path}: {Description}")]
        public static partial void Replaced(ILogger logger, string path, string description);

        [LoggerMessage(LogLevel.Warning, "The new file of Geo:Database cannot be used, so the previous one stays in use: {Reason}")]
        public static partial void Kept(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Warning, "{Path} is damaged, so some visits get no country. Replace the file: {Reason}")]
        public static partial void Damaged(ILogger logger, string path, string reason);
    }
}
