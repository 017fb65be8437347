using System.Collections;
using Bioscope.Bench.Data;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Bioscope.Bench.Measures;

/// <summary>One prepared INSERT a batch, an array a column.</summary>
internal sealed class PostgresInserts : EngineInserts
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _insert;
    private readonly PostgresDialect _dialect = new();

    private PostgresInserts(Population population, NpgsqlConnection connection)
        : base(population)
    {
        _connection = connection;
        var columns = Table.Columns;
        var arrays = string.Join(", ", columns.Select((_, i) => $"${i + 1}"));
        _insert = new NpgsqlCommand($"""INSERT INTO "{Table.Name}" ({Table.ColumnList}) SELECT * FROM unnest({arrays})""", connection);
        foreach (var column in columns)
        {
            _insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | TypeOf(column.Type) });
        }
    }

    public static new async Task<EngineInserts> OpenAsync(Population population, string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Options=-c synchronous_commit=on -c jit=off");
        await connection.OpenAsync(cancellationToken);
        var inserts = new PostgresInserts(population, connection);
        await inserts._insert.PrepareAsync(cancellationToken);
        return inserts;
    }

    protected override void Prepare(SessionRow[] rows)
    {
        for (var i = 0; i < Table.Columns.Length; i++)
        {
            var column = Table.Columns[i];
            var values = Array.ConvertAll(rows, row => _dialect.Value(column.Value(row)) is var value and not DBNull ? value : null);
            _insert.Parameters[i].Value = column.Type switch
            {
                ColumnType.Uuid => Typed<Guid?>(values),
                ColumnType.Text => Typed<string?>(values),
                ColumnType.Integer => Typed<int?>(values),
                ColumnType.Boolean => Typed<bool?>(values),
                ColumnType.Instant => Typed<DateTime?>(values),
                _ => throw new NotSupportedException(column.Name),
            };
        }
    }

    protected override async Task InsertAsync(CancellationToken cancellationToken) => await _insert.ExecuteNonQueryAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await _insert.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static T[] Typed<T>(IEnumerable values) => [.. values.Cast<T>()];

    private static NpgsqlDbType TypeOf(ColumnType type) => type switch
    {
        ColumnType.Uuid => NpgsqlDbType.Uuid,
        ColumnType.Text => NpgsqlDbType.Text,
        ColumnType.Integer => NpgsqlDbType.Integer,
        ColumnType.Boolean => NpgsqlDbType.Boolean,
        ColumnType.Instant => NpgsqlDbType.Timestamp,
        _ => throw new NotSupportedException(type.ToString()),
    };
}
