using System.Buffers.Binary;
using Bioscope.Core;

namespace Bioscope.Server.Web;

/// <summary>
/// Gives every request a correlation id: the client's own <c>X-Correlation-Id</c> if it is a UUID, otherwise a new one. It is in every
/// response, every error and every log line of the request.
/// </summary>
internal sealed class CorrelationId(RequestDelegate next, TimeProvider clock, ILogger<CorrelationId> log)
{
    public const string Header = "X-Correlation-Id";

    public async Task InvokeAsync(HttpContext http)
    {
        http.TraceIdentifier = http.Request.Headers[Header] is [{ } own] && Uuid.TryParse(own, out _)
            ? own // as the client spells it
            : Next(clock.GetUtcNow());
        http.Response.Headers[Header] = http.TraceIdentifier;
        using (log.BeginScope(new Scope(http.TraceIdentifier)))
        {
            await next(http);
        }
    }

    // A UUIDv7 as Guid.CreateVersion7 makes them, but without asking the kernel for random bytes each time, because it need not be
    // unpredictable.
    private static string Next(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.Shared.NextBytes(bytes[6..]);
        var milliseconds = now.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteInt32BigEndian(bytes, unchecked((int)(milliseconds >> 16)));
        BinaryPrimitives.WriteInt16BigEndian(bytes[4..], unchecked((short)milliseconds));
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    /// <summary>The scope that <see cref="LogLine"/> looks for.</summary>
    internal sealed record Scope(string Id);
}
