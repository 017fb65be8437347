using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bioscope.Server.Tests.Support;

/// <summary>Many viewers of the live block of a dashboard, with as little overhead as possible.</summary>
internal static class LiveSockets
{
    public static async Task<List<Socket>> OpenAsync(TestApp app, DashboardVisit visit, int count)
    {
        var cookies = string.Join("; ", visit.Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}"));
        var request = Encoding.ASCII.GetBytes(
            $"GET /dashboard/live HTTP/1.1\r\nHost: {app.Http.BaseAddress!.Authority}\r\nCookie: {cookies}\r\n\r\n");
        var sockets = new List<Socket>();
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, app.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
            await socket.SendAsync(request, TestContext.Current.CancellationToken);
            sockets.Add(socket);
        }

        return sockets;
    }

    /// <summary>What was received up to the end of the first event.</summary>
    public static string Drain(Socket socket)
    {
        var (text, buffer) = (new StringBuilder(), new byte[16 * 1024]);
        socket.ReceiveTimeout = (int)Patience.Limit.TotalMilliseconds;
        while (!text.ToString().Contains("data: ", StringComparison.Ordinal))
        {
            var received = socket.Receive(buffer);
            Assert.True(received > 0, $"The connection ended: {text}");
            text.Append(Encoding.UTF8.GetString(buffer, 0, received));
        }

        return text.ToString();
    }
}
