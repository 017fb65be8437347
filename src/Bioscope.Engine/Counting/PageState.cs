using System.Data.Common;
using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>
/// One row of <c>"RollupPage"</c>: rollups count the page's rows from <paramref name="SealedFrom"/> to the watermark, <paramref
/// name="SealedUntil"/> (exclusive). Everything read from the rollups belongs to one <paramref name="Version"/>.
/// </summary>
internal sealed record PageState(
    Guid BioPageId, long Version, DateTimeOffset? SealedFrom, DateTimeOffset? SealedUntil, int Visitors, int ShardBits)
{
    /// <summary>Rows before this instant are in segments; null when there are none. Never later than <see cref="SealedUntil"/>.</summary>
    public DateTimeOffset? SegmentedUntil { get; init; }

    public static Table<PageState> Table { get; } = new(
        "RollupPage",
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("version", ColumnType.BigInteger, row => row.Version),
        new("sealedFrom", ColumnType.Instant, row => row.SealedFrom),
        new("sealedUntil", ColumnType.Instant, row => row.SealedUntil),
        new("visitors", ColumnType.Integer, row => row.Visitors),
        new("shardBits", ColumnType.Integer, row => row.ShardBits),
        new("segmentedUntil", ColumnType.Instant, row => row.SegmentedUntil));

    public const int MaxShardBits = 24;

    /// <summary>Watermarks are multiples of it.</summary>
    public static readonly TimeSpan WatermarkStep = TimeSpan.FromSeconds(1);

    private const string ReadSql = """
        -- rollup page
        SELECT "version", "sealedFrom", "sealedUntil", "visitors", "shardBits", "segmentedUntil" FROM "RollupPage" WHERE "bioPageId" = @page
        """;

    private const string ReplaceSql = """
        -- replace rollup page
        UPDATE "RollupPage"
        SET "version" = @version + 1, "sealedFrom" = @from, "sealedUntil" = @until, "visitors" = @visitors, "shardBits" = @shardBits,
          "segmentedUntil" = @segmentedUntil
        WHERE "bioPageId" = @page AND "version" = @version
        """;

    /// <summary>A page of which nothing is sealed.</summary>
    public static PageState New(Guid page) => new(page, Version: 0, null, null, Visitors: 0, ShardBits: 0);

    public static async Task<PageState> ReadAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, CancellationToken cancellationToken, bool locked = false)
    {
        var rows = await dialect.QueryAsync(
            transaction,
            locked ? ReadSql + " {forUpdate}" : ReadSql,
            row => new PageState(
                page,
                row.GetInt64(0),
                row.IsDBNull(1) ? null : dialect.ReadInstant(row, 1),
                row.IsDBNull(2) ? null : dialect.ReadInstant(row, 2),
                row.GetInt32(3),
                row.GetInt32(4))
            { SegmentedUntil = row.IsDBNull(5) ? null : dialect.ReadInstant(row, 5) },
            cancellationToken,
            ("@page", page));
        return rows is [var state] ? state.Checked() : New(page);
    }

    /// <summary>This state, if it is valid.</summary>
    /// <exception cref="FormatException">It is invalid.</exception>
    public PageState Checked()
    {
        var isSealed = SealedFrom is { } from && SealedUntil is { } until && from == Grain.Month.Floor(from)
            && until.UtcTicks % WatermarkStep.Ticks == 0 && from <= until;
        return Version >= 0 && Visitors >= 0 && ShardBits is >= 0 and <= MaxShardBits
            && (isSealed || (SealedFrom is null && SealedUntil is null)) && !(SegmentedUntil > (SealedUntil ?? DateTimeOffset.MinValue))
            ? this
            : throw new FormatException(
                $"sealed from {Text(SealedFrom)} to {Text(SealedUntil)}, version {Version}, {Visitors} visitors in 2^{ShardBits} " +
                    "shards is invalid: " +
                "it must be from the start of a month to a later second" +
                (SegmentedUntil is null ? "" : $", with segments up to that second and not to {Text(SegmentedUntil)}"));

        static string Text(DateTimeOffset? instant) => instant?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "none";
    }

    /// <summary>Stores this state as the next version, unless the version has changed in the meantime.</summary>
    public async Task<bool> ReplaceAsync(SqlDialect dialect, DbTransaction transaction, CancellationToken cancellationToken)
    {
        await dialect.InsertAsync(transaction, Table, [New(BioPageId)], cancellationToken);
        return await dialect.ExecuteAsync(
            transaction,
            ReplaceSql,
            cancellationToken,
            ("@page", BioPageId),
            ("@version", Version),
            ("@from", SealedFrom),
            ("@until", SealedUntil),
            ("@visitors", Visitors),
            ("@shardBits", ShardBits),
            ("@segmentedUntil", SegmentedUntil)) == 1;
    }
}
