using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Bioscope.Core;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Web;

/// <summary>
/// Reports forwarded headers from addresses outside <c>Proxies:Trusted</c>: counted in the metrics, logged at most once an hour, and
/// kept in a small file for <c>bioscope doctor</c>, which runs in another process and often while the server is stopped.
/// </summary>
internal sealed partial class UntrustedProxies
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private readonly Settings _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger<UntrustedProxies> _log;
    private readonly Counter<long> _requests;

    // A stranger's forged header must not use up the warning about the operator's own proxy, so public addresses have a slot of their own.
    private readonly long[] _quietUntil = [long.MinValue, long.MinValue];

    public UntrustedProxies(Settings settings, IMeterFactory meters, TimeProvider clock, ILogger<UntrustedProxies> log)
    {
        (_settings, _clock, _log) = (settings, clock, log);
        _requests = meters.Create("Bioscope.Http").CreateCounter<long>(
            "bioscope.http.forwarded.untrusted",
            description: "Requests with a forwarded header from an address that is not in Proxies:Trusted, where it is ignored");
        _requests.Add(0); // so that the metric exists from the start
    }

    /// <summary>The file in the data folder with the last report.</summary>
    public static string FileOf(Settings settings) => Path.Combine(settings.DataFolder, "untrusted-proxy");

    /// <summary>The line to set, so that the address is trusted in addition to those that are.</summary>
    public static string SettingFor(Settings settings, string address) =>
        $"Proxies:Trusted={string.Join(',', [.. settings.TrustedProxies.Select(network => $"{network}"), address])}";

    public void Report(IPAddress socket, string header)
    {
        _requests.Add(1);
        if (!_settings.MayHaveUnknownProxy || !TakeTurn(PublicAddress.IsPublic(socket) ? 1 : 0))
        {
            return;
        }

        // A public address may be a visitor's, who made the header up; no visitor's address is ever logged.
        if (PublicAddress.IsPublic(socket))
        {
            Log.Public(_log, header);
            return;
        }

        var address = new IPAddress(socket.GetAddressBytes()).ToString(); // without the zone
        Log.Private(_log, address, header, SettingFor(_settings, address));
        Keep(address, header);
    }

    private bool TakeTurn(int slot)
    {
        var now = _clock.GetUtcNow().UtcTicks;
        var until = Volatile.Read(ref _quietUntil[slot]);
        return now >= until && Interlocked.CompareExchange(ref _quietUntil[slot], now + Every.Ticks, until) == until;
    }

    private void Keep(string address, string header)
    {
        if (_settings.SharedOwnership)
        {
            return; // nothing is written beside another service
        }

        try
        {
            PrivateFile.CreateFolder(_settings.DataFolder);
            File.WriteAllText(FileOf(_settings), string.Create(CultureInfo.InvariantCulture, $"{address} {header} {_clock.GetUtcNow():u}\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The log has it, and the folder's problem is reported where it matters.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "A request from {Address} had the header {Header}, which is ignored because that address is not in Proxies:Trusted. If it is " +
            "your reverse proxy, all people behind it count as one: their page views are refused (429) once they exceed the limits of one " +
            "address, 20 logins an hour lock everybody out, and their countries are unknown. To fix, set {Setting} and start again; if " +
            "there is no proxy, Proxies:Trusted=none. This is logged once an hour")]
        public static partial void Private(ILogger logger, string address, string header, string setting);

        [LoggerMessage(
            LogLevel.Warning,
            "A request from a public address, which is not logged, had the header {Header}. It is ignored because the address is not in " +
            "Proxies:Trusted. If your content delivery network or reverse proxy sends it, all people behind it count as one: their page " +
            "views are refused (429), and 20 logins an hour lock everybody out. To fix, set Proxies:Trusted=<its addresses or ranges> and " +
            "start again; if there is no proxy, Proxies:Trusted=none. This is logged once an hour")]
        public static partial void Public(ILogger logger, string header);
    }
}
