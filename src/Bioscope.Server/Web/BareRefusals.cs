using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Bioscope.Server.Web;

/// <summary>
/// The web server itself refuses malformed requests (no <c>Host</c>, <c>%00</c> in the path, bytes that are not HTTP) with a response
/// without a body. This adds the envelope to those responses as they are written.
/// </summary>
internal static class BareRefusals
{
    private const int MaxBytes = 1024;

    public static void GiveEnvelope(ListenOptions endpoint, TimeProvider clock) => endpoint.Use(next => connection =>
    {
        connection.Transport = new Transport(connection.Transport.Input, new Output(connection.Transport.Output, clock));
        return next(connection);
    });

    /// <summary>The same response with an envelope, or null when it is not a refusal by the web server.</summary>
    private static byte[]? WithEnvelope(ReadOnlySpan<byte> answer, TimeProvider clock)
    {
        if (answer.Length > MaxBytes || !(answer.StartsWith("HTTP/1.1 4"u8) || answer.StartsWith("HTTP/1.1 5"u8)))
        {
            return null;
        }

        var text = Encoding.ASCII.GetString(answer);
        // Our responses all have a body. The web server's own refusals have none, and close the connection.
        if (!text.Contains("\r\nContent-Length: 0\r\n", StringComparison.Ordinal)
            || !text.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal))
        {
            return null;
        }

        var status = int.Parse(text.AsSpan("HTTP/1.1 ".Length, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        var correlationId = Guid.CreateVersion7(clock.GetUtcNow()).ToString("D");
        var body = JsonSerializer.Serialize(Errors.Envelope(ApiError.ForStatus(status), correlationId), ApiJson.Default.Failure);
        var head = text.Replace(
            "\r\nContent-Length: 0\r\n",
            string.Create(
                CultureInfo.InvariantCulture,
                $"\r\nContent-Length: {body.Length}\r\nContent-Type: application/json; charset=utf-8\r\nCache-Control: " +
                $"no-store\r\n{CorrelationId.Header}: {correlationId}\r\n"),
            StringComparison.Ordinal);
        return Encoding.ASCII.GetBytes(head + body);
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Inspects the start of what is written; everything else passes through unchanged.</summary>
    private sealed class Output(PipeWriter inner, TimeProvider clock) : PipeWriter
    {
        private Memory<byte> _memory;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            if (WithEnvelope(_memory.Span[..bytes], clock) is { } answer)
            {
                inner.Write(answer); // instead of the buffered bytes, which are not committed
                return;
            }

            inner.Advance(bytes);
            _memory = _memory[bytes..]; // the web server may continue writing after it
        }

        // Room for a whole response, so that it arrives in one piece.
        public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = inner.GetMemory(Math.Max(sizeHint, MaxBytes));

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(source, cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
