using System.Net;
using System.Net.Sockets;

namespace Bioscope.Bench.Processes;

/// <summary>Where a process can listen.</summary>
internal static class Ports
{
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
