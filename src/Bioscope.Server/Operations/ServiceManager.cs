using System.Net.Sockets;

namespace Bioscope.Server.Operations;

/// <summary>The service manager that started the program, if it wants to know when the server listens: systemd, by <c>Type=notify</c>.</summary>
internal static class ServiceManager
{
    public static void SayReady()
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } address)
        {
            return;
        }

        // systemd writes the zero byte of an abstract address as @.
        var target = new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo("READY=1"u8, target);
    }
}
