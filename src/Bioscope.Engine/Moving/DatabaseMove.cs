using System.Data.Common;
using System.Globalization;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Engine.Storage.Postgres;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Bioscope.Engine.Moving;

/// <summary>
/// Copies a database from SQLite to PostgreSQL, row by row and with what was derived from rows, so that all figures are equal at once. What is
/// copied is noted in the same transaction, so that a move that was interrupted goes on where it was. From its first row to its last both
/// databases have a <see cref="MoveMark"/>: no server can add rows to either.
/// </summary>
internal sealed class DatabaseMove : IAsyncDisposable
{
    // A second or so of work, so that an interrupted move repeats little.
    private const int ChunkRows = 20_000;

    private const string CreateNotesSql = """
        -- create notes of move
        CREATE TABLE IF NOT EXISTS "BioscopeMove" (
          "database" {text} NOT NULL, "table" {text} NOT NULL, "rows" {bigint} NOT NULL, "after" {text}, PRIMARY KEY ("database", "table"))
        """;

    private const string NotesSql = """
        -- notes of move
        SELECT "table", "rows", "after" FROM "BioscopeMove" WHERE "database" = @database
        """;

    private const string NoteSql = """
        -- note progress of move
        INSERT INTO "BioscopeMove" ("database", "table", "rows", "after") VALUES (@database, @table, @rows, @after)
        ON CONFLICT ("database", "table") DO UPDATE SET "rows" = excluded."rows", "after" = excluded."after"
        """;

    private const string DropNotesSql = """
        -- drop notes of move
        DROP TABLE IF EXISTS "BioscopeMove"
        """;

    private const string AnalyzeSql = """
        -- statistics after move
        ANALYZE
        """;

    // A start fills them by itself, with what only an installation in use would miss.
    private static readonly string[] FilledByStart = ["DailySecret", "Fence", "Instance", "SharedBudget", "UsedChallenge"];

    private readonly Database _source, _target;
    private readonly DateTimeOffset _now;
    private readonly SqliteConnection _reading;
    private readonly DbTransaction _lock;
    private readonly NpgsqlConnection _writing;
    private readonly Dictionary<string, (long Rows, string? After)> _notes;

    private DatabaseMove(
        Database source, Database target, DateTimeOffset now, SqliteConnection reading, DbTransaction held, NpgsqlConnection writing,
        IReadOnlyList<MovedTable> tables, Dictionary<string, (long Rows, string? After)> notes)
    {
        (_source, _target, _now, _reading, _lock, _writing, Tables, _notes) = (source, target, now, reading, held, writing, tables, notes);
    }

    /// <summary>What is copied.</summary>
    public IReadOnlyList<MovedTable> Tables { get; }

    /// <summary>How many rows were copied before, by a move that was interrupted.</summary>
    public long Continued => _notes.Values.Sum(note => note.Rows);

    /// <summary>Marks both databases, and locks the old one for writing.</summary>
    /// <param name="source">The old database, a file that nobody has open. Both have this version's schema.</param>
    /// <param name="target">The new one.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MoveException">The new database has data already, or the old one was moved.</exception>
    public static async Task<DatabaseMove> BeginAsync(Database source, Database target, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var tables = await MovedTable.ReadAsync(source, target, cancellationToken);
        var reading = (SqliteConnection)await source.OpenAsync(cancellationToken);
        var writing = (NpgsqlConnection)await target.OpenAsync(cancellationToken);
        Dictionary<string, (long, string?)> notes;
        await using (var marked = await source.Dialect.BeginExclusiveAsync(reading, cancellationToken))
        {
            var mark = await MoveMark.FindAsync(source, marked, cancellationToken);
            await using var prepared = await target.Dialect.BeginExclusiveAsync(writing, cancellationToken);
            notes = await PrepareAsync(target, prepared, tables, mark, now, cancellationToken);
            // The old one first: a new one with a mark could not be told from one that somebody else fills.
            await MoveMark.SetAsync(source, marked, mark ?? MoveMark.Source, now, cancellationToken);
            await marked.CommitAsync(cancellationToken);
            await prepared.CommitAsync(cancellationToken);
        }

        return new DatabaseMove(
            source, target, now, reading, await source.Dialect.BeginExclusiveAsync(reading, cancellationToken), writing, tables, notes);
    }

