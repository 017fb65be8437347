using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Makes one statement about many rows of a page from one about a row, where Citus has spread the tables by page: it goes to one machine, and
/// what one transaction has written there is committed in one step. Citus sends it on as a text that the machine plans anew each time. That costs
/// much more than the rows, so the forms here are those that are planned soonest: one table and no join, the page as one value, and each other
/// value of the key as any of several. A row with one of the ids is that id's, also where its time is another one's.
/// </summary>
internal static partial class PageRows
{
    // More rows at once took no less time each; PostgreSQL allows 65,535 values.
    private const int MaxInserted = 100;

    private static readonly ConcurrentDictionary<(string Text, string Form), string> Texts = new();

    /// <summary>
    /// A query of a row by <c>@page</c>, <c>@at</c> and <c>@id</c>, for several. They are locked by time and id, in one order for all.
    /// </summary>
    public static string Query(string query) => Texts.GetOrAdd((query, ""), static key =>
    {
        var order = string.Join(", ", Key().Matches(key.Text).Select(part => part.Groups["column"].Value));
        var each = LimitOfOne().Replace(key.Text, "").Replace("FOR UPDATE", $"ORDER BY {order} FOR UPDATE", StringComparison.Ordinal);
        return Key().Replace(each, "${column} = ANY (${value})");
    });

    /// <summary>The values of <see cref="Query"/>, for each page.</summary>
    public static StatementValues ValuesOf(StatementValues keys) =>
    [
        .. keys.GroupBy(key => (Guid)key[0].Value!).Select(page => ((string, object?)[])
        [
            ("@page", page.Key), ("@at", page.Select(key => (DateTimeOffset)key[1].Value!).ToArray()), ("@id", page.Select(key => (Guid)key[2].Value!).ToArray()),
        ]),
    ];

    /// <summary>Updates of rows, each found by <c>@page</c>, <c>@at</c> and <c>@id</c>. What is the same for all rows of a page is sent once.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Update<T>(string sql, IEnumerable<T> items, Column<T>[] values)
    {
        foreach (var rows in items.GroupBy(values[0].Value).Select(page => page.ToList()))
        {
            var isSame = Array.ConvertAll(values, value => !IsKey(value) && rows.TrueForAll(row => Equals(value.Value(row), value.Value(rows[0]))));
            var command = new NpgsqlBatchCommand(UpdateText(sql, values, isSame));
            foreach (var (value, one) in values.Zip(isSame))
            {
                command.Parameters.Add(one ? ColumnValues.Of(value, rows[0]) : ColumnValues.Of(value, rows));
            }

            yield return command;
        }
    }

    /// <summary>
    /// Inserts of rows, as lists of values. A query of arrays, which is shorter, Citus would run on the coordinator, and spread the rows from there
    /// over all shards: with one row that took 17 times as long.
    /// </summary>
    /// <param name="insert">The statement with a list of values.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="values">The values of a row, in order; the first one is the page.</param>
    public static IEnumerable<NpgsqlBatchCommand> Insert<T>(Func<string, string> insert, IEnumerable<T> rows, Column<T>[] values)
    {
        foreach (var some in rows.GroupBy(values[0].Value).SelectMany(page => page.Chunk(MaxInserted)))
        {
            var command = new NpgsqlBatchCommand(insert(ValueList(some.Length, values.Length)));
            foreach (var row in some)
            {
                foreach (var value in values)
                {
                    command.Parameters.Add(ColumnValues.Of(value, row));
                }
            }

            yield return command;
        }
    }

    private static bool IsKey<T>(Column<T> value) => value.Name is "at" or "id";

    // Citus 13.2 crashes where a column is set to an array's element and nothing more.
    private static string UpdateText<T>(string sql, Column<T>[] values, bool[] isSame) => Texts.GetOrAdd(
        (sql, string.Concat(isSame.Select(same => same ? '1' : 'n'))),
        static (key, names) =>
        {
            var id = $"${Array.IndexOf(names, "@id") + 1}";
            return PostgresDialect.ParameterName().Replace(
                Key().Replace(key.Text, "${column} = ANY (${value})"),
                name =>
                {
                    var place = Array.IndexOf(names, name.Value);
                    return key.Form[place] == '1' || name.Value is "@at" or "@id" ? $"${place + 1}" : $"COALESCE((${place + 1})[array_position({id}, \"id\")])";
                });
        },
        Array.ConvertAll(values, value => $"@{value.Name}"));

    private static string ValueList(int rows, int columns)
    {
        var values = new StringBuilder("VALUES ");
        for (var value = 0; value < rows * columns; value++)
        {
            var isFirst = value % columns == 0;
            values.Append(isFirst ? value == 0 ? "(" : "), (" : ", ").Append(CultureInfo.InvariantCulture, $"${value + 1}");
        }

        return values.Append(')').ToString();
    }

    // The page is one value.
    [GeneratedRegex("""(?<column>"\w+") = (?<value>@at|@id)\b""")]
    private static partial Regex Key();

    // Of each key there is one row at most.
    [GeneratedRegex(@"\s*\bLIMIT 1\s*$")]
    private static partial Regex LimitOfOne();
}
