using System.Data.Common;
using System.Globalization;
using System.Numerics;
using Bioscope.Engine.Counting;

namespace Bioscope.Bench.Questions;

/// <summary>What SQL counted, by the key of the dimensions' values.</summary>
internal sealed class CountedRows : Dictionary<string, Tally>
{
    public static string Key(IEnumerable<string?> values) =>
        string.Join('|', values.Select(value => value is null ? "null" : $"'{value}'"));

    /// <summary>Runs a statement of a question; a column of the name <c>day</c> has days since 1970.</summary>
    public static async Task<CountedRows> ReadAsync(DbCommand command, int dimensions, CancellationToken cancellationToken)
    {
        var rows = new CountedRows();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var isDay = dimensions > 0 && reader.GetName(0) == "day";
            var values = Enumerable.Range(0, dimensions).Select(column => reader.GetValue(column)).Select(value => value switch
            {
                DBNull => null,
                _ when isDay => DateTime.UnixEpoch.AddDays(Number(value)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                _ => Convert.ToString(value, CultureInfo.InvariantCulture),
            });
            var tally = default(Tally);
            for (var column = dimensions; column < reader.FieldCount; column++)
            {
                Set(ref tally, reader.GetName(column), reader.IsDBNull(column) ? 0 : Number(reader.GetValue(column)));
            }

            rows.Add(Key(values), tally);
        }

        return rows;
    }

    private static void Set(ref Tally tally, string name, long count)
    {
        switch (name.ToLowerInvariant())
        {
            case "visits": tally.Visits = count; break;
            case "visitors": tally.Visitors = count; break;
            case "bounces": tally.Bounces = count; break;
            case "timed": tally.Timed = count; break;
            case "seconds": tally.Seconds = count; break;
            case "pageviews": tally.PageViews = count; break;
            case "views": tally.Views = count; break;
            case "clicks": tally.Clicks = count; break;
            case "clickers": tally.Clickers = count; break;
            default: throw new BenchException($"SQL of a question counts '{name}', which is no count.");
        }
    }

    // Sums are decimal in PostgreSQL and 128 bits in DuckDB.
    private static long Number(object value) => value is BigInteger big ? (long)big : Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