    /// <summary>The <see cref="MoveMark"/> of a database; null where it has none, or no tables yet.</summary>
    public static async Task<string?> MarkOfAsync(Database source, CancellationToken cancellationToken)
    {
        if (!await Migrator.HasTablesAsync(source, cancellationToken))
        {
            return null;
        }

        await using var connection = await source.OpenAsync(cancellationToken);
        await using var transaction = await source.Dialect.BeginExclusiveAsync(connection, cancellationToken);
        return await MoveMark.FindAsync(source, transaction, cancellationToken);
    }

    /// <summary>Removes the mark of the old database, so that it can be used again.</summary>
    public static async Task CancelAsync(Database source, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenAsync(cancellationToken);
        await using var transaction = await source.Dialect.BeginExclusiveAsync(connection, cancellationToken);
        await MoveMark.SetAsync(source, transaction, null, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>How many rows a table of the old database has.</summary>
    public async Task<long> CountAsync(MovedTable table, CancellationToken cancellationToken) =>
        (await _source.Dialect.QueryAsync(_lock, table.CountSql, row => row.GetInt64(0), cancellationToken))[0];

    /// <summary>Copies the rows of a table that are not copied yet.</summary>
    /// <param name="table">The table.</param>
    /// <param name="progress">Called with how many rows are copied.</param>
    /// <param name="cancellationToken">Ends it; it can go on later.</param>
    /// <exception cref="MoveException">A row cannot be read, or the copy has not as many rows.</exception>
    public async Task CopyAsync(MovedTable table, Action<long> progress, CancellationToken cancellationToken)
    {
        var (rows, after) = _notes.GetValueOrDefault(table.Name);
        await using var select = _source.Dialect.Command(
            _reading, _lock, table.SelectSql(after is not null), after is null ? [] : MovedTable.KeyValues(after));
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        for (var chunk = ChunkRows; chunk == ChunkRows;)
        {
            await using var transaction = await _writing.BeginTransactionAsync(cancellationToken);
            (chunk, after) = await CopyChunkAsync(table, reader, after, cancellationToken);
            rows += chunk;
            await _target.Dialect.ExecuteAsync(
                transaction, NoteSql, cancellationToken,
                ("@database", _source.Name), ("@table", table.Name), ("@rows", rows), ("@after", after));
            await transaction.CommitAsync(cancellationToken);
            _notes[table.Name] = (rows, after);
            progress(rows);
        }

        await CompareAsync(table, cancellationToken);
    }

    /// <summary>Ends the move: the old database says that it was moved, and the new one can be used.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        // In this order: a kill in between leaves a move that goes on, with nothing more to copy.
        await MoveMark.SetAsync(_source, _lock, MoveMark.Moved, _now, cancellationToken);
        await _lock.CommitAsync(cancellationToken);
    }

    /// <summary>Removes what a move notes in the new database, when all of it has ended.</summary>
    public static async Task FinishAsync(IReadOnlyList<Database> targets, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await targets[0].ExecuteAsync(AnalyzeSql, cancellationToken);
        await using var connection = await targets[0].OpenAsync(cancellationToken);
        await using var transaction = await targets[0].Dialect.BeginExclusiveAsync(connection, cancellationToken);
        foreach (var target in targets)
        {
            await MoveMark.SetAsync(target, transaction, null, now, cancellationToken);
        }

        await targets[0].Dialect.ExecuteAsync(transaction, DropNotesSql, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _lock.DisposeAsync();
        await _reading.DisposeAsync();
        await _writing.DisposeAsync();
    }

    /// <summary>Marks the new database, or finds what a move that was interrupted has noted there.</summary>
    private static async Task<Dictionary<string, (long, string?)>> PrepareAsync(
        Database target, DbTransaction transaction, IReadOnlyList<MovedTable> tables, string? markOfSource, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var dialect = target.Dialect;
        await dialect.ExecuteAsync(transaction, CreateNotesSql, cancellationToken);
        if (await MoveMark.FindAsync(target, transaction, cancellationToken) is not null)
        {
            return markOfSource is null
                ? throw new MoveException(
                    "An earlier move to this database has not ended: it was cancelled, or was of another installation. Nothing was changed. Drop the " +
                    "database and create it anew, or name another one.")
                : (await dialect.QueryAsync(
                    transaction, NotesSql, row => (row.GetString(0), Rows: row.GetInt64(1), After: row.IsDBNull(2) ? null : row.GetString(2)),
                    cancellationToken, ("@database", target.Name))).ToDictionary(note => note.Item1, note => (note.Rows, note.After));
        }

        if (markOfSource == MoveMark.Moved)
        {
            throw new MoveException(MoveMark.Problem(target, MoveMark.Moved));
        }

        foreach (var table in tables)
        {
            if (!FilledByStart.Contains(table.Name)
                && (await dialect.QueryAsync(transaction, table.CountSql, row => row.GetInt64(0), cancellationToken))[0] > 0)
            {
                throw new MoveException($"The new database has data already, in \"{table.Name}\". Nothing was changed. Name an empty one.");
            }

            await dialect.ExecuteAsync(transaction, table.DeleteSql, cancellationToken);
        }

        await MoveMark.SetAsync(target, transaction, MoveMark.Target, now, cancellationToken);
        return [];
    }

    private async Task<(int Rows, string? After)> CopyChunkAsync(
        MovedTable table, DbDataReader reader, string? after, CancellationToken cancellationToken)
    {
        var rows = 0;
        await using var copy = await _writing.BeginBinaryImportAsync(table.CopySql, cancellationToken);
        while (rows < ChunkRows && await reader.ReadAsync(cancellationToken))
        {
            await copy.StartRowAsync(cancellationToken);
            for (var i = 0; i < table.Columns.Count; i++)
            {
                var type = table.Columns[i].Type;
                await (reader.IsDBNull(i)
                    ? copy.WriteNullAsync(cancellationToken)
                    : copy.WriteAsync(ValueOf(table, reader, i), PostgresDialect.TypeOf(type), cancellationToken));
            }

            after = table.KeyOf(reader);
            rows++;
        }

        await copy.CompleteAsync(cancellationToken);
        return (rows, after);
    }

    private object ValueOf(MovedTable table, DbDataReader row, int column)
    {
        try
        {
            return table.Columns[column].Type switch
            {
                ColumnType.Uuid => _source.Dialect.ReadGuid(row, column),
                ColumnType.Instant => _target.Dialect.Value(_source.Dialect.ReadInstant(row, column)),
                ColumnType.Integer => checked((int)row.GetInt64(column)),
                ColumnType.BigInteger => row.GetInt64(column),
                ColumnType.Boolean => row.GetInt64(column) != 0,
                ColumnType.Bytes => row.GetFieldValue<byte[]>(column),
                // PostgreSQL has no texts with this character.
                _ => row.GetString(column).Replace('\0', '\uFFFD'),
            };
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException or ArgumentOutOfRangeException)
        {
            throw new MoveException(string.Create(CultureInfo.InvariantCulture,
                $"\"{table.Name}\" has a row whose \"{table.Columns[column].Name}\" cannot be read: {table.KeyOf(row)}. What is copied stays. Run 'bioscope move --cancel', " +
                $"'bioscope repair', and then the move again, to another database."));
        }
    }

    private async Task CompareAsync(MovedTable table, CancellationToken cancellationToken)
    {
        var (all, copied) = (
            await CountAsync(table, cancellationToken),
            (await _target.QueryAsync(table.CountSql, row => row.GetInt64(0), cancellationToken))[0]);
        if (all != copied)
        {
            throw new MoveException(string.Create(CultureInfo.InvariantCulture,
                $"\"{table.Name}\" has {all:N0} rows, its copy {copied:N0}: something else writes to the new database. Drop it, run 'bioscope move --cancel', and move again."));
        }
    }
}

/// <summary>A move cannot begin or go on; the message says why and what to do.</summary>
internal sealed class MoveException(string message) : Exception(message);
