using System.Data.Common;

namespace Bioscope.Engine.Storage;

/// <summary>A query that is run with each of several sets of values; a dialect may send it together with others.</summary>
internal abstract class EachQuery(string sql, StatementValues values)
{
    /// <summary>The query; values appear in it as <c>@name</c>.</summary>
    public string Sql => sql;

    /// <summary>The sets of values.</summary>
    public StatementValues Values => values;

    /// <summary>Adds the row at which the reader is.</summary>
    public abstract void Add(DbDataReader reader);

    /// <summary>Runs it by itself.</summary>
    public abstract Task RunAsync(SqlDialect dialect, DbTransaction transaction, CancellationToken cancellationToken);
}

/// <summary>The same, with its rows.</summary>
internal sealed class EachQuery<T>(string sql, StatementValues values, Func<DbDataReader, T> map) : EachQuery(sql, values)
{
    /// <summary>The rows that were found. They are locked in the order of the values, or in another that is the same for all who ask.</summary>
    public List<T> Rows { get; } = [];

    /// <inheritdoc />
    public override void Add(DbDataReader reader) => Rows.Add(map(reader));

    /// <inheritdoc />
    public override async Task RunAsync(SqlDialect dialect, DbTransaction transaction, CancellationToken cancellationToken) =>
        Rows.AddRange(await dialect.QueryEachAsync(transaction, Sql, Values, map, cancellationToken));
}
