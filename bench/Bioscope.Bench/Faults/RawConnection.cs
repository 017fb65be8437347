using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bioscope.Bench.Faults;

/// <summary>An answer as far as it is looked at.</summary>
internal sealed record RawAnswer(int Status, bool IsJson, bool Closes, ReadOnlyMemory<byte> Body);

/// <summary>A connection that sends any bytes and reads what may come back, whatever it is.</summary>
internal sealed class RawConnection : IDisposable
{
    private const int MaxAnswerBytes = 32 * 1024 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[16_384];
    private int _read;

    public static async Task<RawConnection> OpenAsync(Uri server, IPAddress? from, CancellationToken cancellationToken)
    {
        var connection = new RawConnection();
        try
        {
            if (from is not null)
            {
                connection._socket.Bind(new IPEndPoint(from, 0));
            }

            await connection._socket.ConnectAsync(server.Host, server.Port, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
        }
    }

    /// <summary>Says that nothing more comes, and still reads.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection at once, as a browser that goes away or a broken network does.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>Waits for the first byte of an answer, or the end of the connection.</summary>
    /// <returns>False when there was silence for that long.</returns>
    public async Task<bool> HasAnswerAsync(TimeSpan silence, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(silence);
        try
        {
            await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <returns>The next answer; null when the server has closed the connection instead.</returns>
    /// <exception cref="InvalidDataException">What came is no HTTP.</exception>
    public async Task<RawAnswer?> ReadAsync(string method, CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _read).IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                if (!await ReceiveAsync(cancellationToken))
                {
                    return _read == 0 ? null : throw new InvalidDataException($"The server closed within a head: {Text(_read)}");
                }

                continue;
            }

            end += 4;
            if (!_buffer.AsSpan(0, end).StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(_buffer.AsSpan(9, 3), out int status, out _))
            {
                throw new InvalidDataException($"No HTTP answer: {Text(Math.Min(end, 200))}");
            }

            if (status is >= 100 and < 200)
            {
                Consume(end);
                continue;
            }

            return await ReadBodyAsync(method, status, end, cancellationToken);
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<RawAnswer> ReadBodyAsync(string method, int status, int end, CancellationToken cancellationToken)
    {
        var head = Encoding.Latin1.GetString(_buffer, 0, end);
        var isJson = Has(head, "Content-Type: application/json");
        var closes = Has(head, "Connection: close");
        if (method == "HEAD" || status is 204 or 304)
        {
            Consume(end);
            return new RawAnswer(status, false, closes, default);
        }

        if (Has(head, "text/event-stream"))
        {
            return new RawAnswer(status, false, true, default); // without end
        }

        var length = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase) is >= 0 and var place
            ? int.Parse(head.AsSpan(place + 16, head.IndexOf('\r', place) - place - 16), System.Globalization.CultureInfo.InvariantCulture)
            : (int?)null;
        if (length is null && Has(head, "Transfer-Encoding: chunked"))
        {
            // Only to its end; what is in it is not looked at.
            int last;
            while ((last = _buffer.AsSpan(end, _read - end).IndexOf("0\r\n\r\n"u8)) < 0)
            {
                await ReceiveMoreAsync(cancellationToken);
            }

            Consume(end + last + 5);
            return new RawAnswer(status, false, closes, default);
        }

        while (length is { } wanted && _read < end + wanted)
        {
            await ReceiveMoreAsync(cancellationToken);
        }

        var body = _buffer.AsMemory(end, length ?? (_read - end)).ToArray();
        Consume(end + body.Length);
        return new RawAnswer(status, isJson, closes || length is null, body);
    }

    private async Task ReceiveMoreAsync(CancellationToken cancellationToken)
    {
        if (!await ReceiveAsync(cancellationToken))
        {
            throw new InvalidDataException($"The server closed within an answer: {Text(Math.Min(_read, 300))}");
        }
    }

    private async Task<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_read == _buffer.Length)
        {
            if (_read > MaxAnswerBytes)
            {
                throw new InvalidDataException("The answer does not end.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_read), SocketFlags.None, cancellationToken);
        _read += count;
        return count > 0;
    }

    private void Consume(int bytes)
    {
        _buffer.AsSpan(bytes, _read - bytes).CopyTo(_buffer);
        _read -= bytes;
    }

    private static bool Has(string head, string text) => head.Contains(text, StringComparison.OrdinalIgnoreCase);

    private string Text(int length) => Encoding.Latin1.GetString(_buffer, 0, length);
}
