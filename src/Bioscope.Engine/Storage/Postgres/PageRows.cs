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
internal static partial class PageRows
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

        var some = new List<(int Pages, List<T> Rows)>();
        foreach (var of in byPage)
        {
            if (some.Count > 0 && (some[^1].Pages + 1) * (some[^1].Rows.Count + of.Count) <= MaxProbes)
            {
                some[^1] = (some[^1].Pages + 1, [.. some[^1].Rows, .. of]);
            }
            else
            {
                some.Add((1, of));
            }
        }

        return some.Select(one => one.Rows);
    }

    /// <summary>
    /// A query of a row by <c>@page</c>, <c>@at</c> and <c>@id</c>, for several. They are locked by page, time and id, in one order for all.
    /// </summary>
    public static string Query(string query, bool isOfOnePage) => Texts.GetOrAdd((query, isOfOnePage ? "page" : "pages"), static cached =>
    {
        var each = isAlone(cached.Form) ? cached.Text : OfPages(cached.Text, "@page", "@id", "@pages");
        var order = string.Join(", ", Key().Matches(cached.Text).Select(part => part.Groups["column"].Value).Prepend(isAlone(cached.Form) ? null : "\"bioPageId\"").OfType<string>());
        each = LimitOfOne().Replace(each, "").Replace("FOR UPDATE", $"ORDER BY {order} FOR UPDATE", StringComparison.Ordinal);
        return Key().Replace(each, "${column} = ANY (${value})");

        static bool isAlone(string form) => form == "page";
    });

    /// <summary>The values of <see cref="Query"/>.</summary>
    public static (string Name, object? Value)[] ValuesOf(IReadOnlyList<(string Name, object? Value)[]> keys, bool isOfOnePage)
    {
        Guid[] pages = [.. keys.Select(key => (Guid)key[0].Value!)];
        return
        [
            ("@page", isOfOnePage ? pages[0] : pages), ("@pages", pages.Distinct().ToArray()),
            ("@at", keys.Select(key => (DateTimeOffset)key[1].Value!).ToArray()), ("@id", keys.Select(key => (Guid)key[2].Value!).ToArray()),
        ];
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
