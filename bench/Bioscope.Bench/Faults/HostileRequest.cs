namespace Bioscope.Bench.Faults;

/// <summary>How the bytes of a request reach the server.</summary>
internal enum Sending
{
    /// <summary>At once; the connection serves the next request too.</summary>
    Whole,

    /// <summary>At once, on a connection of its own, since the server may not be able to tell where the request ends.</summary>
    Alone,

    /// <summary>A part of them, then the connection is reset.</summary>
    Aborted,

    /// <summary>Piece by piece over seconds.</summary>
    Slow,
}

/// <summary>One request; <see cref="Number"/> and the seed make the same one again.</summary>
internal sealed record HostileRequest(int Number, string Kind, string Method, byte[] Bytes, Sending Sending)
{
    /// <summary>Whether the server can tell where it ends or what is wrong with it, so that it must answer; on others it may hang up.</summary>
    public bool MustBeAnswered { get; init; } = true;

    /// <summary>Another address of this machine to come from, or null: from 127.0.0.1, which the server trusts as a proxy.</summary>
    public System.Net.IPAddress? From { get; init; }

    /// <summary>The correlation id that it carries: what the log says of it names its number.</summary>
    public static string CorrelationId(int number) => $"00000000-0000-4000-8000-{number:x12}";
}
