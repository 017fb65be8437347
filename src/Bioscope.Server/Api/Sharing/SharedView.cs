using System.Data.Common;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Rows;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Auditing;
using Bioscope.Server.Web;

namespace Bioscope.Server.Api.Sharing;

/// <summary>A read-only link to a view of the figures of a page, which opens without signing in.</summary>
internal sealed record SharedView(
    [property: JsonPropertyOrder(-4)] Guid Id,
    [property: JsonPropertyOrder(-3)] string Title,
    Guid? Link,
    IReadOnlyList<string> Blocks,
    bool ShowsName,
    IReadOnlyList<string> EmbedOrigins,
    [property: JsonConverter(typeof(InstantConverter))] DateTimeOffset? ExpiresAt,
    [property: JsonConverter(typeof(InstantConverter))] DateTimeOffset CreatedAt,
    [property: JsonConverter(typeof(InstantConverter))] DateTimeOffset? LastUsedAt,
    [property: JsonConverter(typeof(InstantConverter))] DateTimeOffset? FrozenAt)
{
    /// <summary>The maximum of a page: the list is one page, and each is a decision that its creator should remember.</summary>
    public const int Max = 100;

    private const string Columns =
        """
        "id", "bioPageId", "title", "question", "linkId", "blocks", "showsName", "passwordHash", "embedOrigins", "expiresAt", "createdAt",
          "lastUsedAt", "frozenAt"
        """;

    private const string ListSql = $"""
        -- shared views
        SELECT {Columns} FROM "SharedView" WHERE "bioPageId" = @page ORDER BY "createdAt" DESC, "id"
        """;

    private const string OfIdSql = $"""
        -- shared view
        SELECT {Columns} FROM "SharedView" WHERE "id" = @id
        """;

    private const string OfPageSql = OfIdSql + """ AND "bioPageId" = @page""";

    private const string ProofSql = """
        -- proof of shared view
        SELECT "proof" FROM "SharedView" WHERE "id" = @id AND "proof" IS NOT NULL
        """;

    // Of two requests to freeze it only one does.
    private const string KeepProofSql = """
        -- freeze shared view
        UPDATE "SharedView" SET "proof" = @proof, "frozenAt" = @now WHERE "id" = @id AND "bioPageId" = @page AND "proof" IS NULL
        """;

    private const string LinkSql = """
        -- link of shared view
        SELECT COUNT(*) FROM "BioLink" WHERE "id" = @link AND "bioPageId" = @page AND NOT "heading"
        """;

    private const string CountSql = """
        -- count shared views
        SELECT COUNT(*) FROM "SharedView" WHERE "bioPageId" = @page
        """;

    private const string RemoveSql = """
        -- remove shared view
        DELETE FROM "SharedView" WHERE "id" = @id AND "bioPageId" = @page
        """;

    private const string UseSql = """
        -- use shared view
        UPDATE "SharedView" SET "lastUsedAt" = @now WHERE "id" = @id
        """;

    // Often enough for "last opened", and one write for each hour in which someone looks.
    private static readonly TimeSpan UseEvery = TimeSpan.FromHours(1);

    /// <summary>Whose figures; like the other internal ones, not in the JSON.</summary>
    internal Guid PageId { get; init; }

    internal SharedQuestion Asked { get; init; } = SharedQuestion.Usual;

    internal string? PasswordHash { get; init; }

    /// <summary>Where it is opened.</summary>
    [JsonPropertyOrder(-2)]
    public string Url { get; init; } = "";

    /// <summary>What is counted, in the form of a query.</summary>
    [JsonPropertyOrder(-1)]
    public JsonObject Question => Asked.ToJson();

    /// <summary>Whether viewers need a password.</summary>
    public bool HasPassword => PasswordHash is not null;

    /// <summary>The page's shared views, newest first.</summary>
    public static async Task<List<SharedView>> ReadAsync(HttpContext http, Guid page)
    {
        var main = MainOf(http);
        var views = await main.QueryAsync(ListSql, row => Of(main.Dialect, row), http.RequestAborted, ("@page", page));
        return views.ConvertAll(view => view.At(http));
    }

    /// <summary>The page's view with that id; null when it has none.</summary>
    public static async Task<SharedView?> OfIdAsync(HttpContext http, Guid page, Guid id)
    {
        var main = MainOf(http);
        var found = await main.QueryAsync(OfPageSql, row => Of(main.Dialect, row), http.RequestAborted, ("@id", id), ("@page", page));
        return found is [var view] ? view.At(http) : null;
    }

    /// <summary>The text of a view's proof; null when it is not frozen.</summary>
    public async Task<string?> ProofAsync(HttpContext http) =>
        await MainOf(http).QueryAsync(ProofSql, row => row.GetString(0), http.RequestAborted, ("@id", Id)) is [var proof] ? proof : null;

    /// <summary>Freezes a view, unless it is frozen.</summary>
    public Task KeepProofAsync(HttpContext http, DateTimeOffset now, string proof) => MainOf(http).ExecuteAsync(
        KeepProofSql, http.RequestAborted, ("@id", Id), ("@page", PageId), ("@now", now), ("@proof", proof));

    /// <summary>The view of a link's token; null when there is none, or none any more.</summary>
    public static async Task<SharedView?> OfTokenAsync(HttpContext http, string token)
    {
        var (main, now) = (MainOf(http), http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        // Also for a made-up token, so that an answer takes the same time whatever is wrong with it.
        var id = http.RequestServices.GetRequiredService<SharedLinks>().ViewOf(token) ?? Guid.Empty;
        var found = await main.QueryAsync(OfIdSql, row => Of(main.Dialect, row), http.RequestAborted, ("@id", id));
        return found is [var view] && !(view.ExpiresAt <= now) ? view.At(http) : null;
    }

    /// <summary>Shares a view of a page.</summary>
    public static async Task<(SharedView? View, ApiError? Refusal)> AddAsync(HttpContext http, Guid page, SharedViewFields fields)
    {
        var passwordHash = fields.Password is { } password ? await HashAsync(http, password) : null;
        if (fields.Password is not null && passwordHash is null)
        {
            return (null, ApiError.Unavailable);
        }

        // A random id, because it is part of the link: one made from the time would tell viewers when.
        var row = new SharedViewRow(
            Guid.NewGuid(), page, fields.Title, fields.Question.ToText(), string.Join(' ', fields.Blocks),
            http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow())
        {
            LinkId = fields.Link,
            ShowsName = fields.ShowsName,
            PasswordHash = passwordHash,
            EmbedOrigins = fields.EmbedOrigins.Count == 0 ? null : string.Join('\n', fields.EmbedOrigins),
            ExpiresAt = fields.ExpiresAt,
        };
        var refusal = await BioEditing.HoldingAsync(http, page, async (main, transaction) =>
        {
            if (fields.Link is { } link && await CountAsync(LinkSql, ("@link", link)) == 0)
            {
                return ApiError.Invalid("link must be a link of your page");
            }

            if (await CountAsync(CountSql) >= Max)
            {
                return ApiError.Conflict($"a page has at most {Max} shared views");
            }

            await main.Dialect.InsertAsync(transaction, SharedViewRow.Table, [row], http.RequestAborted);
            return null;

            async Task<long> CountAsync(string sql, params (string Name, object? Value)[] more) => (await main.Dialect.QueryAsync(
                transaction, sql, found => found.GetInt64(0), http.RequestAborted, [("@page", page), .. more]))[0];
        });
        if (refusal is not null)
        {
            return (null, refusal);
        }

        await Audit.WriteAsync(http, AuditKind.ViewShared, page: page, subject: row.Id.ToString("D"));
        var view = new SharedView(
            row.Id, fields.Title, fields.Link, fields.Blocks, fields.ShowsName, fields.EmbedOrigins, fields.ExpiresAt, row.CreatedAt, null, null)
        {
            PageId = page,
            Asked = fields.Question,
            PasswordHash = passwordHash,
        };
        return (view.At(http), null);
    }

    /// <summary>Removes a view: its link leads nowhere from now on.</summary>
    /// <returns>False when the page does not have it.</returns>
    public static async Task<bool> RemoveAsync(HttpContext http, Guid page, Guid id)
    {
        if (await MainOf(http).ExecuteAsync(RemoveSql, http.RequestAborted, ("@id", id), ("@page", page)) != 1)
        {
            return false;
        }

        await Audit.WriteAsync(http, AuditKind.ViewRevoked, page: page, subject: id.ToString("D"));
        return true;
    }

    /// <summary>Stores that someone looked at it, to the hour.</summary>
    public async Task UseAsync(HttpContext http)
    {
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        if (!(LastUsedAt > now - UseEvery))
        {
            await MainOf(http).ExecuteAsync(UseSql, http.RequestAborted, ("@id", Id), ("@now", now));
        }
    }

    // Hashing is slow on purpose, so it waits for its turn among the sign-ins.
    private static async Task<string?> HashAsync(HttpContext http, string password)
    {
        var passwords = http.RequestServices.GetRequiredService<Passwords>();
        if (!await passwords.TryEnterAsync(http.RequestAborted))
        {
            return null;
        }

        try
        {
            return Passwords.Hash(password);
        }
        finally
        {
            passwords.Leave();
        }
    }

    private SharedView At(HttpContext http) => this with
    {
        Url = ServerUrl.Of(http) + http.RequestServices.GetRequiredService<SharedLinks>().PathOf(Id),
    };

    private static SharedView Of(SqlDialect dialect, DbDataReader row)
    {
        return new SharedView(
            dialect.ReadGuid(row, 0), row.GetString(2), row.IsDBNull(4) ? null : dialect.ReadGuid(row, 4), row.GetString(5).Split(' '),
            row.GetBoolean(6), Text(8)?.Split('\n') ?? [], Instant(9), dialect.ReadInstant(row, 10), Instant(11), Instant(12))
        {
            PageId = dialect.ReadGuid(row, 1),
            Asked = SharedQuestion.Parse(row.GetString(3)),
            PasswordHash = Text(7),
        };

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);

        DateTimeOffset? Instant(int column) => row.IsDBNull(column) ? null : dialect.ReadInstant(row, column);
    }

    private static MainDatabase MainOf(HttpContext http) => http.RequestServices.GetRequiredService<MainDatabase>();
}
