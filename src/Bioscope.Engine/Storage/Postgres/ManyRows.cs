using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Makes one statement for many rows of one for one row, with arrays in place of values: to send and start a statement costs more than to find a
/// row. Where tables are spread by page, <see cref="ShardRows"/> does.
/// </summary>
internal static partial class ManyRows
{
    private const string Page = "@page";

    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether the values are those of a key that begins with the page, so that <see cref="Query"/> and <see cref="ShardRows.Query"/> take them.
    /// </summary>
    public static bool AreKeys(StatementValues values) =>
        values[0][0].Name == Page && Array.TrueForAll(values[0], value => value.Value is Guid or DateTimeOffset);

    /// <summary>Whether the statement changes a row that is there.</summary>
    public static bool IsUpdate(string sql) => !InsertedValues().IsMatch(sql);

    /// <summary>
    /// A query. With an offset the planner does not merge the subquery into a join, for which it could read a whole index; so each row is found as
    /// the query itself finds it, in the order of the values.
    /// </summary>
    public static string Query(string query, (string Name, object? Value)[] key) => Texts.GetOrAdd(
        query,
        static (text, key) =>
        {
            var (title, rest) = text.Split('\n', 2) is [var first, var second] ? (first, second) : ("", text);
            string[] names = [.. key.Select(value => value.Name)];
            return $"""
                {title}
                SELECT "row".* {Each(names, "")}
                CROSS JOIN LATERAL (
                {OfEach(rest, names, "")}
                OFFSET 0) AS "row"
                """;
        },
        key);

    /// <summary>The values of <see cref="Query"/>.</summary>
    public static (string Name, object? Value)[] ArraysOf(StatementValues keys) =>
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
        change,
        static (text, names) =>
        {
            var each = Each(names, "given_");
            var change = OfEach(text.Replace($"= {Page}", $"= ANY (ARRAY[{Page}])", StringComparison.Ordinal), names, "given_");
            change = IsUpdate(text)
                ? change.Insert(change.LastIndexOf("WHERE ", StringComparison.Ordinal), $"{each}\n")
                : InsertedValues().Replace(change, values => $"(SELECT {values.Groups["values"].Value} {each})");
            return PostgresDialect.ParameterName().Replace(change, name => $"${1 + Array.IndexOf(names, name.Value)}");
        },
        names);

    // Columns of the table are not qualified, and would be ambiguous beside others with their names.
    private static string Each(string[] names, string prefix) =>
        $"FROM unnest({string.Join(", ", names)}) AS \"each\" ({string.Join(", ", names.Select(name => $"\"{prefix}{name[1..]}\""))})";

    private static string OfEach(string text, string[] names, string prefix) => PostgresDialect.ParameterName().Replace(
        text, name => names.Contains(name.Value) ? $"\"each\".\"{prefix}{name.Value[1..]}\"" : name.Value);

    /// <summary>The values of an INSERT of one row.</summary>
    [GeneratedRegex(@"VALUES \((?<values>[^)]*)\)")]
    public static partial Regex InsertedValues();
}
