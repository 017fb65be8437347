using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Makes one statement about many rows from one about a row, where Citus has spread the tables by page. The rows are of one shard, so the statement
/// goes to one machine, and what one transaction has written there is committed in one step. Citus sends it on as a text that the machine plans
/// anew each time. That costs much more than the rows, so the forms here are those that are planned soonest: one table and no join, the page as one
/// value, and each other value of the key as any of several. A row of the page with one of the ids is that id's, also where its time is another
/// one's. Rows of several pages are found by any of the pages, and each must be of its id's page: another page may have imported a row with this id.
/// </summary>
internal static partial class ShardRows
{
    // More rows at once took no less time each; PostgreSQL allows 65,535 values.
    private const int MaxInserted = 100;

    // Each page is looked for with each time.
    private const int MaxProbes = 512;

    // In a form: a value that is not the same in all rows.
    private const char Different = 'n';

    private static readonly ConcurrentDictionary<(string Text, string Form), string> Texts = new();

    /// <summary>Divides rows of a shard into those of one statement, at the bounds of pages and in the order of these.</summary>
    public static IEnumerable<List<T>> Divide<T>(List<T> rows, Func<T, Guid> page, Func<T, Guid> id)
    {
        var byPage = rows.GroupBy(page).OrderBy(of => of.Key).Select(of => of.ToList()).ToList();
        if (rows.DistinctBy(id).Count() < rows.Count)
        {
            return byPage; // of which page an id is would not be clear
        }

        var (statements, pages) = (new List<List<T>>(), 0);
        foreach (var of in byPage)
        {
            if (pages > 0 && (pages + 1) * (statements[^1].Count + of.Count) <= MaxProbes)
            {
                statements[^1].AddRange(of);
                pages++;
            }
            else
            {
                statements.Add(of);
                pages = 1;
            }
        }

        return statements;
    }

    /// <summary>
    /// A query of a row by <c>@page</c>, <c>@at</c> and <c>@id</c>, for several. They are locked by page, time and id, in one order for all.
    /// </summary>
    /// <param name="query">The query of one row.</param>
    /// <param name="keys">The values of each row, as they were divided.</param>
    public static (string Sql, (string Name, object? Value)[] Values) Query(string query, IReadOnlyList<(string Name, object? Value)[]> keys)
    {
        Guid[] each = [.. keys.Select(key => (Guid)key[0].Value!)], pages = [.. each.Distinct()];
        return (
            QueryText(query, isOfOnePage: pages.Length == 1),
            [
                ("@page", pages.Length == 1 ? pages[0] : each), ("@pages", pages),
                ("@at", keys.Select(key => (DateTimeOffset)key[1].Value!).ToArray()), ("@id", keys.Select(key => (Guid)key[2].Value!).ToArray()),
            ]);
    }

    /// <summary>An update of rows, each found by <c>@page</c>, <c>@at</c> and <c>@id</c>. What is the same for all of them is sent once.</summary>
    /// <param name="sql">The statement about one row.</param>
    /// <param name="rows">The rows, as they were divided.</param>
    /// <param name="values">The values of a row; the first one is the page.</param>
    public static NpgsqlBatchCommand Update<T>(string sql, List<T> rows, Column<T>[] values)
    {
        var isSame = Array.ConvertAll(values, value => value.Name is not ("at" or "id") && AreSame(rows, value));
        var command = new NpgsqlBatchCommand(UpdateText(sql, values, string.Concat(isSame.Select(same => same ? '1' : Different))));
        foreach (var (value, one) in values.Zip(isSame))
        {
            command.Parameters.Add(one ? ColumnValues.Of(value, rows[0]) : ColumnValues.Of(value, rows));
        }

        if (!isSame[0])
        {
            command.Parameters.Add(ColumnValues.Of(values[0], rows.DistinctBy(values[0].Value).ToList()));
        }

        return command;
    }

