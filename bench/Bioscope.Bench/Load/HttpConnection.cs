using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Bioscope.Bench.Load;

/// <summary>
/// One HTTP/1.1 connection that sends prepared bytes and reads what comes back, one request at a time: next to nothing of the time
/// that it measures is its own. Only for answers with a Content-Length.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[16_384];

    public static async Task<HttpConnection> OpenAsync(Uri server, CancellationToken cancellationToken)
    {
        var connection = new HttpConnection();
        await connection._socket.ConnectAsync(server.Host, server.Port, cancellationToken);
        return connection;
    }

    /// <summary>Sends a request and returns the body of the answer, which is valid until the next call.</summary>
    /// <exception cref="BenchException">The answer is not a 200.</exception>
    public async Task<ReadOnlyMemory<byte>> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        await _socket.SendAsync(request, SocketFlags.None, cancellationToken);
        var (read, end, length) = (0, -1, 0);
        while (end < 0 || read < end + length)
        {
            if (read == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            var count = await _socket.ReceiveAsync(_buffer.AsMemory(read), SocketFlags.None, cancellationToken);
            if (count == 0)
            {
                throw new IOException("The server closed the connection.");
            }

            read += count;
            if (end < 0 && _buffer.AsSpan(0, read).IndexOf("\r\n\r\n"u8) is >= 0 and var place)
            {
                end = place + 4;
                length = LengthOf(_buffer.AsSpan(0, end));
            }
        }

        if (!_buffer.AsSpan(0, end).StartsWith("HTTP/1.1 200"u8))
        {
            throw new BenchException($"The server answered {Encoding.UTF8.GetString(_buffer, 0, read)}");
        }

        return _buffer.AsMemory(end, length);
    }

    public void Dispose() => _socket.Dispose();

    private static int LengthOf(ReadOnlySpan<byte> head)
    {
        var name = "Content-Length: "u8;
        var start = head.IndexOf(name);
        if (start < 0)
        {
            throw new BenchException($"An answer without Content-Length: {Encoding.UTF8.GetString(head)}");
        }

        var rest = head[(start + name.Length)..];
        return int.Parse(rest[..rest.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }
}
