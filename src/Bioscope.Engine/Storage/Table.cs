namespace Bioscope.Engine.Storage;

/// <summary>The types of column values.</summary>
internal enum ColumnType
{
    Uuid,
    Text,
    Integer,
    Boolean,
    Instant,
    BigInteger,
    Bytes,
}

/// <summary>A column and where its value comes from.</summary>
internal sealed record Column<T>(string Name, ColumnType Type, Func<T, object?> Value);

/// <summary>A table to which rows of <typeparamref name="T"/> are written; the primary key decides which rows exist already.</summary>
internal sealed record Table<T>(string Name, params Column<T>[] Columns)
{
    public string ColumnList { get; } = ListOf(Columns);

    /// <summary>The statement that inserts those rows of a source whose key does not exist yet.</summary>
    /// <param name="source">A list of values or a query.</param>
    /// <param name="columns">The columns that it has, if not all; the others get their default.</param>
    public string InsertOf(string source, Column<T>[]? columns = null) => $"""
        -- insert {Name}
        INSERT INTO "{Name}" ({(columns is null ? ColumnList : ListOf(columns))}) {source} ON CONFLICT DO NOTHING
        """;

    private static string ListOf(Column<T>[] columns) => string.Join(", ", columns.Select(column => $"\"{column.Name}\""));
}
