using System.Buffers.Binary;

namespace Bioscope.Core;

/// <summary>
/// Ids of sessions and page views that say where their row is: a version 7 UUID (RFC 9562) begins with its time in milliseconds, the last 32
/// of its random bits are its page's number, and the bit before them is 1 for a page view, 0 for a session. 41 bits remain random. To everybody
/// else they are opaque.
/// </summary>
public static class PagedId
{
    private const int NumberAt = 12, UuidBytes = 16;
    private const byte PageViewBit = 1;

    private static readonly long MaxMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>
    /// The last 32 bits of a UUID. A page's number is that of its id; an id of a session says it of its page. Pages' ids end randomly, so two
    /// pages seldom share a number, but they may.
    /// </summary>
    public static uint NumberOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[UuidBytes];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes[NumberAt..]);
    }

    /// <summary>A new id of a session of this page and this time, truncated to the millisecond.</summary>
    public static Guid NewSession(Guid page, DateTimeOffset at) => SessionOf(Guid.CreateVersion7(at), page); // random bits of the system's generator

    /// <summary>A new id of a page view, likewise.</summary>
    public static Guid NewPageView(Guid page, DateTimeOffset at) => PageViewOf(Guid.CreateVersion7(at), page);

    /// <summary>The id with what says that it is one of a session of this page.</summary>
    public static Guid SessionOf(Guid id, Guid page) => Of(id, page, 0);

    /// <summary>The id with what says that it is one of a page view of this page.</summary>
    public static Guid PageViewOf(Guid id, Guid page) => Of(id, page, PageViewBit);

    /// <summary>
    /// Whether the id is a page view's rather than a session's, by what it says. It may be wrong: imported ids have any bit, so this only says
    /// where to look first.
    /// </summary>
    public static bool SaysPageView(Guid id)
    {
        Span<byte> bytes = stackalloc byte[UuidBytes];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return (bytes[NumberAt - 1] & PageViewBit) != 0;
    }

    /// <summary>The time in a version 7 UUID; null in another one, and when it is after the year 9999.</summary>
    public static DateTimeOffset? TimeOf(Guid id)
    {
        if (id.Version != 7 || (id.Variant & 0b1100) != 0b1000)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[UuidBytes];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16 & 0xFFFF_FFFF_FFFF;
        return milliseconds <= MaxMilliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    /// <summary>Whether the id may be one of a row of this page: it has a time, and the page's number.</summary>
    public static bool IsOf(Guid id, Guid page) => TimeOf(id) is not null && NumberOf(id) == NumberOf(page);

    /// <summary>Whether the row of this page and this time is found by what its id says.</summary>
    public static bool IsOf(Guid id, Guid page, DateTimeOffset at) =>
        NumberOf(id) == NumberOf(page) && TimeOf(id) == at.TruncateToMillisecond();

    private static Guid Of(Guid id, Guid page, byte kind)
    {
        Span<byte> bytes = stackalloc byte[UuidBytes];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[NumberAt - 1] = (byte)((bytes[NumberAt - 1] & ~PageViewBit) | kind);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[NumberAt..], NumberOf(page));
        return new Guid(bytes, bigEndian: true);
    }
}
