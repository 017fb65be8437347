using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Exporting;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Data;

/// <summary>
/// Everything that the server has about a creator, as one ZIP file that is written while it is received: <c>bioscope.ndjson</c>, which
/// <c>bioscope import</c> reads, to the same rows; the same rows as CSV files, for spreadsheets; <c>account.json</c>, and the pictures.
/// </summary>
internal sealed class DataArchive(MainDatabase main, AnalyticsDatabase analytics, TimeProvider clock)
{
    private const int FlushedAt = 1 << 16;

    // As the import reads it.
    private static readonly ExportField[] CreatorFields =
    [
        new("userId", ColumnType.Uuid), new("creatorId", ColumnType.Uuid), new("bioPageId", ColumnType.Uuid), new("email", ColumnType.Text),
        new("handle", ColumnType.Text), new("title", ColumnType.Text), new("description", ColumnType.Text), new("timeZone", ColumnType.Text),
        new("theme", ColumnType.Text), new("colour", ColumnType.Text), new("font", ColumnType.Text), new("icons", ColumnType.Text),
        new("published", ColumnType.Boolean), new("sourceRules", ColumnType.Text), new("showsReferrerSpam", ColumnType.Boolean),
        new("createdAt", ColumnType.Instant),
    ];

    private const string CreatorSql = """
        (SELECT account."id" AS "userId", creator."id" AS "creatorId", page."id" AS "bioPageId", account."email", page."handle",
          page."title", page."description", page."timeZone", page."theme", page."colour", page."font", page."icons", page."published",
          page."sourceRules", page."showsReferrerSpam", page."createdAt"
        FROM "CreatorProfile" creator JOIN "BioPage" page ON page."creatorId" = creator."id"
        LEFT JOIN "User" account ON account."id" = creator."userId") AS "row"
        """;

    private const string PicturesSql = """
        -- pictures of archive
        SELECT "small", "large" FROM "Avatar" WHERE "bioPageId" = @page
        """;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the archive of a user.</summary>
    /// <param name="user">The user, who may have no page.</param>
    /// <param name="target">Gets the file; it need not be seekable.</param>
    /// <param name="cancellationToken">Ends writing.</param>
    public async Task WriteAsync(Guid user, Stream target, CancellationToken cancellationToken)
    {
        var page = await CreatorStore.PageOfUserAsync(main, user, cancellationToken);
        // Before the first byte, so that a database that is away is an answer and not half a file.
        var account = await AccountAsync(user, page, cancellationToken);
        var until = await EndAsync(page ?? Guid.Empty, cancellationToken);
        await using var written = new AsyncWrites(target);
        await using var zip = await ZipArchive.CreateAsync(written, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, cancellationToken);
        await WriteAsync(zip, "account.json", account, CompressionLevel.Optimal, cancellationToken);
        if (page is not { } exported)
        {
            return;
        }

        await WriteLinesAsync(zip, user, exported, until, cancellationToken);
        foreach (var kind in ExportKind.All)
        {
            await using var csv = await EntryAsync(zip, kind.Type + "s.csv", cancellationToken);
            await csv.WriteAsync(CsvText.Line(kind.Fields.Select(field => field.Name)));
            await foreach (var row in RowsAsync(kind, exported, until, cancellationToken))
            {
                await csv.WriteAsync(CsvText.Line(row.Select(Cell)));
            }
        }

        foreach (var (small, large) in await main.QueryAsync(
            PicturesSql, row => ((byte[])row.GetValue(0), (byte[])row.GetValue(1)), cancellationToken, ("@page", exported)))
        {
            await WriteAsync(zip, "picture-96.webp", small, CompressionLevel.NoCompression, cancellationToken);
            await WriteAsync(zip, "picture-256.webp", large, CompressionLevel.NoCompression, cancellationToken);
        }
    }

