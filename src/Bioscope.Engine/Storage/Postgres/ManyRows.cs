using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Makes one statement for many rows of one for one row, with arrays in place of values: to send and start a statement costs more than to find a
/// row. Where Citus has spread the tables by page, the rows must be of one shard, and a condition says so; for those of one page <see
/// cref="PageRows"/> has shorter statements.
/// </summary>
internal static partial class ManyRows
{
    private const string Page = "@page";

    private static readonly ConcurrentDictionary<(string Text, string Form), string> Texts = new();

    /// <summary>
    /// Whether the values are those of a key that begins with the page, so that <see cref="Query"/> and <see cref="PageRows.Query"/> take them.
    /// </summary>
    public static bool AreKeys(StatementValues values) =>
        values[0][0].Name == Page && Array.TrueForAll(values[0], value => value.Value is Guid or DateTimeOffset);

    /// <summary>Whether the statement changes a row that is there.</summary>
    public static bool IsUpdate(string sql) => !InsertedValues().IsMatch(sql);

    /// <summary>
    /// A query. With an offset the planner does not merge the subquery into a join, for which it could read a whole index; so each row is found as
    /// the query itself finds it, in the order of the values.
    /// </summary>
    /// <param name="query">The query of one row.</param>
    /// <param name="key">The values of a row.</param>
    /// <param name="isOfOneShard">Whether Citus has the rows, all in one shard.</param>
    public static string Query(string query, (string Name, object? Value)[] key, bool isOfOneShard = false) => Texts.GetOrAdd(
        (query, isOfOneShard ? "shard" : ""),
        static (cached, key) =>
        {
            var (title, rest) = cached.Text.Split('\n', 2) is [var first, var second] ? (first, second) : ("", cached.Text);
            string[] names = [.. key.Select(value => value.Name)];
            var row = OfEach(rest, names, "");
            return $"""
                {title}
                SELECT "row".* {Each(names, "")}
                CROSS JOIN LATERAL (
                {(cached.Form.Length > 0 ? OfShard(row) : row)}
                OFFSET 0) AS "row"
                """;
        },
        key);

    /// <summary>The values of <see cref="Query"/>.</summary>
    public static (string Name, object? Value)[] ArraysOf(IReadOnlyList<(string Name, object? Value)[]> keys) =>
    [
        .. keys[0].Select((first, i) => (
            first.Name,
            first.Value is Guid
                ? (object?)keys.Select(key => (Guid)key[i].Value!).ToArray()
                : keys.Select(key => (DateTimeOffset)key[i].Value!).ToArray())),
    ];

    /// <summary>
    /// An UPDATE of one row by its page and the rest of its key, or an INSERT of one row. <c>= ANY</c> keeps the planner from merging by the order
    /// of the index by page, for which it could read all of it; the rest of the key must be equal, because for several <c>= ANY</c> it may use
    /// the first column of the index only. Both happen with plans that were made while a table was empty.
    /// </summary>
    /// <param name="change">The statement.</param>
    /// <param name="names">Of the values; the first one is <c>@page</c>.</param>
    /// <returns>The statement with <c>$1</c> in place of the first name, and so on.</returns>
    public static string Change(string change, string[] names) => Texts.GetOrAdd(
        (change, ""), static (cached, names) => PostgresDialect.ParameterName().Replace(ChangeEach(cached.Text, names), name => $"${1 + Array.IndexOf(names, name.Value)}"), names);

    /// <summary>An UPDATE of rows of several pages that are in one shard. What is the same for all rows is sent once.</summary>
    /// <param name="update">The statement about one row.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="values">The values of a row; the first one is its page.</param>
    public static NpgsqlBatchCommand UpdateOfShard<T>(string update, List<T> rows, Column<T>[] values)
    {
        var isSame = PageRows.AreSame(rows, values);
        var text = Texts.GetOrAdd(
            (update, PageRows.FormOf(isSame)),
            static (cached, names) =>
            {
                var each = ChangeEach(cached.Text, [.. names.Where((_, i) => cached.Form[i] == PageRows.Different)]);
                return PostgresDialect.ParameterName().Replace(OfShard(each), name => $"${1 + Array.IndexOf(names, name.Value)}");
            },
            Array.ConvertAll(values, value => $"@{value.Name}"));
        return PageRows.CommandOf(text, rows, values, isSame);
    }

    private static string ChangeEach(string text, string[] names)
    {
        var each = Each(names, "given_");
        var change = OfEach(text.Replace($"= {Page}", $"= ANY (ARRAY[{Page}])", StringComparison.Ordinal), names, "given_");
        return IsUpdate(text)
            ? change.Insert(change.LastIndexOf("WHERE ", StringComparison.Ordinal), $"{each}\n")
            : InsertedValues().Replace(change, values => $"(SELECT {values.Groups["values"].Value} {each})");
    }

    // Citus sees that it is one shard by a condition on the pages; a join does not tell it.
    private static string OfShard(string text) => OfEachPage().Replace(text, $"$0 AND \"bioPageId\" = ANY ({Page})");

    // Columns of the table are not qualified, and would be ambiguous beside others with their names.
    private static string Each(string[] names, string prefix) =>
        $"FROM unnest({string.Join(", ", names)}) AS \"each\" ({string.Join(", ", names.Select(name => $"\"{prefix}{name[1..]}\""))})";

    private static string OfEach(string text, string[] names, string prefix) => PostgresDialect.ParameterName().Replace(
        text, name => names.Contains(name.Value) ? $"\"each\".\"{prefix}{name.Value[1..]}\"" : name.Value);

    [GeneratedRegex("""
        "bioPageId" = (?:"each"\."page"|ANY \(ARRAY\["each"\."given_page"\]\))
        """)]
    private static partial Regex OfEachPage();

    /// <summary>The values of an INSERT of one row.</summary>
    [GeneratedRegex(@"VALUES \((?<values>[^)]*)\)")]
    public static partial Regex InsertedValues();
}
