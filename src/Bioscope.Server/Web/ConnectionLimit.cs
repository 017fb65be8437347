using System.Diagnostics.Metrics;
using System.Net;
using Bioscope.Core;
using Bioscope.Server.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Bioscope.Server.Web;

/// <summary>
/// Limits the connections that one address may hold open (<c>Limits:ConnectionsPerAddress</c>; for IPv6 per /64): file descriptors and
/// memory are shared by all clients. Further connections are closed before anything is read. Trusted proxies are exempt, since they
/// forward many clients.
/// </summary>
internal sealed class ConnectionLimit
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ClientNetwork, int> _open = [];
    private readonly Settings _settings;
    private readonly ClientAddress _addresses;
    private readonly Counter<long> _refused;

    public ConnectionLimit(Settings settings, ClientAddress addresses, IMeterFactory meters)
    {
        (_settings, _addresses) = (settings, addresses);
        _refused = meters.Create("Bioscope.Http").CreateCounter<long>(
            "bioscope.http.connections.refused", description: "Connections that were closed at once because their address had too many");
        _refused.Add(0); // so that the metric exists from the start
    }

    public void Apply(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        if ((connection.RemoteEndPoint as IPEndPoint)?.Address is not { } address || _addresses.IsTrusted(ClientAddress.Unmapped(address)))
        {
            await next(connection);
            return;
        }

        var network = ClientNetwork.Link(address);
        if (!TryOpen(network))
        {
            _refused.Add(1);
            return; // which closes the connection
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Close(network);
        }
    });

    private bool TryOpen(ClientNetwork network)
    {
        lock (_lock)
        {
            var count = _open.GetValueOrDefault(network);
            if (count >= _settings.ConnectionsPerAddress)
            {
                return false;
            }

            _open[network] = count + 1;
            return true;
        }
    }

    private void Close(ClientNetwork network)
    {
        lock (_lock)
        {
            if (--_open[network] == 0)
            {
                _open.Remove(network);
            }
        }
    }
}