    /// <summary>
    /// Now, or when the page's newest row is: one of tomorrow, which a clock that was ahead has stored, belongs to the creator too.
    /// </summary>
    private async Task<DateTimeOffset> EndAsync(Guid page, CancellationToken cancellationToken)
    {
        var (now, max) = (clock.GetUtcNow(), DateTimeOffset.MaxValue);
        var newest = await NewestRow.UntilAsync(analytics, AsyncEnumerable.Repeat(page, 1), max, enough: max, cancellationToken);
        return newest > now ? newest.Value : now;
    }

    private async Task WriteLinesAsync(ZipArchive zip, Guid user, Guid page, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var lines = await zip.CreateEntry("bioscope.ndjson", CompressionLevel.Optimal).OpenAsync(cancellationToken);
        using var buffer = new MemoryStream();
        await using var json = new Utf8JsonWriter(buffer, Json);
        foreach (var row in await ExportedRows.AllAsync(
            main, CreatorSql, CreatorFields, "\"userId\" = @user", cancellationToken, ("@user", user)))
        {
            WriteLine("creator", CreatorFields, row);
        }

        foreach (var kind in ExportKind.All)
        {
            await foreach (var row in RowsAsync(kind, page, until, cancellationToken))
            {
                WriteLine(kind.Type, kind.Fields, row);
                if (buffer.Length > FlushedAt)
                {
                    await FlushAsync();
                }
            }
        }

        await FlushAsync();

        void WriteLine(string type, IReadOnlyList<ExportField> fields, object?[] values)
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            WriteValues(json, fields, values);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            buffer.WriteByte((byte)'\n');
        }

        async Task FlushAsync()
        {
            await lines.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
            buffer.SetLength(0);
        }
    }

    private async Task<byte[]> AccountAsync(Guid user, Guid? page, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        await using (var json = new Utf8JsonWriter(text, Json with { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("exportedAt", clock.GetUtcNow().ToText());
            foreach (var table in AccountTables.All)
            {
                json.WriteStartArray(table.Name);
                foreach (var row in page is null && table.Condition.Contains("@page", StringComparison.Ordinal) ? []
                    : await ExportedRows.AllAsync(
                        main, $"\"{table.Table}\"", table.Fields, table.Condition, cancellationToken,
                        table.Condition.Contains("@page", StringComparison.Ordinal) ? ("@page", page) : ("@user", user)))
                {
                    json.WriteStartObject();
                    WriteValues(json, table.Fields, row);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return text.ToArray();
    }

    private IAsyncEnumerable<object?[]> RowsAsync(ExportKind kind, Guid page, DateTimeOffset until, CancellationToken cancellationToken) =>
        ExportedRows.ReadAsync(ExportKind.Main.Contains(kind) ? main : analytics, kind, page, until, cancellationToken);

    private static async Task<StreamWriter> EntryAsync(ZipArchive zip, string name, CancellationToken cancellationToken) => new(
        await zip.CreateEntry(name, CompressionLevel.Optimal).OpenAsync(cancellationToken), new UTF8Encoding(false), FlushedAt);

    private static async Task WriteAsync(
        ZipArchive zip, string name, byte[] content, CompressionLevel compression, CancellationToken cancellationToken)
    {
        await using var entry = await zip.CreateEntry(name, compression).OpenAsync(cancellationToken);
        await entry.WriteAsync(content, cancellationToken);
    }

    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<ExportField> fields, object?[] values)
    {
        foreach (var (field, value) in fields.Zip(values))
        {
            switch (value)
            {
                case null:
                    break; // absent, as the import reads it
                case string icons when field.Name == "icons":
                    json.WriteStartArray(field.Name);
                    foreach (var icon in icons.Split('\n'))
                    {
                        json.WriteStringValue(icon);
                    }

                    json.WriteEndArray();
                    break;
                case bool flag:
                    json.WriteBoolean(field.Name, flag);
                    break;
                case long number:
                    json.WriteNumber(field.Name, number);
                    break;
                default:
                    json.WriteString(field.Name, Cell(value).ToString());
                    break;
            }
        }
    }

    private static object Cell(object? value) => value switch
    {
        null => "",
        Guid id => id.ToString("D"),
        DateTimeOffset instant => instant.ToText(),
        bool flag => flag ? "true" : "false",
        _ => value,
    };
}
