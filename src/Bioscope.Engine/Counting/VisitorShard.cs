using System.Buffers.Binary;
using System.Data.Common;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// One row of <c>"RollupVisitors"</c>: for each visitor its 12 bytes and the hour (since 1970) of its latest sealed session.
/// </summary>
internal sealed record VisitorShard(Guid BioPageId, int Shard, byte[] Visitors)
{
    public const int EntryBytes = VisitorKey.Bytes + sizeof(uint);

    public static Table<VisitorShard> Table { get; } = new(
        "RollupVisitors",
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("shard", ColumnType.Integer, row => row.Shard),
        new("visitors", ColumnType.Bytes, row => row.Visitors));

    public const string ReadSql = """
        -- visitors
        SELECT "visitors" FROM "RollupVisitors" WHERE "bioPageId" = @page AND "shard" {isAnyOfNumbers}
        """;

    public static byte[] Read(DbDataReader row) => row.GetFieldValue<byte[]>(0);

    /// <exception cref="FormatException">The bytes are not valid entries.</exception>
    public static IEnumerable<(VisitorKey Visitor, int LastHour)> Entries(byte[] visitors)
    {
        if (visitors.Length % EntryBytes != 0)
        {
            throw new FormatException($"{visitors.Length} bytes are not a multiple of {EntryBytes}, the size of a visitor's entry.");
        }

        for (var at = 0; at < visitors.Length; at += EntryBytes)
        {
            yield return (
                VisitorKey.Read(visitors.AsSpan(at)), BinaryPrimitives.ReadInt32BigEndian(visitors.AsSpan(at + VisitorKey.Bytes)));
        }
    }

    public static VisitorShard Of(Guid page, int shard, IReadOnlyCollection<KeyValuePair<VisitorKey, int>> visitors)
    {
        var bytes = new byte[visitors.Count * EntryBytes];
        var at = 0;
        foreach (var (visitor, lastHour) in visitors)
        {
            visitor.Write(bytes.AsSpan(at));
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at + VisitorKey.Bytes), lastHour);
            at += EntryBytes;
        }

        return new VisitorShard(page, shard, bytes);
    }
}
