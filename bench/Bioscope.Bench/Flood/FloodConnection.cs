using System.Net.Sockets;
using System.Text;

namespace Bioscope.Bench.Flood;

/// <summary>One HTTP/1.1 connection that sends many requests before it reads their answers, and looks only at the statuses.</summary>
internal sealed class FloodConnection : IDisposable
{
    private static readonly byte[] Sign = "HTTP/1.1 "u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];

    public static async Task<FloodConnection> OpenAsync(Uri server, CancellationToken cancellationToken)
    {
        var connection = new FloodConnection();
        await connection._socket.ConnectAsync(server.Host, server.Port, cancellationToken);
        return connection;
    }

    /// <summary>Sends the requests and returns the statuses of all answers. No answer may have "HTTP/1.1 " in its body.</summary>
    public async Task<IReadOnlyList<int>> SendAsync(IReadOnlyList<string> requests, CancellationToken cancellationToken)
    {
        await _socket.SendAsync(Encoding.ASCII.GetBytes(string.Concat(requests)), SocketFlags.None, cancellationToken);
        var statuses = new List<int>(requests.Count);
        var (kept, isHeadOfLast) = (0, false);
        while (statuses.Count < requests.Count || !isHeadOfLast)
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(kept), SocketFlags.None, cancellationToken);
            if (count == 0)
            {
                throw new BenchException("The server closed the connection.");
            }

            var rest = _buffer.AsSpan(0, kept + count);
            while (rest.IndexOf(Sign) is >= 0 and var place && rest.Length >= place + Sign.Length + 3)
            {
                rest = rest[(place + Sign.Length)..];
                statuses.Add(((rest[0] - '0') * 100) + ((rest[1] - '0') * 10) + (rest[2] - '0'));
            }

            // All answers of ours end with the end of their JSON, or of their text.
            isHeadOfLast = rest.EndsWith("}"u8) || rest.EndsWith("\n"u8);
            // What may be the start of a further answer.
            kept = Math.Min(rest.Length, Sign.Length + 2);
            rest[^kept..].CopyTo(_buffer);
        }

        return statuses;
    }

    public void Dispose() => _socket.Dispose();
}