    /// <summary>
    /// Inserts of rows, as lists of values. A query of arrays, which is shorter, Citus would run on the coordinator, and spread the rows from there
    /// over all shards: with one row that took 17 times as long. What is null in all rows is left out, because each value is planned anew, and what is
    /// the same in all is sent once.
    /// </summary>
    /// <param name="table">The table. The default of what may be null in it is null.</param>
    /// <param name="rows">The rows, all of one shard.</param>
    public static IEnumerable<NpgsqlBatchCommand> Insert<T>(Table<T> table, List<T> rows) => rows.Chunk(MaxInserted).Select(some =>
    {
        var given = Array.FindAll(table.Columns, column => Array.Exists(some, row => column.Value(row) is not null));
        return InsertOf(list => table.InsertOf(list, given), some, given);
    });

    /// <summary>The same by a statement that inserts one row, with all of its values.</summary>
    public static IEnumerable<NpgsqlBatchCommand> Insert<T>(string sql, List<T> rows, Column<T>[] values) =>
        rows.Chunk(MaxInserted).Select(some => InsertOf(list => ManyRows.InsertedValues().Replace(sql, _ => list), some, values));

    private static NpgsqlBatchCommand InsertOf<T>(Func<string, string> insert, T[] rows, Column<T>[] values)
    {
        var command = new NpgsqlBatchCommand();
        var places = Array.ConvertAll(values, value => AreSame(rows, value) ? Add(ColumnValues.Of(value, rows[0])) : 0);
        var list = rows.Select(row => $"({string.Join(", ", values.Select((value, i) => $"${(places[i] > 0 ? places[i] : Add(ColumnValues.Of(value, row)))}"))})");
        command.CommandText = insert($"VALUES {string.Join(", ", list)}");
        return command;

        int Add(NpgsqlParameter parameter)
        {
            command.Parameters.Add(parameter);
            return command.Parameters.Count;
        }
    }

    private static string QueryText(string query, bool isOfOnePage) => Texts.GetOrAdd((query, isOfOnePage ? "" : $"{Different}"), static key =>
    {
        var (text, order) = key.Form.Length == 0 ? (key.Text, "") : (OfPages(key.Text, "@page", "@id", "@pages"), "\"bioPageId\", ");
        order += string.Join(", ", Key().Matches(key.Text).Select(part => part.Groups["column"].Value));
        return Key().Replace(
            LimitOfOne().Replace(text, "").Replace("FOR UPDATE", $"ORDER BY {order} FOR UPDATE", StringComparison.Ordinal), "${column} = ANY (${value})");
    });

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
            var (page, id) = ($"${Array.IndexOf(names, "@page") + 1}", $"${Array.IndexOf(names, "@id") + 1}");
            var text = key.Form[0] == Different ? OfPages(key.Text, page, id, $"${names.Length + 1}") : key.Text;
            return PostgresDialect.ParameterName().Replace(
                Key().Replace(text, "${column} = ANY (${value})"),
                name =>
                {
                    var place = Array.IndexOf(names, name.Value);
                    return key.Form[place] != Different || name.Value is "@at" or "@id" ? $"${place + 1}" : $"COALESCE((${place + 1})[array_position({id}, \"id\")])";
                });
        },
        Array.ConvertAll(values, value => $"@{value.Name}"));

    // The pages once more, each once: for each of several equal ones, PostgreSQL would reckon with a search of its own, and read whole pages instead.
    private static string OfPages(string text, string page, string id, string pages) =>
        text.Replace("\"bioPageId\" = @page", $"\"bioPageId\" = ANY ({pages}) AND \"bioPageId\" = ({page})[array_position({id}, \"id\")]", StringComparison.Ordinal);

    [GeneratedRegex("""(?<column>"\w+") = (?<value>@at|@id)\b""")]
    private static partial Regex Key();

    // Of each key there is one row at most.
    [GeneratedRegex(@"\s*\bLIMIT 1\s*$")]
    private static partial Regex LimitOfOne();
}
