using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Bioscope.Engine.Storage.Postgres;

/// <summary>
/// Makes one statement for many rows of one for one row, with arrays in place of values: to send and start a statement costs more than to find a
/// row. Where tables are spread by page, it is about the rows of one page, so that it goes to one machine.
/// </summary>
internal static partial class ManyRows
{
    private const string Page = "@page";

    private static readonly ConcurrentDictionary<(string Text, bool OfOnePage), string> Texts = new();

    /// <summary>
    /// Whether the values are those of a key that begins with the page, so that <see cref="Query"/> and <see cref="ArraysOf"/> take them.
    /// </summary>
    public static bool AreKeys(StatementValues values) =>
        values[0][0].Name == Page && Array.TrueForAll(values[0], value => value.Value is Guid or DateTimeOffset);

    /// <summary>Whether the statement changes a row that is there.</summary>
    public static bool IsUpdate(string sql) => !InsertedValues().IsMatch(sql);

    /// <summary>
    /// A query. With an offset the planner does not merge the subquery into a join, for which it could read a whole index; so each row is found as
    /// the query itself finds it, in the order of the values.
    /// </summary>
    public static string Query(string query, (string Name, object? Value)[] key, bool ofOnePage) => Texts.GetOrAdd(
        (query, ofOnePage),
        static (text, key) =>
        {
            var (title, rest) = text.Text.Split('\n', 2) is [var first, var second] ? (first, second) : ("", text.Text);
            string[] names = [.. key.Select(value => value.Name).Skip(text.OfOnePage ? 1 : 0)];
            return $"""
                {title}
                SELECT "row".* {Each(names, "")}
                CROSS JOIN LATERAL (
                {OfEach(rest, names, "")}
                OFFSET 0) AS "row"
                """;
        },
        key);

    /// <summary>The values of <see cref="Query"/>: once, or for each page.</summary>
    public static StatementValues ArraysOf(StatementValues values, bool ofOnePage) => ofOnePage
        ? [.. values.GroupBy(set => (Guid)set[0].Value!).Select(page => ((string, object?)[])[(Page, page.Key), .. Columns([.. page], from: 1)])]
        : [[.. Columns(values, from: 0)]];

    /// <summary>
    /// An UPDATE of one row by its page and the rest of its key, or an INSERT of one row. <c>= ANY</c> keeps the planner from merging by the order
    /// of the index by page, for which it could read all of it; the rest of the key must be equal, because for several <c>= ANY</c> it may use
    /// the first column of the index only. Both happen with plans that were made while a table was empty.
    /// </summary>
    /// <param name="change">The statement.</param>
    /// <param name="names">Of the values; the first one is <c>@page</c>, which is one value where it is about one page.</param>
    /// <param name="ofOnePage">Whether it is about one page.</param>
    /// <returns>The statement with <c>$1</c> in place of the first name, and so on.</returns>
    public static string Change(string change, string[] names, bool ofOnePage) => Texts.GetOrAdd(
        (change, ofOnePage),
        static (text, names) =>
        {
            var given = text.OfOnePage ? names[1..] : names;
            var each = Each(given, "given_");
            var change = text.OfOnePage ? text.Text : text.Text.Replace($"= {Page}", $"= ANY (ARRAY[{Page}])", StringComparison.Ordinal);
            change = OfEach(change, given, "given_");
            change = IsUpdate(text.Text)
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

    private static IEnumerable<(string Name, object? Value)> Columns(StatementValues values, int from) => values[0].Select((first, i) => (
        first.Name,
        first.Value is Guid
            ? (object?)values.Select(set => (Guid)set[i].Value!).ToArray()
            : values.Select(set => (DateTimeOffset)set[i].Value!).ToArray())).Skip(from);

    [GeneratedRegex(@"VALUES \((?<values>[^)]*)\)")]
    private static partial Regex InsertedValues();
}
