using System.Runtime.CompilerServices;
using System.Text;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// Umami's rows in a dump of PostgreSQL (<c>pg_dump</c>, plain): the blocks <c>COPY public.event_data</c>, <c>session</c> and
/// <c>website_event</c>, in this order, which is that of their names. The columns of the last two together are those of
/// <see cref="UmamiExport"/>.
/// </summary>
internal static class UmamiDump
{
    private const string Copy = "COPY public.";

    /// <summary>A dump says so in its first lines; what comes before Umami's tables may be long.</summary>
    public static bool Reads(ExportPart part) => part.Head.Contains("PostgreSQL database dump", StringComparison.Ordinal)
        || part.Head.StartsWith(Copy + "session", StringComparison.Ordinal)
        || part.Head.StartsWith(Copy + "website_event", StringComparison.Ordinal);

    /// <summary>The rows of <c>event_data</c>, and of <c>website_event</c>, each with the facts of its session.</summary>
    public static async IAsyncEnumerable<CsvRow> Read(ExportPart part, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Some databases have millions of sessions: their facts repeat, so equal ones are kept once.
        var (sessions, known) = (new Dictionary<string, string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var (table, columns, sessionColumns) = ("", new Dictionary<string, int>(), new List<string>());
        await foreach (var (number, bytes) in NdjsonLines.ReadAsync(part.Open(), cancellationToken))
        {
            var line = bytes is null ? "" : Encoding.UTF8.GetString(bytes.Value.Span).TrimEnd('\r');
            if (line.StartsWith(Copy, StringComparison.Ordinal) && line.IndexOf('(', StringComparison.Ordinal) is > 0 and var open)
            {
                table = line[Copy.Length..open].Trim();
                var names = line[(open + 1)..line.LastIndexOf(')')].Split(',').Select(CsvTable.Key).ToList();
                sessionColumns = table == "session" ? names : sessionColumns;
                columns = [];
                // The event's own columns count before those of its session, which has a time and a website, too.
                foreach (var (name, i) in names.Concat(table == "website_event" ? sessionColumns : []).Select((name, i) => (name, i)))
                {
                    columns.TryAdd(name, i);
                }

                continue;
            }

            if (line == "\\.")
            {
                table = "";
            }
            else if (table is "event_data" or "session" or "website_event")
            {
                var cells = line.Split('\t').Select(Unescaped).ToArray();
                if (table == "event_data")
                {
                    yield return new CsvRow(number, cells, columns);
                    continue;
                }

                var id = columns.TryGetValue("sessionid", out var at) && at < cells.Length ? cells[at] : "";
                if (table == "website_event")
                {
                    yield return new CsvRow(
                        number, [.. cells, .. sessions.TryGetValue(id, out var facts) ? facts.Split('\t') : []], columns);
                    continue;
                }

                // Without its id and times, which no facts are.
                var text = string.Join(
                    '\t', cells.Select((cell, i) => sessionColumns.ElementAtOrDefault(i) is "sessionid" or "createdat" ? "" : cell));
                sessions[id] = known.TryGetValue(text, out var same) ? same : text;
                known.Add(text);
            }
        }
    }

    // As COPY writes a text; a tab in it does not matter here. From left to right: in "C:\\temp" the second backslash belongs to the first.
    private static string Unescaped(string cell)
    {
        if (cell == "\\N" || !cell.Contains('\\', StringComparison.Ordinal))
        {
            return cell;
        }

        var text = new StringBuilder(cell.Length);
        for (var i = 0; i < cell.Length; i++)
        {
            var isEscape = cell[i] == '\\' && i + 1 < cell.Length;
            text.Append(!isEscape ? cell[i] : cell[++i] is 't' or 'n' or 'r' or 'b' or 'f' or 'v' ? ' ' : cell[i]);
        }

        return text.ToString();
    }
}
