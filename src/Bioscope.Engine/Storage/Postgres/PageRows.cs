using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Makes one statement about many rows of a page from one about a row, where Citus has spread the tables by page: it goes to one machine, and
/// what one transaction has written there is committed in one step. Citus sends it on as a text that the machine plans anew each time. That costs
/// much more than the rows, so the forms here are those that are planned soonest: one table and no join, the page as one value, and each other
/// value of the key as any of several. A row with one of the ids is that id's, also where its time is another one's. For rows of several pages of
/// a shard, there is <see cref="ManyRows"/>.
/// </summary>
internal static partial class PageRows
{
    /// <summary>In a form: a value that is not the same in all rows.</summary>
    public const char Different = 'n';

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

    /// <summary>The values of <see cref="Query"/>.</summary>
    /// <param name="keys">Those of one page.</param>
    public static (string Name, object? Value)[] ValuesOf(IReadOnlyList<(string Name, object? Value)[]> keys) =>
    [
        ("@page", keys[0][0].Value), ("@at", keys.Select(key => (DateTimeOffset)key[1].Value!).ToArray()), ("@id", keys.Select(key => (Guid)key[2].Value!).ToArray()),
    ];

    /// <summary>An update of rows, each found by <c>@page</c>, <c>@at</c> and <c>@id</c>. What is the same for all of them is sent once.</summary>
    /// <param name="sql">The statement about one row.</param>
    /// <param name="rows">Those of one page.</param>
    /// <param name="values">The values of a row.</param>
    public static NpgsqlBatchCommand Update<T>(string sql, List<T> rows, Column<T>[] values)
    {
        var isSame = AreSame(rows, values);
        return CommandOf(UpdateText(sql, values, FormOf(isSame)), rows, values, isSame);
    }

    /// <summary>For each value, whether it is the same in all rows; those that find a row in its page never are.</summary>
    public static bool[] AreSame<T>(List<T> rows, Column<T>[] values) =>
        Array.ConvertAll(values, value => value.Name is not ("at" or "id") && AreSame(rows, value));

    /// <summary>For each value a letter, <see cref="Different"/> or another.</summary>
    public static string FormOf(bool[] isSame) => string.Concat(isSame.Select(same => same ? '1' : Different));

    /// <summary>A statement with one value for what is the same in all rows, and else an array.</summary>
    public static NpgsqlBatchCommand CommandOf<T>(string text, List<T> rows, Column<T>[] values, bool[] isSame)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var (value, one) in values.Zip(isSame))
        {
            command.Parameters.Add(one ? ColumnValues.Of(value, rows[0]) : ColumnValues.Of(value, rows));
        }

        return command;
    }

    /// <summary>
    /// Inserts of rows, as lists of values. A query of arrays, which is shorter, Citus would run on the coordinator, and spread the rows from there
    /// over all shards: with one row that took 17 times as long. What is null in all rows is left out, because each value is planned anew, and what is
    /// the same in all is sent once.
    /// </summary>
    /// <param name="insert">The statement with these columns and a list of values.</param>
    /// <param name="rows">The rows, all of one shard.</param>
    /// <param name="values">The values of a row, in order; the first one is the page. The default of those that may be null is null.</param>
    public static IEnumerable<NpgsqlBatchCommand> Insert<T>(Func<Column<T>[], string, string> insert, List<T> rows, Column<T>[] values)
    {
        foreach (var some in rows.Chunk(MaxInserted))
        {
            var given = Array.FindAll(values, value => Array.Exists(some, row => value.Value(row) is not null));
            var command = new NpgsqlBatchCommand();
            var places = Array.ConvertAll(given, value => AreSame(some, value) ? Add(ColumnValues.Of(value, some[0])) : 0);
            var list = string.Join(
                ", ", some.Select(row => $"({string.Join(", ", given.Select((value, i) => $"${(places[i] > 0 ? places[i] : Add(ColumnValues.Of(value, row)))}"))})"));
            command.CommandText = insert(given, $"VALUES {list}");
            yield return command;

            int Add(NpgsqlParameter parameter)
            {
                command.Parameters.Add(parameter);
                return command.Parameters.Count;
            }
        }
    }

    private static bool AreSame<T>(IReadOnlyList<T> rows, Column<T> value)
    {
        var first = value.Value(rows[0]);
        return rows.All(row => Equals(value.Value(row), first));
    }

    // Citus 13.2 crashes where a column is set to an array's element and nothing more.
    private static string UpdateText<T>(string sql, Column<T>[] values, string form) => Texts.GetOrAdd(
        (sql, form),
        static (key, names) =>
        {
            var id = $"${Array.IndexOf(names, "@id") + 1}";
            return PostgresDialect.ParameterName().Replace(
                Key().Replace(key.Text, "${column} = ANY (${value})"),
                name =>
                {
                    var place = Array.IndexOf(names, name.Value);
                    return key.Form[place] != Different || name.Value is "@at" or "@id" ? $"${place + 1}" : $"COALESCE((${place + 1})[array_position({id}, \"id\")])";
                });
        },
        Array.ConvertAll(values, value => $"@{value.Name}"));

    // The page is one value.
    [GeneratedRegex("""(?<column>"\w+") = (?<value>@at|@id)\b""")]
    private static partial Regex Key();

    // Of each key there is one row at most.
    [GeneratedRegex(@"\s*\bLIMIT 1\s*$")]
    private static partial Regex LimitOfOne();
}
