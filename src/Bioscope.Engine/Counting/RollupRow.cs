using System.Data.Common;
using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Counting;

/// <summary>One row of <c>"Rollup"</c>.</summary>
internal sealed record RollupRow(Guid BioPageId, Grain Grain, DateTimeOffset Bucket, Rollup Rollup)
{
    public static Table<RollupRow> Table { get; } = new("Rollup", [
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("grain", ColumnType.Integer, row => (int)row.Grain),
        new("bucket", ColumnType.Instant, row => row.Bucket),
        .. RollupColumn.All.Select(column => new Column<RollupRow>(column.Name, ColumnType.Text, row => row.Rollup[column].ToJson())),
        new("returns", ColumnType.Text, row => row.Rollup.Returns.ToJson()),
    ]);

    public const string DeleteBeforeSql = """
        -- remove old rollups
        DELETE FROM "Rollup" WHERE "bioPageId" = @page AND "bucket" < @bucket
        """;

    public const string DeleteSql = """
        -- remove rollup
        DELETE FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = @grain AND "bucket" = @bucket
        """;

    /// <summary>A page's rollups of one grain whose buckets begin in some time, by bucket.</summary>
    public static async Task<SortedDictionary<DateTimeOffset, Rollup>> ReadAsync(
        SqlDialect dialect, DbTransaction transaction, Guid page, Grain grain, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var sql = $"""
            -- rollups
            SELECT "bucket", {Columns} FROM "Rollup" WHERE "bioPageId" = @page AND "grain" = @grain AND "bucket" >= @from AND "bucket" < @until
            """;
        var rollups = new SortedDictionary<DateTimeOffset, Rollup>();
        foreach (var (bucket, rollup) in await dialect.QueryAsync(
            transaction,
            sql,
            row => (dialect.ReadInstant(row, 0), Read(row, 1)),
            cancellationToken,
            ("@page", page),
            ("@grain", (int)grain),
            ("@from", from),
            ("@until", until)))
        {
            rollups[bucket] = rollup;
        }

        return rollups;
    }

    /// <summary>The rollup's columns, in the order that <see cref="Read"/> expects.</summary>
    public static string Columns { get; } = string.Join(", ", RollupColumn.All.Select(column => $"\"{column.Name}\"").Append("\"returns\""));

    public static Rollup Read(DbDataReader row, int column)
    {
        var rollup = new Rollup();
        foreach (var (counts, isValue) in RollupColumn.All.Select(column => (rollup[column], column.IsValue)).Append(
            (rollup.Returns, RollupColumn.IsReturn)))
        {
            if (!row.IsDBNull(column))
            {
                counts.AddJson(row.GetString(column), isValue);
            }

            column++;
        }

        return rollup;
    }

    /// <summary>The number of an hour or day, used as the value of a count.</summary>
    public static string ValueOf(int number) => number.ToString(CultureInfo.InvariantCulture);
}
