using Bioscope.Core;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Erasing;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Tests.Support;

/// <summary>A row of a creator in each table of the main database, whose texts can be searched for.</summary>
internal static class FilledTables
{
    /// <summary>The tables of a database with their columns and types.</summary>
    public static async Task<ILookup<string, (string Column, string Type)>> SchemaAsync(Database database) => (await database.QueryAsync(
        database.Dialect.Name == "SQLite"
            ? "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
            : "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'",
        row => (Table: row.GetString(0), Column: row.GetString(1), Type: row.GetString(2)),
        TestContext.Current.CancellationToken)).ToLookup(row => row.Table, row => (row.Column, row.Type));

    /// <summary>Inserts the rows. Every text begins with <paramref name="mark"/>, except where only some values are allowed.</summary>
    public static async Task FillAsync(TestApp app, Creator creator, string email, string account, string mark)
    {
        var hook = Guid.NewGuid();
        var schema = await SchemaAsync(app.Main);
        foreach (var (table, _) in ErasedRows.Conditions.Where(table => table.Table is not ("User" or "CreatorProfile" or "BioPage")))
        {
            await InsertAsync(app.Main, table, [.. schema[table]], (column, type) => Value(table, column, type));
        }

        await app.Main.ExecuteAsync(
            """UPDATE "BioPage" SET "title" = @title, "description" = @title, "icons" = @title WHERE "id" = @page""",
            TestContext.Current.CancellationToken, ("@title", mark + "-BioPage"), ("@page", creator.BioPageId));

        object? Value(string table, string column, string type) => (table, column) switch
        {
            (_, "bioPageId") => creator.BioPageId,
            (_, "userId") => creator.UserId,
            ("Webhook", "id") or ("WebhookDelivery", "webhookId") => hook,
            (_, "email") => email,
            ("LoginAttempt", "account") => account,
            (_, "role") => "viewer",
            (_, "scope") => "read",
            ("Outbox", "key") => $"{mark}:{creator.BioPageId:D}",
            ("Passkey", "id") => mark + "-Passkey",
            (_, "id" or "linkId") => Guid.NewGuid(),
            _ => type.ToUpperInvariant() switch
            {
                "TEXT" => $"{mark}-{table}-{column}",
                "BLOB" or "BYTEA" => System.Text.Encoding.UTF8.GetBytes($"{mark}-{table}-{column}"),
                "BOOLEAN" => false,
                var instant when instant.StartsWith("TIMESTAMP", StringComparison.Ordinal) => app.Clock.GetUtcNow() + TimeSpan.FromMinutes(10), // not expired
                _ when column is "until" or "at" or "dueAt" || column.EndsWith("At", StringComparison.Ordinal) =>
                    app.Clock.GetUtcNow() + TimeSpan.FromMinutes(10),
                _ => 1,
            },
        };
    }

    /// <summary>Inserts a row of a page into a table of the analytics database; nothing else reads its values.</summary>
    public static Task AddAnyRowAsync(TestApp app, string table, (string Column, string Type)[] columns, Guid page)
    {
        return InsertAsync(app.Analytics, table, columns, (column, type) => Value(column, type.ToUpperInvariant()));

        object Value(string column, string type) => column switch
        {
            "bioPageId" => page,
            "id" or "sessionId" or "userId" or "linkClicked" or "lastPageViewId" => Guid.NewGuid(),
            _ when type is "BLOB" or "BYTEA" => new byte[] { 1 },
            _ when type == "BOOLEAN" => true,
            _ when type.StartsWith("TIMESTAMP", StringComparison.Ordinal) => app.Clock.GetUtcNow(),
            _ => type == "TEXT" ? "x" : 1,
        };
    }

    /// <summary>How many rows of a table have a value in which the text occurs.</summary>
    public static async Task<int> FindAsync(Database database, string text)
    {
        var found = 0;
        foreach (var table in await SchemaAsync(database))
        {
            var cells = string.Join(" || ' ' || ", table.Select(column => database.Dialect.Name == "SQLite"
                ? $"COALESCE(CAST(\"{column.Column}\" AS TEXT), '')"
                : column.Type == "bytea" ? $"COALESCE(encode(\"{column.Column}\", 'escape'), '')" : $"COALESCE(\"{column.Column}\"::text, '')"));
            found += (await database.QueryAsync(
                $$"""SELECT COUNT(*) FROM "{{table.Key}}" WHERE {indexOf}({{cells}}, @text) > 0""", row => row.GetInt32(0),
                TestContext.Current.CancellationToken, ("@text", text)))[0];
        }

        return found;
    }

    /// <summary>Stores sessions, each with one page view at its start.</summary>
    public static async Task AddVisitsAsync(TestApp app, List<SessionRow> sessions, string? path = null)
    {
        await app.Analytics.InsertAsync(SessionRow.Table, sessions, TestContext.Current.CancellationToken);
        await app.Analytics.InsertAsync(
            PageViewRow.Table,
            sessions.ConvertAll(session => new PageViewRow
            {
                BioPageId = session.BioPageId,
                Id = Guid.NewGuid(),
                SessionId = session.Id,
                EnteredAt = session.StartedAt,
                Path = path,
            }),
            TestContext.Current.CancellationToken);
    }

    /// <summary>Seals all visits of a page and writes its segments.</summary>
    public static async Task SealAsync(TestApp app, Creator creator)
    {
        var (fence, cancelled) = (Grain.Hour.Floor(app.Clock.GetUtcNow()), TestContext.Current.CancellationToken);
        await app.Analytics.ExecuteAsync(
            """INSERT INTO "Fence" ("id", "at") VALUES (1, @at) ON CONFLICT ("id") DO UPDATE SET "at" = excluded."at" """, cancelled, ("@at", fence));
        await new Sealer(app.Analytics).SealAsync(creator.BioPageId, fence, cancelled, minRows: 0);
        await new Segmenter(app.Analytics) { MinRows = 0 }.AdvanceAsync(creator.BioPageId, fence, cancelled);
        foreach (var table in (string[])["Rollup", "RollupVisitors", "Segment", "SegmentColumn"])
        {
            Assert.True((await app.Analytics.QueryAsync(
                $"""SELECT COUNT(*) FROM "{table}" WHERE "bioPageId" = @page""", row => row.GetInt64(0), cancelled, ("@page", creator.BioPageId)))[0] > 0, table);
        }
    }

    /// <summary>Whether a text is in the bytes of a file, which others may have open.</summary>
    public static bool IsIn(string file, string text)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray().AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0;
    }

    private static Task<int> InsertAsync(
        Database database, string table, (string Column, string Type)[] columns, Func<string, string, object?> valueOf)
    {
        var names = string.Join(", ", columns.Select(column => $"\"{column.Column}\""));
        var values = columns.Select((column, i) => ($"@v{i}", valueOf(column.Column, column.Type))).ToArray();
        return database.ExecuteAsync(
            $"""INSERT INTO "{table}" ({names}) VALUES ({string.Join(", ", values.Select(value => value.Item1))})""",
            TestContext.Current.CancellationToken,
            values);
    }
}
