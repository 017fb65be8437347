using Bioscope.Core;

namespace Bioscope.Engine.Rows;

/// <summary>
/// What stands for the page of sessions that belong to none: the nil UUID. Where tables are spread by page, one shard would have all of them, and
/// anyone can send them; there, they have one of sixteen ids that end with another digit.
/// </summary>
internal static class NoPage
{
    /// <summary>All of these ids; the nil UUID is the first one. Each is at its own number (<see cref="PagedId.NumberOf"/>).</summary>
    public static IReadOnlyList<Guid> All { get; } = [.. Enumerable.Range(0, 16).Select(i => new Guid(0, 0, 0, [0, 0, 0, 0, 0, 0, 0, (byte)i]))];

    /// <summary>Whether it is no page's id.</summary>
    public static bool Is(Guid page) => All.Contains(page);

    /// <summary>Those with this number: one or none.</summary>
    public static IReadOnlyList<Guid> Numbered(uint number) => number < All.Count ? [All[(int)number]] : [];

    /// <summary>The one for a visitor's sessions, always the same.</summary>
    /// <param name="visitor">The visitor's hash, in hexadecimal digits.</param>
    /// <param name="isSpread">Whether tables are spread by page.</param>
    public static Guid Of(string visitor, bool isSpread) => All[isSpread ? Convert.ToInt32(visitor[..1], 16) : 0];
}
