using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Moving;

/// <summary>A table of both databases: its columns with the types of the new one, and the key in whose order the old one is read.</summary>
internal sealed record MovedTable(string Name, IReadOnlyList<(string Name, ColumnType Type)> Columns, IReadOnlyList<int> Key)
{
    private const string SourceSql = """
        -- tables to move
        SELECT list.name, part.name, part.pk FROM sqlite_master list, pragma_table_info(list.name) part
        WHERE list.type = 'table' AND list.name NOT LIKE 'sqlite%' AND list.name <> 'BioscopeMigration' ORDER BY list.name, part.cid
        """;

    private const string TargetSql = """
        -- types of columns
        SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema()
        """;

    /// <summary>All tables of the old database but that of migrations; each start makes the same ones on both engines.</summary>
    public static async Task<IReadOnlyList<MovedTable>> ReadAsync(Database source, Database target, CancellationToken cancellationToken)
    {
        var types = (await target.QueryAsync(
            TargetSql, row => (Table: row.GetString(0), Column: row.GetString(1), Type: TypeOf(row.GetString(2))), cancellationToken))
            .ToDictionary(row => (row.Table, row.Column), row => row.Type);
        var columns = await source.QueryAsync(
            SourceSql, row => (Table: row.GetString(0), Column: row.GetString(1), Key: row.GetInt32(2)), cancellationToken);
        return [.. columns.GroupBy(column => column.Table).Select(table => new MovedTable(
            table.Key,
            [.. table.Select(column => (column.Column, types[(table.Key, column.Column)]))],
            [.. table.Select((column, i) => (column.Key, Index: i)).Where(column => column.Key > 0).OrderBy(column => column.Key)
                .Select(column => column.Index)]))];
    }

    /// <summary>Selects the rows in the order of their key, from the first or after one.</summary>
    public string SelectSql(bool isAfter)
    {
        var key = string.Join(", ", Key.Select(i => $"\"{Columns[i].Name}\""));
        var after = isAfter ? $" WHERE ({key}) > ({string.Join(", ", Key.Select((_, i) => $"@k{i}"))})" : "";
        return $"""
            -- rows to move
            SELECT {ColumnList} FROM "{Name}"{after} ORDER BY {key}
            """;
    }

    // Without a name: the driver wants this word first.
    public string CopySql => $"COPY \"{Name}\" ({ColumnList}) FROM STDIN (FORMAT BINARY)";

    public string CountSql => $"""
        -- count rows of move
        SELECT COUNT(*) FROM "{Name}"
        """;

    public string DeleteSql => $"""
        -- empty table for move
        DELETE FROM "{Name}"
        """;

    /// <summary>The key of a row as text, from which <see cref="KeyValues"/> are read.</summary>
    public string KeyOf(DbDataReader row) => new JsonArray(
        [.. Key.Select(i => row.GetValue(i) is long number ? JsonValue.Create(number) : (JsonNode)JsonValue.Create(row.GetString(i)))]).ToJsonString();

    /// <summary>The parameters of <see cref="SelectSql"/> after a row.</summary>
    public static (string Name, object? Value)[] KeyValues(string key) =>
    [
        .. JsonNode.Parse(key)!.AsArray().Select((value, i) => (
            string.Create(CultureInfo.InvariantCulture, $"@k{i}"),
            value!.GetValueKind() == System.Text.Json.JsonValueKind.Number ? (object)value.GetValue<long>() : value.GetValue<string>())),
    ];

    private string ColumnList => string.Join(", ", Columns.Select(column => $"\"{column.Name}\""));

    private static ColumnType TypeOf(string type) => type switch
    {
        "uuid" => ColumnType.Uuid,
        "text" => ColumnType.Text,
        "integer" => ColumnType.Integer,
        "bigint" => ColumnType.BigInteger,
        "boolean" => ColumnType.Boolean,
        "bytea" => ColumnType.Bytes,
        _ when type.StartsWith("timestamp", StringComparison.Ordinal) => ColumnType.Instant,
        _ => throw new InvalidOperationException($"No column of ours has the type '{type}'."),
    };
}
